// SPDX-License-Identifier: BSD-2-Clause
// The sinks that print: tcpdump-like lines, JSON lines.
#pragma once

#include "dissect.h"
#include "sink.h"
#include "stamp.h"

struct sniff_text_options {
    struct dissect_options dissect;
    unsigned hex, hex_ascii, ascii; // -x, -X, -A; 2: with the link header
    unsigned time_level;            // -t
    bool is_nano;
    bool is_numbered;      // -#
    bool has_interface;    // name the interface: more than one is possible
    bool is_line_buffered; // -l
    bool is_json;
    int fd; // borrowed
};

int sniff_text_new(const struct sniff_text_options *options, struct sniff_sink **ret,
                   struct spc_err *err);
// Prints nothing: the total is in the statistics.
int sniff_count_new(struct sniff_sink **ret, struct spc_err *err);
