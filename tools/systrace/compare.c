// SPDX-License-Identifier: BSD-2-Clause
// The recording is the unit of replication, not the call: calls of one run share its boot, its
// neighbours and its clock frequency, and tests on them cry wolf (field/latency.md, section 5).
#include "compare.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static const char *const verdict_names[] = {
    [VERDICT_SLOWER] = "slower",
    [VERDICT_FASTER] = "faster",
    [VERDICT_EQUIVALENT] = "equivalent",
    [VERDICT_NO_EVIDENCE] = "no evidence",
    [VERDICT_RATIO] = "ratio only",
    [VERDICT_NEW] = "new",
    [VERDICT_GONE] = "gone",
};
static_assert(SPC_ARRAY_SIZE(verdict_names) == VERDICT_MAX, "every verdict has a name");

static const struct {
    const char *name;
    double quantile;
    bool is_cpu;
} measures[] = {
    [MEASURE_P50] = {"p50", 0.5, false},
    [MEASURE_P99] = {"p99", 0.99, false},
    [MEASURE_CPU] = {"cpu", 0.5, true},
};
static_assert(SPC_ARRAY_SIZE(measures) == MEASURE_MAX, "every measure has a row");

const char *systrace_verdict_name(enum verdict verdict)
{
    return verdict_names[verdict];
}

const char *systrace_measure_name(enum measure_kind kind)
{
    return measures[kind].name;
}

void systrace_comparisons_free(struct comparisons *c)
{
    free(c->items);
    *c = (struct comparisons){0};
}

// Log of the figure in each run that has enough calls for it. Returns their number.
static size_t get_values(const struct recording *r, const char *group, const char *name,
                         enum measure_kind kind, double *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < r->run_count; i++) {
        const struct call_stats *c = systrace_sample_find(&r->runs[i], group, name);
        if (!c || r->runs[i].is_cut || !systrace_hist_can_tell(c->count, measures[kind].quantile))
            continue;
        const struct hist *hist = measures[kind].is_cpu ? systrace_call_cpu(c) : &c->wall;
        uint64_t min = measures[kind].is_cpu ? 0 : c->min;
        double ns = systrace_hist_quantile(hist, measures[kind].quantile, min, c->max);
        if (ns > 0)
            ret[count++] = log(ns);
    }
    return count;
}

// The CPU figures of probes that cannot see it are those of durations: no second opinion.
static bool has_cpu(const struct recording *r)
{
    const char *kind = systrace_recording_meta(r, "probe.kind");
    return !kind || strcmp(kind, "hash") != 0;
}

struct work {
    const struct recording *before, *after;
    struct comparisons *ret;
    double *a, *b; // one value a run
};

static void compare_one(const struct work *w, const struct comparison *item, enum measure_kind kind,
                        struct change *ret)
{
    *ret = (struct change){.verdict = VERDICT_NO_EVIDENCE, .detectable = NAN, .q = NAN};
    if (measures[kind].is_cpu && !(has_cpu(w->before) && has_cpu(w->after)))
        return;
    size_t na = get_values(w->before, item->group, item->name, kind, w->a);
    size_t nb = get_values(w->after, item->group, item->name, kind, w->b);
    if (!na || !nb)
        return;
    struct moments a = systrace_moments(w->a, na), b = systrace_moments(w->b, nb);
    ret->is_known = true;
    ret->before = exp(a.mean);
    ret->after = exp(b.mean);
    ret->ratio = ret->low = ret->high = exp(b.mean - a.mean);
    // A probe that costs more on one side is no change of the kernel.
    double floor = w->ret->probe_ns / (ret->before < ret->after ? ret->before : ret->after);
    ret->least = 1 + (floor > w->ret->least ? floor : w->ret->least);
    ret->verdict = VERDICT_RATIO;
    if (na < 2 || nb < 2)
        return;
    struct welch test = systrace_welch(&a, &b);
    ret->low = exp(test.low);
    ret->high = exp(test.high);
    ret->q = test.p; // adjusted once all are there
    ret->detectable = exp(systrace_detectable(&test));
}

static enum verdict judge(const struct change *c)
{
    if (c->verdict == VERDICT_RATIO && isnan(c->q))
        return VERDICT_RATIO;
    if (!c->is_known)
        return VERDICT_NO_EVIDENCE;
    if (c->q < 0.05 && c->ratio > c->least)
        return VERDICT_SLOWER;
    if (c->q < 0.05 && c->ratio < 1 / c->least)
        return VERDICT_FASTER;
    if (c->low > 1 / c->least && c->high < c->least)
        return VERDICT_EQUIVALENT;
    return VERDICT_NO_EVIDENCE;
}

static int adjust(struct comparisons *all)
{
    size_t count = all->count * MEASURE_MAX;
    spc_auto_free double *p = calloc(count + 1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        p[i] = all->items[i / MEASURE_MAX].change[i % MEASURE_MAX].q;
    int r = systrace_adjust(p, count);
    for (size_t i = 0; i < count; i++)
        all->items[i / MEASURE_MAX].change[i % MEASURE_MAX].q = p[i];
    return r;
}

// The median decides; the tail where the median says nothing against it.
static enum verdict judge_call(struct comparison *item)
{
    for (unsigned k = 0; k < MEASURE_MAX; k++)
        item->change[k].verdict = judge(&item->change[k]);
    if (item->verdict == VERDICT_NEW || item->verdict == VERDICT_GONE)
        return item->verdict;
    enum verdict p50 = item->change[MEASURE_P50].verdict, p99 = item->change[MEASURE_P99].verdict;
    bool is_open = p50 == VERDICT_EQUIVALENT || p50 == VERDICT_NO_EVIDENCE;
    return is_open && (p99 == VERDICT_SLOWER || p99 == VERDICT_FASTER) ? p99 : p50;
}

// --- totals -------------------------------------------------------------------------------------

struct side {
    double rate, share, mean, blocked;
    uint64_t errors;
};

static struct side get_side(const struct recording *r, const char *group, const char *name)
{
    struct side s = {0};
    double duration = 0, total = 0, count = 0, blocked = 0;
    for (size_t i = 0; i < r->run_count; i++) {
        const struct call_stats *c = systrace_sample_find(&r->runs[i], group, name);
        duration += (double)r->runs[i].duration;
        if (!c)
            continue;
        count += (double)c->count;
        total += (double)c->total;
        blocked += (double)(c->off - c->run_queue);
        s.errors += c->errors + c->denied;
    }
    if (duration > 0) {
        s.rate = count / duration * 1e9;
        s.share = total / duration;
    }
    if (count > 0) {
        s.mean = total / count;
        s.blocked = blocked / count;
    }
    return s;
}

static void add_totals(const struct work *w, struct comparison *item)
{
    struct side a = get_side(w->before, item->group, item->name);
    struct side b = get_side(w->after, item->group, item->name);
    item->rate_before = a.rate;
    item->rate_after = b.rate;
    item->share_before = a.share;
    item->share_after = b.share;
    item->blocked_before = a.blocked;
    item->blocked_after = b.blocked;
    item->errors_before = a.errors;
    item->errors_after = b.errors;
    const struct change *c = &item->change[MEASURE_P50];
    item->impact = c->is_known ? b.rate * (c->after - c->before) * 1e-9 : 0;
}

// --- all ----------------------------------------------------------------------------------------

static int by_impact(const void *a, const void *b)
{
    const struct comparison *x = a, *y = b;
    if (x->verdict != y->verdict)
        return (int)x->verdict - (int)y->verdict;
    double p = fabs(x->impact), q = fabs(y->impact);
    if (p != q)
        return p > q ? -1 : 1;
    int r = strcmp(x->group, y->group);
    return r ? r : strcmp(x->name, y->name);
}

// Median of what the probes add to a null call.
static double probe_cost(const struct recording *r)
{
    double sum = 0;
    for (size_t i = 0; i < r->run_count; i++)
        sum += r->runs[i].calibration.null_traced - r->runs[i].calibration.null_untraced;
    return r->run_count ? sum / (double)r->run_count : 0;
}

static int compare_names(struct work *w, const struct sample *before, const struct sample *after)
{
    struct comparisons *all = w->ret;
    for (size_t i = 0; i < after->call_count; i++) {
        const struct call_stats *c = &after->calls[i];
        bool is_new = !systrace_sample_find(before, c->group, c->name);
        all->items[all->count++] =
            (struct comparison){.group = c->group,
                                .name = c->name,
                                .verdict = is_new ? VERDICT_NEW : VERDICT_NO_EVIDENCE};
    }
    for (size_t i = 0; i < before->call_count; i++) {
        const struct call_stats *c = &before->calls[i];
        if (!systrace_sample_find(after, c->group, c->name))
            all->items[all->count++] =
                (struct comparison){.group = c->group, .name = c->name, .verdict = VERDICT_GONE};
    }
    for (size_t i = 0; i < all->count; i++)
        for (unsigned k = 0; k < MEASURE_MAX; k++)
            compare_one(w, &all->items[i], (enum measure_kind)k, &all->items[i].change[k]);
    return adjust(all);
}

// Names are borrowed from the first run that has the call, which lives as long as the recording.
static void lend_names(const struct recording *r, struct comparisons *all)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < r->run_count; k++) {
            struct comparison *item = &all->items[i];
            const struct call_stats *c = systrace_sample_find(&r->runs[k], item->group, item->name);
            if (c) {
                item->group = c->group;
                item->name = c->name;
                break;
            }
        }
}

int systrace_compare(const struct recording *before, const struct recording *after,
                     const struct compare_options *options, struct comparisons *ret,
                     struct spc_err *err)
{
    SPC_CLEANUP(systrace_sample_free) struct sample a = {0};
    SPC_CLEANUP(systrace_sample_free) struct sample b = {0};
    SPC_CLEANUP(systrace_comparisons_free)
    struct comparisons all = {.least = options->least,
                              .runs_before = before->run_count,
                              .runs_after = after->run_count,
                              .probe_ns = fabs(probe_cost(after) - probe_cost(before))};
    int r = systrace_recording_merge(before, &a, err);
    r = r < 0 ? r : systrace_recording_merge(after, &b, err);
    if (r < 0)
        return r;
    all.items = calloc(a.call_count + b.call_count + 1, sizeof(*all.items));
    spc_auto_free double *va = calloc(before->run_count + 1, sizeof(*va));
    spc_auto_free double *vb = calloc(after->run_count + 1, sizeof(*vb));
    struct work work = {before, after, &all, va, vb};
    r = all.items && va && vb ? compare_names(&work, &a, &b) : -ENOMEM;
    if (r < 0)
        return spc_err_set(err, r, "comparing");
    for (size_t i = 0; i < all.count; i++) {
        all.items[i].verdict = judge_call(&all.items[i]);
        add_totals(&work, &all.items[i]);
    }
    lend_names(before, &all);
    lend_names(after, &all);
    if (all.count)
        qsort(all.items, all.count, sizeof(*all.items), by_impact);
    *ret = all;
    all = (struct comparisons){0};
    return 0;
}
