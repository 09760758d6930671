// SPDX-License-Identifier: BSD-2-Clause
// Where events end: text lines, a summary, JSON lines, later pcapng and recordings.
#pragma once

#include <stdint.h>

#include <spc/err.h>
#include <spc/event.h>
#include <spc/output.h>
#include <spc/own.h>

// What a run amounted to; handed to every sink at the end.
struct spc_stats {
    uint64_t events; // that passed the filter
    uint64_t lost;
};

struct spc_sink;

struct spc_sink_ops {
    const char *name;
    unsigned accepts; // SPC_EVENT_BIT()s; other kinds are not handed in
    int (*event)(struct spc_sink *sink, const struct spc_event *event, struct spc_err *err);
    // n events were lost just before the next one. May be NULL for sources that lose nothing.
    int (*lost)(struct spc_sink *sink, uint64_t n, struct spc_err *err);
    // Write what is buffered: called a few times a second. May be NULL.
    int (*flush)(struct spc_sink *sink, struct spc_err *err);
    // The last call before free, also after a failure. May be NULL.
    int (*end)(struct spc_sink *sink, const struct spc_stats *stats, struct spc_err *err);
    void (*free)(struct spc_sink *sink);
};

// First member of every sink's own struct.
struct spc_sink {
    const struct spc_sink_ops *ops;
};

static inline void spc_sink_free(struct spc_sink *sink)
{
    if (sink)
        sink->ops->free(sink);
}
SPC_DEFINE_CLEANUP(struct spc_sink *, spc_sink_free)

// One JSON object a line, by the field table of each kind. The output stays the caller's.
int spc_sink_json_open(struct spc_output *output, struct spc_sink **ret, struct spc_err *err);
