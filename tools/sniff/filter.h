// SPDX-License-Identifier: BSD-2-Clause
// The filter language: compiled by libpcap, run by the kernel or here.
//
// This header has no libpcap type in it: <pcap/pcap.h> and <linux/bpf.h> do not go together.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/err.h>
#include <spc/own.h>

#include "packet.h"

// Classic BPF, laid out as struct sock_filter and struct bpf_insn are.
struct sniff_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

struct sniff_prog {
    struct sniff_insn *insns;
    size_t count;
};

void sniff_prog_free(struct sniff_prog *prog);
#define sniff_auto_prog SPC_CLEANUP(sniff_prog_free)

enum sniff_way { SNIFF_WAY_BOTH, SNIFF_WAY_IN, SNIFF_WAY_OUT };

// For one link type. `expression` may be empty. A bad one is a usage error with libpcap's own
// words and the expression in it.
int sniff_filter_compile(const char *expression, int linktype, uint32_t snaplen,
                         struct sniff_prog *ret, struct spc_err *err);

// For a packet socket that sees interfaces of all types: a prelude on the frame's hardware type
// chooses among the programs for Ethernet and for bare IP. It also drops the second copy of
// each loopback frame, and the direction that was not asked for.
int sniff_filter_compile_any(const char *expression, uint32_t snaplen, enum sniff_way way,
                             struct sniff_prog *ret, struct spc_err *err);

// True when the expression looks at VLAN tags. The kernel keeps those beside the frame, where the
// compiled program does not find them, so such an expression is run here, on the restored frame.
bool sniff_filter_needs_tags(const char *expression);

// Accepted by the program?
bool sniff_filter_match(const struct sniff_prog *prog, const uint8_t *data, uint32_t caplen,
                        uint32_t len);

// -d, -dd, -ddd of tcpdump: human-readable, C, numbers.
void sniff_filter_dump(const struct sniff_prog *prog, unsigned level, struct spc_buf *out);
