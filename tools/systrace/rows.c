// SPDX-License-Identifier: BSD-2-Clause
#include "rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <spc/field.h>

const struct spc_choice systrace_sort_choices[] = {
    {"total", SORT_TOTAL, "time in all calls"},
    {"count", SORT_COUNT, NULL},
    {"p99", SORT_P99, NULL},
    {"errors", SORT_ERRORS, NULL},
    {"blocked", SORT_BLOCKED, "time neither on a CPU nor waiting for one"},
    {0},
};

const struct spc_choice systrace_by_choices[] = {
    {"process", SYSTRACE_BY_PROCESS, NULL},
    {"container", SYSTRACE_BY_CONTAINER, "the targets, where any were named"},
    {"call", SYSTRACE_BY_CALL, "all together"},
    {0},
};

struct call_row {
    const char *group, *call;
    uint64_t count, total, mean, min, p50, p90, p99, p999, max;
    uint64_t cpu, queue, blocked; // ns; UINT64_MAX unknown
    uint64_t switched, errors, restarts, denied, no_entry, no_return;
    uint64_t sort;
};

#define AT(member) offsetof(struct call_row, member)
static const struct spc_field call_fields[] = {
    {"group", "GROUP", SPC_TYPE_STR, AT(group), 0, "process, container or target"},
    {"call", "CALL", SPC_TYPE_STR, AT(call), 0, "system call"},
    {"count", "COUNT", SPC_TYPE_U64, AT(count), SPC_FIELD_RIGHT, "calls that returned"},
    {"total_ns", "TOTAL", SPC_TYPE_NS, AT(total), SPC_FIELD_RIGHT, "time in them"},
    {"cpu_ns", "ON CPU", SPC_TYPE_NS, AT(cpu), SPC_FIELD_RIGHT, "of that, running"},
    {"queue_ns", "RUNQ", SPC_TYPE_NS, AT(queue), SPC_FIELD_RIGHT, "of that, waiting for a CPU"},
    {"blocked_ns", "BLOCKED", SPC_TYPE_NS, AT(blocked), SPC_FIELD_RIGHT, "of that, the rest"},
    {"mean_ns", "MEAN", SPC_TYPE_NS, AT(mean), SPC_FIELD_RIGHT, "total / count"},
    {"min_ns", "MIN", SPC_TYPE_NS, AT(min), SPC_FIELD_RIGHT, "shortest call"},
    {"p50_ns", "P50", SPC_TYPE_NS, AT(p50), SPC_FIELD_RIGHT, "half were shorter"},
    {"p90_ns", "P90", SPC_TYPE_NS, AT(p90), SPC_FIELD_RIGHT, "90 % were shorter"},
    {"p99_ns", "P99", SPC_TYPE_NS, AT(p99), SPC_FIELD_RIGHT, "99 % were shorter"},
    {"p999_ns", "P99.9", SPC_TYPE_NS, AT(p999), SPC_FIELD_RIGHT, "99.9 % were shorter"},
    {"max_ns", "MAX", SPC_TYPE_NS, AT(max), SPC_FIELD_RIGHT, "longest call"},
    {"errors", "ERRORS", SPC_TYPE_U64, AT(errors), SPC_FIELD_RIGHT, "calls that failed"},
    {"restarted", "RESTARTED", SPC_TYPE_U64, AT(restarts), SPC_FIELD_JSON,
     "interrupted by a signal and restarted, or EINTR"},
    {"switched", "SWITCHED", SPC_TYPE_U64, AT(switched), SPC_FIELD_JSON,
     "calls during which the task left its CPU"},
    {"denied", "DENIED", SPC_TYPE_U64, AT(denied), SPC_FIELD_RIGHT,
     "failed before they were entered: seccomp"},
    {"no_entry", "NO ENTRY", SPC_TYPE_U64, AT(no_entry), SPC_FIELD_JSON,
     "entered before the measurement began"},
    {"no_return", "NO RETURN", SPC_TYPE_U64, AT(no_return), SPC_FIELD_JSON,
     "calls that never return: exit"},
    {0},
};
static const struct spc_record_kind call_kind = {"call", call_fields, sizeof(struct call_row)};

// The table of SystemTap's syscalltimes, whose users know it.
static const struct spc_field times_fields[] = {
    {"call", "System Call", SPC_TYPE_STR, AT(call), 0, "system call"},
    {"count", "Count", SPC_TYPE_U64, AT(count), SPC_FIELD_RIGHT, "calls that returned"},
    {"total_ns", "Total ns", SPC_TYPE_U64, AT(total), SPC_FIELD_RIGHT, "time in them"},
    {"mean_ns", "Avg ns", SPC_TYPE_U64, AT(mean), SPC_FIELD_RIGHT, "total / count"},
    {"min_ns", "Min ns", SPC_TYPE_U64, AT(min), SPC_FIELD_RIGHT, "shortest call"},
    {"max_ns", "Max ns", SPC_TYPE_U64, AT(max), SPC_FIELD_RIGHT, "longest call"},
    {0},
};
static const struct spc_record_kind times_kind = {"times", times_fields, sizeof(struct call_row)};
#undef AT

static uint64_t quantile(const struct call_stats *c, double q)
{
    double ns = systrace_hist_can_tell(c->count, q)
                    ? systrace_hist_middle(&c->wall, q, c->min, c->max)
                    : NAN;
    return isnan(ns) ? UINT64_MAX : (uint64_t)llround(ns);
}

static uint64_t sort_value(const struct call_row *row, enum sort_key key)
{
    switch (key) {
    case SORT_TOTAL:
        return row->total;
    case SORT_COUNT:
        return row->count;
    case SORT_P99:
        return row->p99 == UINT64_MAX ? 0 : row->p99;
    case SORT_ERRORS:
        return row->errors + row->denied;
    case SORT_BLOCKED:
        return row->blocked == UINT64_MAX ? 0 : row->blocked;
    }
    return 0;
}

static void make_row(const struct call_stats *c, const struct rows_options *o, struct call_row *ret)
{
    *ret = (struct call_row){
        .group = c->group,
        .call = c->name,
        .count = c->count,
        .total = c->total,
        .mean = c->count ? c->total / c->count : UINT64_MAX,
        .min = c->min,
        .p50 = quantile(c, 0.5),
        .p90 = quantile(c, 0.9),
        .p99 = quantile(c, 0.99),
        .p999 = quantile(c, 0.999),
        .max = c->count ? c->max : UINT64_MAX,
        .cpu = o->has_no_off ? UINT64_MAX : c->total - c->off,
        .queue = o->has_no_off || o->has_no_queue ? UINT64_MAX : c->run_queue,
        .blocked = o->has_no_off ? UINT64_MAX : c->off - c->run_queue,
        .switched = c->switched,
        .errors = c->errors,
        .restarts = c->restarts,
        .denied = c->denied,
        .no_entry = c->no_entry,
        .no_return = c->no_return,
    };
    if (o->is_times && !c->count)
        ret->mean = ret->min = ret->max = 0;
    ret->sort = sort_value(ret, o->sort);
}

static int by_sort_value(const void *a, const void *b)
{
    const struct call_row *x = a, *y = b;
    if (x->sort != y->sort)
        return x->sort > y->sort ? -1 : 1;
    int r = strcmp(x->group, y->group);
    return r ? r : strcmp(x->call, y->call);
}

static int begin_table(FILE *stream, const struct spc_record_kind *kind,
                       const struct rows_options *o, struct spc_table **ret, struct spc_err *err)
{
    struct spc_table_options options = {.format = o->format, .is_bold = o->is_bold};
    return spc_table_begin(stream, kind, &options, ret, err);
}

// A kind without the column of groups, for text; JSON keeps it.
static void drop_group(const struct spc_field *from, struct spc_field *to)
{
    for (; from->name; from++)
        if (strcmp(from->name, "group") != 0)
            *to++ = *from;
    *to = (struct spc_field){0};
}

static int print_rows(FILE *stream, const struct spc_record_kind *kind, const void *rows,
                      size_t count, const struct rows_options *o, struct spc_err *err)
{
    struct spc_field fields[SPC_ARRAY_SIZE(call_fields)];
    struct spc_record_kind bare = {kind->name, fields, kind->size};
    if (o->has_no_groups && o->format == SPC_FORMAT_TEXT) {
        drop_group(kind->fields, fields);
        kind = &bare;
    }
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    int r = begin_table(stream, kind, o, &table, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = spc_table_row(table, (const char *)rows + i * kind->size, 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

int systrace_rows_calls(FILE *stream, const struct sample *sample, const struct rows_options *o,
                        struct spc_err *err)
{
    spc_auto_free struct call_row *rows = calloc(sample->call_count + 1, sizeof(*rows));
    size_t count = 0;
    if (!rows)
        return spc_err_set(err, -ENOMEM, "table");
    for (size_t i = 0; i < sample->call_count; i++)
        if (!o->is_times || sample->calls[i].count)
            make_row(&sample->calls[i], o, &rows[count++]);
    qsort(rows, count, sizeof(*rows), by_sort_value);
    if (o->limit && count > o->limit)
        count = o->limit;
    return print_rows(stream, o->is_times ? &times_kind : &call_kind, rows, count, o, err);
}

struct error_row {
    const char *group, *call, *error, *text;
    uint64_t count;
};

static const struct spc_field error_fields[] = {
    {"group", "GROUP", SPC_TYPE_STR, offsetof(struct error_row, group), 0, "as above"},
    {"call", "CALL", SPC_TYPE_STR, offsetof(struct error_row, call), 0, "system call"},
    {"error", "ERROR", SPC_TYPE_STR, offsetof(struct error_row, error), 0, "errno"},
    {"count", "COUNT", SPC_TYPE_U64, offsetof(struct error_row, count), SPC_FIELD_RIGHT, "calls"},
    {"text", "MEANING", SPC_TYPE_STR, offsetof(struct error_row, text), 0, "strerror(3)"},
    {0},
};
static const struct spc_record_kind error_kind = {"error", error_fields, sizeof(struct error_row)};

static int by_count(const void *a, const void *b)
{
    const struct error_row *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int r = strcmp(x->group, y->group);
    return r ? r : strcmp(x->call, y->call);
}

int systrace_rows_errors(FILE *stream, const struct sample *sample, const struct rows_options *o,
                         struct spc_err *err)
{
    size_t count = 0, total = 0;
    for (size_t i = 0; i < sample->call_count; i++)
        total += sample->calls[i].error_count;
    if (!total)
        return 0;
    spc_auto_free struct error_row *rows = calloc(total, sizeof(*rows));
    if (!rows)
        return spc_err_set(err, -ENOMEM, "table of errors");
    for (size_t i = 0; i < sample->call_count; i++) {
        const struct call_stats *c = &sample->calls[i];
        for (size_t j = 0; j < c->error_count; j++) {
            const char *name = strerrorname_np((int)c->error_list[j].error);
            const char *text = strerrordesc_np((int)c->error_list[j].error);
            rows[count++] = (struct error_row){c->group, c->name, name ? name : "?",
                                               text ? text : "?", c->error_list[j].count};
        }
    }
    qsort(rows, count, sizeof(*rows), by_count);
    if (o->limit && count > o->limit)
        count = o->limit;
    return print_rows(stream, &error_kind, rows, count, o, err);
}

struct flight_row {
    const char *group, *call, *comm, *since;
    pid_t tid;
    uint64_t ns;
};

static const struct spc_field flight_fields[] = {
    {"group", "GROUP", SPC_TYPE_STR, offsetof(struct flight_row, group), 0, "as above"},
    {"call", "STILL IN", SPC_TYPE_STR, offsetof(struct flight_row, call), 0, "system call"},
    {"tid", "TID", SPC_TYPE_PID, offsetof(struct flight_row, tid), SPC_FIELD_RIGHT, "thread"},
    {"comm", "COMMAND", SPC_TYPE_STR, offsetof(struct flight_row, comm), 0, "its name"},
    {"ns", "FOR", SPC_TYPE_NS, offsetof(struct flight_row, ns), SPC_FIELD_RIGHT, "at the end"},
    {"since", "SINCE", SPC_TYPE_STR, offsetof(struct flight_row, since), SPC_FIELD_JSON,
     "start: it was in the call when the measurement began; end: when it ended"},
    {0},
};
static const struct spc_record_kind flight_kind = {"in_flight", flight_fields,
                                                   sizeof(struct flight_row)};

static int by_length(const void *a, const void *b)
{
    const struct flight_row *x = a, *y = b;
    if (x->ns != y->ns)
        return x->ns > y->ns ? -1 : 1;
    return x->tid - y->tid;
}

int systrace_rows_flights(FILE *stream, const struct sample *sample, const struct rows_options *o,
                          struct spc_err *err)
{
    if (!sample->flight_count)
        return 0;
    spc_auto_free struct flight_row *rows = calloc(sample->flight_count, sizeof(*rows));
    if (!rows)
        return spc_err_set(err, -ENOMEM, "table of calls in progress");
    for (size_t i = 0; i < sample->flight_count; i++) {
        const struct in_flight *f = &sample->flights[i];
        rows[i] = (struct flight_row){.group = f->group,
                                      .call = f->name,
                                      .comm = f->comm,
                                      .tid = f->tid,
                                      .since = f->is_start ? "start" : "end",
                                      .ns = f->is_start ? UINT64_MAX : f->ns};
    }
    qsort(rows, sample->flight_count, sizeof(*rows), by_length);
    size_t count = sample->flight_count;
    if (o->limit && count > o->limit)
        count = o->limit;
    return print_rows(stream, &flight_kind, rows, count, o, err);
}
