// SPDX-License-Identifier: BSD-2-Clause
// Reading capture files: pcap (micro- and nanoseconds, either byte order) and pcapng. Every length
// in a file is checked before it is believed.
#pragma once

#include <stdbool.h>

#include "filter.h"
#include "iface.h"
#include "sink.h"

struct sniff_reader;

// "-" is standard input.
int sniff_reader_open(const char *path, struct sniff_reader **ret, struct spc_err *err);
void sniff_reader_free(struct sniff_reader *reader);
SPC_DEFINE_CLEANUP(struct sniff_reader *, sniff_reader_free)

// The next packet; its bytes live until the next call. 1: one, 0: the end. A file that ends in the
// middle of a record, or is damaged, is an error after the last good packet.
int sniff_reader_next(struct sniff_reader *reader, struct sniff_packet *ret, struct spc_err *err);
const struct sniff_ifaces *sniff_reader_ifaces(const struct sniff_reader *reader);
