// SPDX-License-Identifier: BSD-2-Clause
// `systrace diff BEFORE AFTER`: what changed, and how sure that is.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <spc/escape.h>
#include <spc/opt.h>
#include <spc/table.h>

#include "commands.h"
#include "compare.h"

struct diff_config {
    bool is_json, is_markdown, is_all;
    uint32_t least;
};

#define AT(member) SPC_OPT_AT(struct diff_config, member)
static const struct spc_opt options[] = {
    {0, "least", SPC_OPT_U32, AT(least), "PERCENT", "Changes below this never matter (5).",
     .min = 1, .max = 1000},
    {'a', "all", SPC_OPT_FLAG, AT(is_all), NULL,
     "Also calls without evidence of a change; JSON always holds them."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "One JSON object a line."},
    {0, "markdown", SPC_OPT_FLAG, AT(is_markdown), NULL, "Tables for a ticket."},
    {0},
};
#undef AT

struct diff_row {
    const char *group, *call, *verdict;
    char p50[64], p99[64], cpu[64], calls[48], detect[32];
    double ratio[MEASURE_MAX], low[MEASURE_MAX], high[MEASURE_MAX], q[MEASURE_MAX];
    uint64_t p50_before, p50_after;
    double impact, rate_before, rate_after, detectable;
    uint64_t errors_before, errors_after;
};

#define AT(member) offsetof(struct diff_row, member)
#define NUMBERS(i, id)                                                                             \
    {id "_ratio", "", SPC_TYPE_DOUBLE, AT(ratio[i]), SPC_FIELD_JSON, "after / before"},            \
        {id "_low", "", SPC_TYPE_DOUBLE, AT(low[i]), SPC_FIELD_JSON, "interval of 95 %"},          \
        {id "_high", "", SPC_TYPE_DOUBLE, AT(high[i]), SPC_FIELD_JSON, "interval of 95 %"},        \
    {                                                                                              \
        id "_q", "", SPC_TYPE_DOUBLE, AT(q[i]), SPC_FIELD_JSON, "adjusted for all calls"           \
    }
static const struct spc_field json_fields[] = {
    {"group", "", SPC_TYPE_STR, AT(group), 0, "process, container or target"},
    {"call", "", SPC_TYPE_STR, AT(call), 0, "system call"},
    {"verdict", "", SPC_TYPE_STR, AT(verdict), 0, "what can be said"},
    {"p50_before_ns", "", SPC_TYPE_NS, AT(p50_before), 0, "median, mean over runs"},
    {"p50_after_ns", "", SPC_TYPE_NS, AT(p50_after), 0, "median, mean over runs"},
    NUMBERS(MEASURE_P50, "p50"),
    NUMBERS(MEASURE_P99, "p99"),
    NUMBERS(MEASURE_CPU, "cpu"),
    {"detectable", "", SPC_TYPE_DOUBLE, AT(detectable), 0, "p50 ratio that would be found"},
    {"impact", "", SPC_TYPE_DOUBLE, AT(impact), 0, "seconds a second that the change costs"},
    {"rate_before", "", SPC_TYPE_DOUBLE, AT(rate_before), 0, "calls a second"},
    {"rate_after", "", SPC_TYPE_DOUBLE, AT(rate_after), 0, "calls a second"},
    {"errors_before", "", SPC_TYPE_U64, AT(errors_before), 0, "failed or refused"},
    {"errors_after", "", SPC_TYPE_U64, AT(errors_after), 0, "failed or refused"},
    {0},
};
#undef AT
static const struct spc_record_kind json_kind = {"change", json_fields, sizeof(struct diff_row)};

// Text cells are composed, so this kind is made of arrays: see put_text().
struct text_row {
    const char *cells[8];
};
static const struct spc_field text_fields[] = {
    {"verdict", "VERDICT", SPC_TYPE_STR, offsetof(struct text_row, cells[0]), 0, ""},
    {"group", "GROUP", SPC_TYPE_STR, offsetof(struct text_row, cells[1]), 0, ""},
    {"call", "CALL", SPC_TYPE_STR, offsetof(struct text_row, cells[2]), 0, ""},
    {"p50", "MEDIAN", SPC_TYPE_STR, offsetof(struct text_row, cells[3]), 0, ""},
    {"p99", "P99", SPC_TYPE_STR, offsetof(struct text_row, cells[4]), 0, ""},
    {"cpu", "ON CPU", SPC_TYPE_STR, offsetof(struct text_row, cells[5]), 0, ""},
    {"calls", "CALLS/S", SPC_TYPE_STR, offsetof(struct text_row, cells[6]), 0, ""},
    {"detect", "WOULD FIND", SPC_TYPE_STR, offsetof(struct text_row, cells[7]), 0, ""},
    {0},
};
static const struct spc_record_kind text_kind = {"change", text_fields, sizeof(struct text_row)};

// "+34% [+29, +40]"
static void format_change(const struct change *c, char *to, size_t size)
{
    if (!c->is_known)
        snprintf(to, size, "-");
    else if (isnan(c->q))
        snprintf(to, size, "%+.0f%%", 100 * (c->ratio - 1));
    else
        snprintf(to, size, "%+.0f%% [%+.0f, %+.0f]", 100 * (c->ratio - 1), 100 * (c->low - 1),
                 100 * (c->high - 1));
}

static uint64_t to_ns(const struct change *c, double ns)
{
    return c->is_known ? (uint64_t)llround(ns) : UINT64_MAX;
}

static void make_row(const struct comparison *item, struct diff_row *row)
{
    const struct change *p50 = &item->change[MEASURE_P50];
    *row = (struct diff_row){.group = item->group,
                             .call = item->name,
                             .verdict = systrace_verdict_name(item->verdict),
                             .p50_before = to_ns(p50, p50->before),
                             .p50_after = to_ns(p50, p50->after),
                             .impact = item->impact,
                             .rate_before = item->rate_before,
                             .rate_after = item->rate_after,
                             .detectable = p50->detectable,
                             .errors_before = item->errors_before,
                             .errors_after = item->errors_after};
    for (unsigned k = 0; k < MEASURE_MAX; k++) {
        const struct change *c = &item->change[k];
        row->ratio[k] = c->is_known ? c->ratio : NAN;
        row->low[k] = isnan(c->q) ? NAN : c->low;
        row->high[k] = isnan(c->q) ? NAN : c->high;
        row->q[k] = c->q;
    }
    format_change(p50, row->p50, sizeof(row->p50));
    format_change(&item->change[MEASURE_P99], row->p99, sizeof(row->p99));
    format_change(&item->change[MEASURE_CPU], row->cpu, sizeof(row->cpu));
    snprintf(row->calls, sizeof(row->calls), "%.1f -> %.1f", item->rate_before, item->rate_after);
    if (isnan(p50->detectable))
        snprintf(row->detect, sizeof(row->detect), "-");
    else
        snprintf(row->detect, sizeof(row->detect), "%.0f%%", 100 * (p50->detectable - 1));
}

static bool is_shown(const struct diff_config *config, const struct comparison *item)
{
    return config->is_all || config->is_json ||
           (item->verdict != VERDICT_NO_EVIDENCE && item->verdict != VERDICT_EQUIVALENT);
}

static void put_markdown(const struct text_row *row)
{
    spc_auto_buf struct spc_buf line = {0};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(row->cells); i++) {
        spc_buf_puts(&line, i ? " | " : "| ");
        // A bar would end the cell, whoever named the process.
        for (const char *c = row->cells[i]; *c; c++)
            spc_escape_text(&line, *c == '|' ? "/" : c, 1);
    }
    printf("%s |\n", spc_buf_str(&line));
}

static int put_row(struct spc_table *table, const struct diff_config *config,
                   const struct comparison *item, struct spc_err *err)
{
    struct diff_row row;
    make_row(item, &row);
    if (config->is_json)
        return spc_table_row(table, &row, 0, err);
    struct text_row text = {
        {row.verdict, row.group, row.call, row.p50, row.p99, row.cpu, row.calls, row.detect}};
    if (!config->is_markdown)
        return spc_table_row(table, &text, 0, err);
    put_markdown(&text);
    return 0;
}

static int print_changes(const struct diff_config *config, const struct comparisons *all,
                         struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = {.format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
    if (config->is_markdown)
        printf("| verdict | group | call | median | p99 | on CPU | calls/s | would find |\n"
               "|---|---|---|---|---|---|---|---|\n");
    int r = config->is_markdown ? 0
                                : spc_table_begin(stdout, config->is_json ? &json_kind : &text_kind,
                                                  &how, &table, err);
    for (size_t i = 0; r == 0 && i < all->count; i++)
        if (is_shown(config, &all->items[i]))
            r = put_row(table, config, &all->items[i], err);
    return r < 0 || !table ? r : spc_table_end(table, err);
}

// --- the two kernels ----------------------------------------------------------------------------

struct context_row {
    const char *key, *before, *after;
};
static const struct spc_field context_fields[] = {
    {"key", "DIFFERENT", SPC_TYPE_STR, offsetof(struct context_row, key), 0, "what is described"},
    {"before", "BEFORE", SPC_TYPE_STR, offsetof(struct context_row, before), 0, ""},
    {"after", "AFTER", SPC_TYPE_STR, offsetof(struct context_row, after), 0, ""},
    {0},
};
static const struct spc_record_kind context_kind = {"context", context_fields,
                                                    sizeof(struct context_row)};

static int print_context(const struct diff_config *config, const struct recording *before,
                         const struct recording *after, struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = {.format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
    int r = spc_table_begin(stdout, &context_kind, &how, &table, err);
    const struct recording *const sides[] = {before, after};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; r == 0 && i < sides[side]->meta_count; i++) {
            const char *key = sides[side]->meta[i].key;
            struct context_row row = {key, systrace_recording_meta(before, key),
                                      systrace_recording_meta(after, key)};
            bool is_same = row.before && row.after && strcmp(row.before, row.after) == 0;
            if (!is_same && !(side == 1 && row.before))
                r = spc_table_row(table, &row, 0, err);
        }
    return r < 0 ? r : spc_table_end(table, err);
}

// Keys that have to be the same for a comparison to mean anything.
static void warn_context(const struct recording *before, const struct recording *after)
{
    static const char *const keys[] = {"host", "cpu.model", "machine", "what",
                                       "by",   "filter",    "command"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(keys); i++) {
        const char *a = systrace_recording_meta(before, keys[i]);
        const char *b = systrace_recording_meta(after, keys[i]);
        if ((a || b) && (!a || !b || strcmp(a, b) != 0))
            fprintf(stderr, "systrace: warning: not the same %s on both sides\n", keys[i]);
    }
}

static int check_kinds(const struct recording *before, const struct recording *after,
                       struct spc_err *err)
{
    const char *a = systrace_recording_meta(before, "probe.kind");
    const char *b = systrace_recording_meta(after, "probe.kind");
    if (a && b && strcmp(a, b) == 0)
        return 0;
    spc_err_say(err, -EINVAL, "the recordings were made with different probes: %s and %s",
                a ? a : "unknown", b ? b : "unknown");
    return spc_err_hint(err, "record both with the lesser one by --probe");
}

static void say_summary(const struct comparisons *all)
{
    size_t count[VERDICT_MAX] = {0};
    for (size_t i = 0; i < all->count; i++)
        count[all->items[i].verdict]++;
    printf("%zu runs before, %zu after:", all->runs_before, all->runs_after);
    for (unsigned v = 0; v < VERDICT_MAX; v++)
        if (count[v])
            printf(" %zu %s;", count[v], systrace_verdict_name((enum verdict)v));
    printf("\n");
}

static int run(void *config_, int argc, char **argv, struct spc_err *err)
{
    const struct diff_config *config = config_;
    systrace_auto_recording struct recording before = {0};
    systrace_auto_recording struct recording after = {0};
    SPC_CLEANUP(systrace_comparisons_free) struct comparisons all = {0};
    struct compare_options how = {.least = (config->least ? config->least : 5) / 100.0};
    if (argc != 2)
        return spc_err_usage(err, "diff: give two recordings, BEFORE and AFTER");
    if (config->is_json && config->is_markdown)
        return spc_err_usage(err, "diff: --json and --markdown exclude each other");
    int r = systrace_recording_read(argv[0], &before, err);
    r = r < 0 ? r : systrace_recording_read(argv[1], &after, err);
    r = r < 0 ? r : check_kinds(&before, &after, err);
    r = r < 0 ? r : systrace_compare(&before, &after, &how, &all, err);
    if (r < 0)
        return r;
    warn_context(&before, &after);
    if (before.run_count < 2 || after.run_count < 2)
        fprintf(stderr, "systrace: a single run on one side: ratios only, nothing is proven\n");
    if (!config->is_json)
        say_summary(&all);
    r = print_changes(config, &all, err);
    if (r == 0 && !config->is_json)
        putchar('\n');
    r = r < 0 || config->is_markdown ? r : print_context(config, &before, &after, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

int systrace_diff_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "systrace diff",
        .operands = "BEFORE AFTER",
        .description = "Compare two recordings call by call: slower, faster, equivalent, or no "
                       "evidence, with the change that would have been found.",
        .opts = options,
        .notes = "Runs are compared, not calls: record at least two, better six, on each side.",
        .run = run,
        .config_size = sizeof(struct diff_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}
