// SPDX-License-Identifier: BSD-2-Clause
// Two recordings, call by call.
#pragma once

#include <stdbool.h>

#include "recording.h"
#include "stats.h"

enum verdict {
    VERDICT_SLOWER,
    VERDICT_FASTER,
    VERDICT_EQUIVALENT,  // the change is known to be below the least that matters
    VERDICT_NO_EVIDENCE, // neither; `detectable` says what could have been found
    VERDICT_RATIO,       // a single run on a side: nothing can be said
    VERDICT_NEW,         // only after
    VERDICT_GONE,        // only before
    VERDICT_MAX,
};
const char *systrace_verdict_name(enum verdict verdict);

enum measure_kind {
    MEASURE_P50, // of durations
    MEASURE_P99, // of durations
    MEASURE_CPU, // median time on CPU: what the kernel's own path costs
    MEASURE_MAX,
};
const char *systrace_measure_name(enum measure_kind kind);

// A change of one figure, as a ratio after/before.
struct change {
    bool is_known;
    double before, after; // ns; geometric means over runs
    double ratio, low, high, q;
    double detectable; // ratio; NAN with a single run
    double least;      // ratio that matters: what the verdict was held against
    enum verdict verdict;
};

struct comparison {
    const char *group, *name; // borrowed from the recordings
    struct change change[MEASURE_MAX];
    enum verdict verdict;             // of all changes together
    double rate_before, rate_after;   // calls a second
    double share_before, share_after; // of the time measured, in threads: ns a ns
    double impact;                    // what the call's change costs: rate times change of the mean
    double blocked_before, blocked_after; // mean ns a call
    uint64_t errors_before, errors_after; // failed and refused
};

struct comparisons {
    struct comparison *items;
    size_t count; // by impact, the largest first
    size_t runs_before, runs_after;
    double least;    // minimum effect as a ratio, before probe floors
    double probe_ns; // difference of what the probes add to a call
};

struct compare_options {
    double least; // 0.05: changes below 5 % never matter
};

int systrace_compare(const struct recording *before, const struct recording *after,
                     const struct compare_options *options, struct comparisons *ret,
                     struct spc_err *err);
void systrace_comparisons_free(struct comparisons *comparisons);
