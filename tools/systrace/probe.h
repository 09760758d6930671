// SPDX-License-Identifier: BSD-2-Clause
// The BPF programs: load, attach, read.
#pragma once

#include <stdint.h>

#include <spc/err.h>
#include <spc/own.h>

#include "calls.h"
#include "sample.h"
#include "scope.h"

// From the most to the least that a kernel offers; the names are the values of --probe.
enum probe_kind {
    SYSTRACE_PROBE_BTF,  // slot of the CPU, sched_switch, kernel types
    SYSTRACE_PROBE_SLOT, // the same without BTF: no run-queue time, no 32-bit calls apart
    SYSTRACE_PROBE_HASH, // hash keyed by thread: no time blocked either
    SYSTRACE_PROBE_MAX,
    SYSTRACE_PROBE_AUTO = -1,
    SYSTRACE_PROBE_EMPTY = -2, // two programs that do nothing, to measure against
};
const char *systrace_probe_kind_name(enum probe_kind kind);

struct probe_options {
    const struct scope *scope;
    const struct call_filter *filter;
    int kind;        // enum probe_kind
    uint64_t memory; // bytes for statistics; 0: default
};

struct probe;

// Loads, does not attach. Tries kinds from the best on unless one was asked for.
int systrace_probe_open(const struct probe_options *options, struct probe **ret,
                        struct spc_err *err);
void systrace_probe_free(struct probe *probe);
SPC_DEFINE_CLEANUP(struct probe *, systrace_probe_free)

enum probe_kind systrace_probe_get_kind(const struct probe *probe);

// From here on calls are timed; calls in progress are noted.
int systrace_probe_attach(struct probe *probe, struct spc_err *err);
// Afterwards nothing changes any more.
int systrace_probe_detach(struct probe *probe, struct spc_err *err);

// What was measured since attach. Sorted; calls still in progress are in `flights`.
int systrace_probe_read(struct probe *probe, struct call_names *names, struct sample *ret,
                        struct spc_err *err);
