// SPDX-License-Identifier: BSD-2-Clause
// The sinks that write capture files.
#pragma once

#include "file.h"
#include "sink.h"

struct sniff_file_options {
    const char *path; // "-": standard output
    struct sniff_rotation rotation;
    bool is_unbuffered;
    uint32_t snaplen;
    const char *command; // the command line, for the section's comment
    const char *filter;  // the expression
    uint64_t now_ns;
};

// pcapng: any mixture of interfaces and link types.
int sniff_pcapng_new(const struct sniff_file_options *options, struct sniff_sink **ret,
                     struct spc_err *err);
// The classic format, nanoseconds: one link type. Frames of another one are an error that says so.
int sniff_pcap_new(const struct sniff_file_options *options, struct sniff_sink **ret,
                   struct spc_err *err);
