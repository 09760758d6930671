// SPDX-License-Identifier: BSD-2-Clause
// `systrace report FILE`: all runs of a recording as one table. `systrace show FILE`: where and how
// it was made, run by run.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <spc/escape.h>
#include <spc/opt.h>

#include "commands.h"
#include "recording.h"
#include "rows.h"

struct report_config {
    int sort;
    bool is_times, is_json;
    uint32_t limit;
};

#define AT(member) SPC_OPT_AT(struct report_config, member)
static const struct spc_opt report_options[] = {
    {'s', "sort", SPC_OPT_CHOICE, AT(sort), "KEY", "Order of the lines.",
     .choices = systrace_sort_choices},
    {'t', NULL, SPC_OPT_FLAG, AT(is_times), NULL,
     "Only the table of syscalltimes: count, total, average, minimum, maximum in ns."},
    {'n', "lines", SPC_OPT_U32, AT(limit), "N", "At most so many lines a table."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "One JSON object a line."},
    {0},
};
static const struct spc_opt show_options[] = {
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "One JSON object a line."},
    {0},
};
#undef AT

static int read_one(int argc, char **argv, const char *name, struct recording *ret,
                    struct spc_err *err)
{
    if (argc != 1)
        return spc_err_usage(err, "%s: give one FILE of 'systrace record'", name);
    return systrace_recording_read(argv[0], ret, err);
}

static bool has_groups(const struct sample *sample)
{
    for (size_t i = 0; i < sample->call_count; i++)
        if (sample->calls[i].group[0])
            return true;
    return false;
}

static int report(void *config_, int argc, char **argv, struct spc_err *err)
{
    const struct report_config *config = config_;
    systrace_auto_recording struct recording recording = {0};
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    int r = read_one(argc, argv, "report", &recording, err);
    r = r < 0 ? r : systrace_recording_merge(&recording, &sample, err);
    if (r < 0)
        return r;
    const char *kind = systrace_recording_meta(&recording, "probe.kind");
    struct rows_options rows = {
        .sort = (enum sort_key)config->sort,
        .format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
        .is_times = config->is_times,
        .has_no_groups = !has_groups(&sample),
        .has_no_queue = !kind || strcmp(kind, "btf") != 0,
        .has_no_off = kind && strcmp(kind, "hash") == 0,
        .limit = config->limit,
    };
    r = systrace_rows_calls(stdout, &sample, &rows, err);
    if (r == 0 && !config->is_times)
        r = systrace_rows_errors(stdout, &sample, &rows, err);
    if (r < 0)
        return r;
    if (recording.is_cut)
        fprintf(stderr, "systrace: %s was cut short: %zu complete runs\n", argv[0],
                recording.run_count);
    return systrace_sample_lost(&sample) ? SPC_EXIT_LOST : SPC_EXIT_OK;
}

struct run_row {
    uint64_t number, start, seconds, calls, lost;
    double spin, untraced, traced, quantum;
    bool is_whole;
};

#define AT(member) offsetof(struct run_row, member)
static const struct spc_field run_fields[] = {
    {"run", "RUN", SPC_TYPE_U64, AT(number), SPC_FIELD_RIGHT, "number"},
    {"start", "START", SPC_TYPE_TIME, AT(start), 0, "when it began"},
    {"duration_ns", "LENGTH", SPC_TYPE_NS, AT(seconds), SPC_FIELD_RIGHT, "how long it was"},
    {"whole", "WHOLE", SPC_TYPE_BOOL, AT(is_whole), 0, "not ended before its time"},
    {"calls", "CALLS", SPC_TYPE_U64, AT(calls), SPC_FIELD_RIGHT, "system calls that returned"},
    {"lost", "LOST", SPC_TYPE_U64, AT(lost), SPC_FIELD_RIGHT, "events that were not stored"},
    {"spin_ns", "SPIN ns", SPC_TYPE_DOUBLE, AT(spin), SPC_FIELD_RIGHT, "a fixed loop"},
    {"null_untraced_ns", "NULL ns", SPC_TYPE_DOUBLE, AT(untraced), SPC_FIELD_RIGHT,
     "getppid without probes"},
    {"null_traced_ns", "TRACED ns", SPC_TYPE_DOUBLE, AT(traced), SPC_FIELD_RIGHT,
     "getppid with probes"},
    {"quantum_ns", "CLOCK ns", SPC_TYPE_DOUBLE, AT(quantum), SPC_FIELD_RIGHT, "step of the clock"},
    {0},
};
#undef AT
static const struct spc_record_kind run_kind = {"run", run_fields, sizeof(struct run_row)};

struct meta_row {
    const char *key, *value;
};
static const struct spc_field meta_fields[] = {
    {"key", "KEY", SPC_TYPE_STR, offsetof(struct meta_row, key), 0, "what is described"},
    {"value", "VALUE", SPC_TYPE_STR, offsetof(struct meta_row, value), 0, "as it was"},
    {0},
};
static const struct spc_record_kind meta_kind = {"meta", meta_fields, sizeof(struct meta_row)};

static int show_meta(const struct recording *recording, enum spc_format format, struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = {.format = format, .has_no_title = true};
    int r = spc_table_begin(stdout, &meta_kind, &how, &table, err);
    for (size_t i = 0; r == 0 && i < recording->meta_count; i++) {
        struct meta_row row = {recording->meta[i].key, recording->meta[i].value};
        r = spc_table_row(table, &row, 0, err);
    }
    return r < 0 ? r : spc_table_end(table, err);
}

static int show_runs(const struct recording *recording, enum spc_format format, struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = {.format = format};
    int r = spc_table_begin(stdout, &run_kind, &how, &table, err);
    for (size_t i = 0; r == 0 && i < recording->run_count; i++) {
        const struct sample *s = &recording->runs[i];
        struct run_row row = {.number = i + 1,
                              .start = s->start,
                              .seconds = s->duration,
                              .lost = systrace_sample_lost(s),
                              .spin = s->calibration.spin,
                              .untraced = s->calibration.null_untraced,
                              .traced = s->calibration.null_traced,
                              .quantum = s->calibration.quantum,
                              .is_whole = !s->is_cut};
        for (size_t c = 0; c < s->call_count; c++)
            row.calls += s->calls[c].count;
        r = spc_table_row(table, &row, 0, err);
    }
    return r < 0 ? r : spc_table_end(table, err);
}

static int show(void *config_, int argc, char **argv, struct spc_err *err)
{
    const struct report_config *config = config_;
    systrace_auto_recording struct recording recording = {0};
    enum spc_format format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT;
    int r = read_one(argc, argv, "show", &recording, err);
    r = r < 0 ? r : show_meta(&recording, format, err);
    if (r == 0 && !config->is_json)
        putchar('\n');
    r = r < 0 ? r : show_runs(&recording, format, err);
    if (r < 0)
        return r;
    if (recording.is_cut)
        fprintf(stderr, "systrace: %s was cut short: %zu complete runs\n", argv[0],
                recording.run_count);
    return SPC_EXIT_OK;
}

int systrace_report_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "systrace report",
        .operands = "FILE",
        .description = "Print all runs of a recording as one table.",
        .opts = report_options,
        .run = report,
        .config_size = sizeof(struct report_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}

int systrace_show_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "systrace show",
        .operands = "FILE",
        .description = "Print where and how a recording was made, and its runs.",
        .opts = show_options,
        .run = show,
        .config_size = sizeof(struct report_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}
