// SPDX-License-Identifier: BSD-2-Clause
#include "sample.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const struct {
    const char *name, *text;
} lost_kinds[] = {
    [SAMPLE_LOST_CELL] = {"cell", "calls without room for their statistics"},
    [SAMPLE_LOST_CHUNK] = {"chunk", "calls missing in histograms"},
    [SAMPLE_LOST_THREAD] = {"thread", "calls of threads without room for their start"},
    [SAMPLE_LOST_ERROR] = {"error", "errors without room for their number"},
    [SAMPLE_LOST_CPU] = {"cpu", "calls on processors that were not there at the start"},
    [SAMPLE_LOST_MISSED] = {"missed", "events the kernel did not hand to the probes"},
};
static_assert(SPC_ARRAY_SIZE(lost_kinds) == SAMPLE_LOST_MAX, "every kind of loss has a row");

const char *systrace_lost_name(enum lost_kind kind)
{
    return lost_kinds[kind].name;
}

const char *systrace_lost_text(enum lost_kind kind)
{
    return lost_kinds[kind].text;
}

uint64_t systrace_sample_lost(const struct sample *sample)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < SAMPLE_LOST_MAX; i++)
        lost += sample->lost[i];
    return lost;
}

void systrace_call_free(struct call_stats *call)
{
    free(call->group);
    free(call->name);
    free(call->error_list);
    systrace_hist_free(&call->wall);
    systrace_hist_free(&call->cpu);
    *call = (struct call_stats){0};
}

static void flight_free(struct in_flight *flight)
{
    free(flight->comm);
    free(flight->group);
    free(flight->name);
    *flight = (struct in_flight){0};
}

void systrace_sample_free(struct sample *sample)
{
    for (size_t i = 0; i < sample->call_count; i++)
        systrace_call_free(&sample->calls[i]);
    for (size_t i = 0; i < sample->flight_count; i++)
        flight_free(&sample->flights[i]);
    free(sample->calls);
    free(sample->flights);
    *sample = (struct sample){0};
}

// Room for one more of `size` bytes; capacities are powers of two, so none has to be kept.
static int grow(void **items, size_t count, size_t size)
{
    if (count & (count - 1))
        return 0;
    void *bigger = reallocarray(*items, count ? 2 * count : 1, size);
    if (!bigger)
        return -ENOMEM;
    *items = bigger;
    return 0;
}

int systrace_sample_append(struct sample *sample, const char *group, const char *name,
                           struct call_stats **ret)
{
    if (grow((void **)&sample->calls, sample->call_count, sizeof(*sample->calls)) < 0)
        return -ENOMEM;
    struct call_stats call = {.group = strdup(group), .name = strdup(name), .min = UINT64_MAX};
    if (!call.group || !call.name) {
        systrace_call_free(&call);
        return -ENOMEM;
    }
    sample->calls[sample->call_count] = call;
    *ret = &sample->calls[sample->call_count++];
    return 0;
}

int systrace_call_add_error(struct call_stats *call, unsigned error, uint64_t count)
{
    for (size_t i = 0; i < call->error_count; i++)
        if (call->error_list[i].error == error) {
            call->error_list[i].count += count;
            return 0;
        }
    if (grow((void **)&call->error_list, call->error_count, sizeof(*call->error_list)) < 0)
        return -ENOMEM;
    call->error_list[call->error_count++] = (struct call_error){error, count};
    return 0;
}

// Before `switched` is added up: a side that was never switched out has its CPU times in `wall`.
static int merge_cpu(struct call_stats *call, const struct call_stats *other)
{
    if (!call->switched && !other->switched)
        return 0;
    int r = call->switched ? 0 : systrace_hist_merge(&call->cpu, &call->wall);
    return r < 0 ? r : systrace_hist_merge(&call->cpu, systrace_call_cpu(other));
}

int systrace_call_merge(struct call_stats *call, const struct call_stats *other)
{
    int r = merge_cpu(call, other);
    if (r < 0)
        return r;
    call->abi = other->abi;
    call->count += other->count;
    call->total += other->total;
    call->off += other->off;
    call->run_queue += other->run_queue;
    call->switched += other->switched;
    call->errors += other->errors;
    call->restarts += other->restarts;
    call->denied += other->denied;
    call->no_entry += other->no_entry;
    call->no_return += other->no_return;
    call->min = other->min < call->min ? other->min : call->min;
    call->max = other->max > call->max ? other->max : call->max;
    for (size_t i = 0; r == 0 && i < other->error_count; i++)
        r = systrace_call_add_error(call, other->error_list[i].error, other->error_list[i].count);
    return r < 0 ? r : systrace_hist_merge(&call->wall, &other->wall);
}

static int compare(const char *group, const char *name, const struct call_stats *call)
{
    int r = strcmp(group, call->group);
    return r ? r : strcmp(name, call->name);
}

static struct call_stats *find(struct call_stats *calls, size_t count, const char *group,
                               const char *name)
{
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int r = compare(group, name, &calls[middle]);
        if (r == 0)
            return &calls[middle];
        if (r < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct call_stats *systrace_sample_find(const struct sample *sample, const char *group,
                                        const char *name)
{
    return find(sample->calls, sample->call_count, group, name);
}

static int merge_calls(struct sample *sample, const struct sample *other)
{
    size_t sorted = sample->call_count;
    for (size_t i = 0; i < other->call_count; i++) {
        const struct call_stats *from = &other->calls[i];
        struct call_stats *call = find(sample->calls, sorted, from->group, from->name);
        int r = call ? 0 : systrace_sample_append(sample, from->group, from->name, &call);
        r = r < 0 ? r : systrace_call_merge(call, from);
        if (r < 0)
            return r;
    }
    systrace_sample_sort(sample);
    return 0;
}

int systrace_sample_merge(struct sample *sample, const struct sample *other)
{
    int status = merge_calls(sample, other);
    if (status < 0)
        return status;
    for (size_t i = 0; i < other->flight_count; i++) {
        int r = systrace_sample_flight(sample, &other->flights[i]);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < SAMPLE_LOST_MAX; i++)
        sample->lost[i] += other->lost[i];
    sample->duration += other->duration;
    sample->is_cut |= other->is_cut;
    if (!sample->start)
        sample->start = other->start;
    return 0;
}

int systrace_sample_flight(struct sample *sample, const struct in_flight *flight)
{
    if (grow((void **)&sample->flights, sample->flight_count, sizeof(*sample->flights)) < 0)
        return -ENOMEM;
    struct in_flight copy = *flight;
    copy.comm = strdup(flight->comm);
    copy.group = strdup(flight->group);
    copy.name = strdup(flight->name);
    if (!copy.comm || !copy.group || !copy.name) {
        flight_free(&copy);
        return -ENOMEM;
    }
    sample->flights[sample->flight_count++] = copy;
    return 0;
}

static int by_group_and_name(const void *a, const void *b)
{
    const struct call_stats *x = a;
    return compare(x->group, x->name, b);
}

void systrace_sample_sort(struct sample *sample)
{
    if (sample->call_count)
        qsort(sample->calls, sample->call_count, sizeof(*sample->calls), by_group_and_name);
}
