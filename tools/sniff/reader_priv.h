// SPDX-License-Identifier: BSD-2-Clause
// What the readers of both formats share.
#pragma once

#include "reader.h"

struct sniff_reader {
    int fd;
    char *path;
    uint8_t *buf; // [at, len) is not consumed yet
    size_t at, len, cap;
    uint64_t offset; // in the file, for messages
    bool is_ng, is_swapped, is_nano;
    uint64_t packets;
    struct sniff_ifaces ifaces; // source: the section, ifindex: number within it
    unsigned section, ifaces_in_section;
    char *comment; // of the current packet
};

// The next `count` bytes, valid until the next call. 1: here they are, 0: end of file in front of
// them, else an error.
int sniff_reader_take(struct sniff_reader *reader, size_t count, const uint8_t **ret,
                      struct spc_err *err);
int sniff_reader_peek(struct sniff_reader *reader, size_t count, const uint8_t **ret,
                      struct spc_err *err);
uint16_t sniff_reader_u16(const struct sniff_reader *reader, const uint8_t *p);
uint32_t sniff_reader_u32(const struct sniff_reader *reader, const uint8_t *p);
int sniff_reader_damaged(struct sniff_reader *reader, const char *what, struct spc_err *err);
// NULL without memory.
struct sniff_iface *sniff_reader_add_iface(struct sniff_reader *reader, int linktype);

int sniff_reader_next_ng(struct sniff_reader *reader, struct sniff_packet *ret,
                         struct spc_err *err);
