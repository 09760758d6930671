// SPDX-License-Identifier: BSD-2-Clause
// -c: the table of counts and times.
#include "sinks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct row {
    char name[24];
    int number; // -1: the total
    uint64_t calls, errors, time_ns, min_ns, max_ns;
};

struct summary_sink {
    struct spc_sink base;
    struct spc_output *output; // borrowed
    enum summary_sort sort;
    bool is_wall;
    struct row *rows; // by system-call number, then, behind them, the unknown ones together
    size_t count;
};

#define ROWS 1024 // numbers beyond are counted together

static int summary_event(struct spc_sink *base, const struct spc_event *event, struct spc_err *err)
{
    struct summary_sink *s = (struct summary_sink *)base;
    const struct spc_event_call *e = (const struct spc_event_call *)event;
    (void)err;
    struct row *row = &s->rows[e->number < ROWS ? e->number : ROWS];
    uint64_t ns = s->is_wall ? e->duration_ns : e->system_ns;
    if (!row->calls)
        snprintf(row->name, sizeof(row->name), "%s", e->number < ROWS ? e->name : "(unknown)");
    row->calls++;
    row->errors += e->is_failed;
    row->time_ns += ns;
    if (row->calls == 1 || ns < row->min_ns)
        row->min_ns = ns;
    if (ns > row->max_ns)
        row->max_ns = ns;
    return 0;
}

static uint64_t average(const struct row *row)
{
    return row->calls ? row->time_ns / row->calls : 0;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct row *x = a, *y = b;
    uint64_t p = 0, q = 0;
    switch (*(const enum summary_sort *)context) {
    case SORT_TIME:
        p = x->time_ns, q = y->time_ns;
        break;
    case SORT_CALLS:
        p = x->calls, q = y->calls;
        break;
    case SORT_ERRORS:
        p = x->errors, q = y->errors;
        break;
    case SORT_MIN:
        p = x->min_ns, q = y->min_ns;
        break;
    case SORT_MAX:
        p = x->max_ns, q = y->max_ns;
        break;
    case SORT_AVERAGE:
        p = average(x), q = average(y);
        break;
    case SORT_NAME:
        return strcmp(x->name, y->name);
    case SORT_NOTHING:
        return 0;
    }
    return p < q ? 1 : p > q ? -1 : strcmp(x->name, y->name);
}

static void put_row(struct spc_buf *out, const struct row *row, uint64_t total_ns)
{
    // The total is all of itself, also where all times are 0.
    double percent = total_ns          ? 100.0 * (double)row->time_ns / (double)total_ns
                     : row->number < 0 ? 100
                                       : 0;
    spc_buf_printf(out, "%6.2f %11.6f %11" PRIu64 " %9" PRIu64, percent, (double)row->time_ns / 1e9,
                   average(row) / 1000, row->calls);
    if (row->errors)
        spc_buf_printf(out, " %9" PRIu64, row->errors);
    else
        spc_buf_printf(out, " %9s", "");
    spc_buf_printf(out, " %s\n", row->name);
}

static int summary_end(struct spc_sink *base, const struct spc_stats *stats, struct spc_err *err)
{
    struct summary_sink *s = (struct summary_sink *)base;
    struct spc_buf *out = &s->output->pending;
    struct row total = {.name = "total", .number = -1};

    (void)stats;

    size_t count = 0;
    for (size_t i = 0; i <= ROWS; i++) {
        if (!s->rows[i].calls)
            continue;
        total.calls += s->rows[i].calls;
        total.errors += s->rows[i].errors;
        total.time_ns += s->rows[i].time_ns;
        s->rows[count++] = s->rows[i];
    }
    if (count) { // strace prints nothing where there is nothing
        qsort_r(s->rows, count, sizeof(s->rows[0]), compare_rows, &s->sort);
        spc_buf_puts(out, "% time     seconds  usecs/call     calls    errors syscall\n");
        const char *rule = "------ ----------- ----------- --------- --------- ----------------\n";
        spc_buf_puts(out, rule);
        for (size_t i = 0; i < count; i++)
            put_row(out, &s->rows[i], total.time_ns);
        spc_buf_puts(out, rule);
        put_row(out, &total, total.time_ns);
    }
    return spc_output_flush(s->output, err);
}

static void summary_free(struct spc_sink *base)
{
    struct summary_sink *s = (struct summary_sink *)base;
    free(s->rows);
    free(s);
}

static const struct spc_sink_ops summary_ops = {
    .name = "summary",
    .accepts = SPC_EVENT_BIT(SPC_EVENT_CALL_EXIT),
    .event = summary_event,
    .end = summary_end,
    .free = summary_free,
};

int strace_summary_open(struct spc_output *output, enum summary_sort sort, bool is_wall,
                        struct spc_sink **ret, struct spc_err *err)
{
    struct summary_sink *s = calloc(1, sizeof(*s));
    struct row *rows = calloc(ROWS + 1, sizeof(*rows));
    if (!s || !rows) {
        free(s);
        free(rows);
        return spc_err_set(err, -ENOMEM, "open summary");
    }
    *s = (struct summary_sink){{&summary_ops}, output, sort, is_wall, rows, 0};
    *ret = &s->base;
    return 0;
}
