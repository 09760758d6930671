// SPDX-License-Identifier: BSD-2-Clause
// Where packets go: text, JSON, a capture file, a counter. A sink is an object of one of these
// constructors behind one table of functions.
#pragma once

#include <spc/err.h>
#include <spc/own.h>

#include "iface.h"
#include "packet.h"

struct sniff_sink;

struct sniff_totals {
    uint64_t captured; // went to the sinks
    uint64_t lost;     // the kernel had no room for these
    uint64_t start_ns, end_ns;
};

// What packet() returns when the last file that -W allows is full: the end, but no failure.
#define SNIFF_SINK_DONE 1

struct sniff_sink_ops {
    int (*packet)(struct sniff_sink *sink, const struct sniff_packet *packet, struct spc_err *err);
    // `count` frames were lost here; NULL where packet->lost_before is enough.
    int (*lost)(struct sniff_sink *sink, const char *where, uint64_t count, struct spc_err *err);
    // Nothing more to do right now: let it be seen.
    int (*flush)(struct sniff_sink *sink, uint64_t now_ns, struct spc_err *err);
    // The end, with all that is known about the interfaces.
    int (*finish)(struct sniff_sink *sink, const struct sniff_ifaces *ifaces,
                  const struct sniff_totals *totals, struct spc_err *err);
    void (*free)(struct sniff_sink *sink);
};

struct sniff_sink {
    const struct sniff_sink_ops *ops;
};

#define SNIFF_SINKS_MAX 2

struct sniff_sinks {
    struct sniff_sink *items[SNIFF_SINKS_MAX];
    size_t count;
};

void sniff_sinks_free(struct sniff_sinks *sinks);
int sniff_sinks_packet(struct sniff_sinks *sinks, const struct sniff_packet *packet,
                       struct spc_err *err);
int sniff_sinks_lost(struct sniff_sinks *sinks, const char *where, uint64_t count,
                     struct spc_err *err);
int sniff_sinks_flush(struct sniff_sinks *sinks, uint64_t now_ns, struct spc_err *err);
int sniff_sinks_finish(struct sniff_sinks *sinks, const struct sniff_ifaces *ifaces,
                       const struct sniff_totals *totals, struct spc_err *err);
