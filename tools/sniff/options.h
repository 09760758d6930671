// SPDX-License-Identifier: BSD-2-Clause
// The options of sniff as data. Letters and meanings are tcpdump's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/opt.h>

#include "filter.h"

#define SNIFF_SNAPLEN 262144u // tcpdump's default, and its limit

struct sniff_config {
    // what to capture
    const char *interface;
    uint64_t count;
    uint64_t duration_ns;
    uint32_t snaplen;
    uint32_t buffer_kib;
    int way; // enum sniff_way
    bool is_promisc_off;
    const char *filter_file;
    bool is_headers_only;
    // files
    const char *write, *read;
    bool is_pcap, is_unbuffered, is_printed;
    uint32_t rotate_mb, rotate_seconds, rotate_count;
    // text
    unsigned numeric, verbose, hex, hex_ascii, ascii, time_level, dump;
    bool is_quiet, has_link, has_raw_seq, is_unchecked, is_line_buffered, is_nano, is_numbered;
    bool is_json, is_count_only;
    // questions
    bool is_list_interfaces, is_list_linktypes;
    const char *linktype;
};

extern const struct spc_opt sniff_opts[];
extern const struct spc_example sniff_examples[];
extern const struct sniff_config sniff_defaults;

// Contradictions, and what does not exist yet: one usage error each.
int sniff_options_check(const struct sniff_config *config, struct spc_err *err);

// What is left on the command line.
struct sniff_operands {
    struct spc_strv targets; // none: the network namespace sniff runs in
    char *filter;            // never NULL; "" for none
};

void sniff_operands_free(struct sniff_operands *operands);

// The first word is a list of targets unless it can only begin a filter ("tcp", "not", "("), so
// that a line written for tcpdump works. `host` alone, or before anything but an address, is both:
// a target and the filter's own word; the rest means the same either way.
int sniff_operands_parse(int argc, char **argv, const char *filter_file, bool has_targets,
                         struct sniff_operands *ret, struct spc_err *err);
