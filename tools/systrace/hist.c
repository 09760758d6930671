// SPDX-License-Identifier: BSD-2-Clause
#include "hist.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int grow(struct hist *hist, unsigned bucket)
{
    unsigned first = hist->size && hist->first < bucket ? hist->first : bucket;
    unsigned end = hist->first + hist->size;
    if (!hist->size || end < bucket + 1)
        end = bucket + 1;
    uint64_t *count = calloc(end - first, sizeof(*count));
    if (!count)
        return -ENOMEM;
    if (hist->size)
        memcpy(count + (hist->first - first), hist->count, hist->size * sizeof(*count));
    free(hist->count);
    *hist = (struct hist){.count = count, .first = first, .size = end - first};
    return 0;
}

int systrace_hist_add(struct hist *hist, unsigned bucket, uint64_t count)
{
    if (bucket >= HIST_BUCKETS)
        return -ERANGE;
    if (!hist->size || bucket < hist->first || bucket - hist->first >= hist->size) {
        int r = grow(hist, bucket);
        if (r < 0)
            return r;
    }
    hist->count[bucket - hist->first] += count;
    return 0;
}

int systrace_hist_merge(struct hist *hist, const struct hist *other)
{
    for (unsigned i = 0; i < other->size; i++) {
        int r = other->count[i] ? systrace_hist_add(hist, other->first + i, other->count[i]) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

void systrace_hist_free(struct hist *hist)
{
    free(hist->count);
    *hist = (struct hist){0};
}

uint64_t systrace_hist_get(const struct hist *hist, unsigned bucket)
{
    if (bucket < hist->first || bucket - hist->first >= hist->size)
        return 0;
    return hist->count[bucket - hist->first];
}

uint64_t systrace_hist_total(const struct hist *hist)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < hist->size; i++)
        total += hist->count[i];
    return total;
}

double systrace_hist_bound(unsigned bucket)
{
    return bucket >= HIST_BUCKETS - 1 ? INFINITY : exp2((HIST_LOWEST + (double)bucket) / 8);
}

static double quantile(const struct hist *hist, double q, uint64_t min, uint64_t max,
                       bool is_middle)
{
    uint64_t total = systrace_hist_total(hist);
    if (!total)
        return NAN;

    double rank = q * (double)total, below = 0, value = (double)max;
    for (unsigned i = 0; i < hist->size; i++) {
        double count = (double)hist->count[i];
        if (count > 0 && below + count >= rank) {
            unsigned bucket = hist->first + i;
            if (bucket == HIST_BUCKETS - 1)
                break; // beyond the scale: only the maximum is known
            double upper = (HIST_LOWEST + (double)bucket) / 8;
            double within = is_middle ? 0.5 : (rank - below) / count;
            value = exp2(upper - (1 - within) / 8);
            break;
        }
        below += count;
    }
    if (value < (double)min)
        return (double)min;
    return value > (double)max ? (double)max : value;
}

double systrace_hist_quantile(const struct hist *hist, double q, uint64_t min, uint64_t max)
{
    return quantile(hist, q, min, max, false);
}

double systrace_hist_middle(const struct hist *hist, double q, uint64_t min, uint64_t max)
{
    return quantile(hist, q, min, max, true);
}

bool systrace_hist_can_tell(uint64_t count, double q)
{
    // With a margin for 1 - q not being exact in binary.
    return (double)count * (1 - q) >= 10 - 1e-6;
}
