// SPDX-License-Identifier: BSD-2-Clause
// What was measured in one stretch of time: one run of a recording, or the live table so far.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/err.h>
#include <spc/own.h>

#include "calls.h"
#include "hist.h"

struct call_error {
    unsigned error; // errno
    uint64_t count;
};

// Statistics of one call of one group. Owns what it points to.
struct call_stats {
    char *group; // "" when everything is one group
    char *name;  // as systrace_call_name()
    enum abi abi;
    uint64_t count, total, min, max; // calls that returned; ns. min is UINT64_MAX without any
    uint64_t off, run_queue;         // parts of total: switched out; of that, waiting for a CPU
    uint64_t switched;               // calls that were switched out at least once
    uint64_t errors, restarts;       // failed; interrupted to be restarted (ERESTARTSYS...)
    uint64_t denied, no_entry, no_return;
    struct hist wall; // durations
    struct hist cpu;  // time on CPU of each call; empty while switched is 0: then the same as wall
    struct call_error *error_list;
    size_t error_count;
};

// A thread inside a system call.
struct in_flight {
    pid_t tid;
    char *comm;  // of the thread
    char *group; // "" as above
    char *name;  // of the call
    uint64_t ns; // for how long, at the end; 0 at the start: not known
    bool is_start;
};

enum lost_kind {
    SAMPLE_LOST_CELL,
    SAMPLE_LOST_CHUNK,
    SAMPLE_LOST_THREAD,
    SAMPLE_LOST_ERROR,
    SAMPLE_LOST_CPU,
    SAMPLE_LOST_MISSED, // programs that the kernel did not run because of recursion
    SAMPLE_LOST_MAX,
};
// "cell": the name in recordings. What it means for people: systrace_lost_text().
const char *systrace_lost_name(enum lost_kind kind);
const char *systrace_lost_text(enum lost_kind kind);

// Measured beside each run on the same machine (latency.md, section 5).
struct calibration {
    double spin;          // ns of a fixed loop in user space: the speed of the CPU
    double null_untraced; // ns of getppid(2) without and
    double null_traced;   // with the probes
    double quantum;       // ns between two different values of the clock
};

struct sample {
    uint64_t start;    // ns since the epoch
    uint64_t duration; // ns
    bool is_cut;       // ended by a signal before its time
    struct call_stats *calls;
    size_t call_count; // sorted by group, then name
    struct in_flight *flights;
    size_t flight_count;
    uint64_t lost[SAMPLE_LOST_MAX];
    struct calibration calibration;
};

void systrace_sample_free(struct sample *sample);
void systrace_call_free(struct call_stats *call);

uint64_t systrace_sample_lost(const struct sample *sample); // all kinds together
// Add one that is not there yet; *ret is borrowed until the next addition. Strings are copied.
int systrace_sample_append(struct sample *sample, const char *group, const char *name,
                           struct call_stats **ret);
// In a sorted sample; NULL when there is none.
struct call_stats *systrace_sample_find(const struct sample *sample, const char *group,
                                        const char *name);
// As if both were measured in one go. Samples have to be sorted, and the first one stays so.
int systrace_call_merge(struct call_stats *call, const struct call_stats *other);
int systrace_call_add_error(struct call_stats *call, unsigned error, uint64_t count);
int systrace_sample_merge(struct sample *sample, const struct sample *other);
void systrace_sample_sort(struct sample *sample);
int systrace_sample_flight(struct sample *sample, const struct in_flight *flight); // copies

// The histogram of times on CPU, which is that of durations where nothing was switched out.
static inline const struct hist *systrace_call_cpu(const struct call_stats *call)
{
    return call->switched ? &call->cpu : &call->wall;
}
