// SPDX-License-Identifier: BSD-2-Clause
// Where events come from: ptrace, a BPF ring buffer, a capture ring, a recording.
#pragma once

#include <stdint.h>

#include <spc/err.h>
#include <spc/event.h>
#include <spc/own.h>

struct spc_source;

struct spc_source_ops {
    const char *name;
    // Wait for the next event. 1 with *ret borrowed until the next call; 0 at the end; -EINTR when
    // a signal came first (nothing is lost, call again). No error is set for -EINTR.
    int (*next)(struct spc_source *source, struct spc_event **ret, struct spc_err *err);
    // Events lost since the last call, for sources that can lose some; may be NULL.
    uint64_t (*lost)(struct spc_source *source);
    // Let the targets go, unharmed. next() may then be called until it returns 0: the farewells.
    // `signal` is the one that ends us, or 0.
    int (*stop)(struct spc_source *source, int signal, struct spc_err *err);
    void (*free)(struct spc_source *source);
};

// First member of every source's own struct.
struct spc_source {
    const struct spc_source_ops *ops;
};

static inline void spc_source_free(struct spc_source *source)
{
    if (source)
        source->ops->free(source);
}
SPC_DEFINE_CLEANUP(struct spc_source *, spc_source_free)
