// SPDX-License-Identifier: BSD-2-Clause
// Histograms of durations; the buckets are those of probes/buckets.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <buckets.h>

// Holds the buckets from the first to the last that was counted in. Zero-initialised: empty.
struct hist {
    uint64_t *count;
    unsigned first, size;
};

int systrace_hist_add(struct hist *hist, unsigned bucket, uint64_t count); // 0, -ENOMEM or -ERANGE
int systrace_hist_merge(struct hist *hist, const struct hist *other);
void systrace_hist_free(struct hist *hist);

uint64_t systrace_hist_get(const struct hist *hist, unsigned bucket);
uint64_t systrace_hist_total(const struct hist *hist);

// Upper bound of a bucket in ns, inclusive; of the last: infinity.
double systrace_hist_bound(unsigned bucket);

// The q-quantile (0 < q < 1) in ns, interpolated within its bucket in the logarithm, kept inside
// what was really seen: min..max. NAN for an empty histogram.
double systrace_hist_quantile(const struct hist *hist, double q, uint64_t min, uint64_t max);
// The same from the middle of its bucket: at most 4.4 % from the value that has this rank, but in
// steps of 9 %, so not for comparing.
double systrace_hist_middle(const struct hist *hist, double q, uint64_t min, uint64_t max);
// Whether there are enough calls for it: 10 beyond the quantile.
bool systrace_hist_can_tell(uint64_t count, double q);
