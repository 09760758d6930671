// SPDX-License-Identifier: BSD-2-Clause
// One run: source -> filter -> decoder -> sinks, with lost(n) beside it, until the source ends or a
// signal comes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <spc/sink.h>
#include <spc/source.h>

// Everything is borrowed.
struct spc_session {
    struct spc_source *source;
    void *context;                                                // handed to filter and decode
    bool (*filter)(void *context, const struct spc_event *event); // NULL: everything passes
    void (*decode)(void *context, struct spc_event *event);       // NULL: sinks need no rendering
    struct spc_sink **sinks;
    size_t sink_count;
    bool are_signals_ignored; // see spc_loop_begin()
    // Results.
    struct spc_stats stats;
    int signal; // that ended the run, or 0
};

// Returns 0 at the natural end and after a signal. After a failure (of the source, of a sink) the
// source has been stopped all the same: targets run on.
int spc_session_run(struct spc_session *session, struct spc_err *err);
