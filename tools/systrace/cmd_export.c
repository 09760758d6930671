// SPDX-License-Identifier: BSD-2-Clause
// `systrace export`: a recording for other programs.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <spc/json_writer.h>
#include <spc/opt.h>

#include "commands.h"
#include "recording.h"

enum export_format { EXPORT_NDJSON, EXPORT_CSV, EXPORT_PROMETHEUS, EXPORT_OPENMETRICS };

struct export_config {
    int format;
};

static const struct spc_choice formats[] = {
    {"ndjson", EXPORT_NDJSON, "a bucket a line"},
    {"csv", EXPORT_CSV, "a bucket a line"},
    {"prometheus", EXPORT_PROMETHEUS, "text exposition format 0.0.4"},
    {"openmetrics", EXPORT_OPENMETRICS, "1.0"},
    {0},
};
static const struct spc_opt options[] = {
    {'f', "format", SPC_OPT_CHOICE, SPC_OPT_AT(struct export_config, format), "FORMAT",
     "What to write.", .choices = formats},
    {0},
};

// --- a line a bucket ----------------------------------------------------------------------------

struct bucket {
    const struct call_stats *call;
    size_t run;
    const char *kind; // "wall" or "cpu"
    unsigned index;
    uint64_t count;
};

static void put_ndjson(struct spc_buf *out, const struct bucket *b)
{
    struct spc_json json = {.buf = out};
    spc_json_object(&json, NULL);
    spc_json_u64(&json, "run", b->run);
    spc_json_str(&json, "group", b->call->group);
    spc_json_str(&json, "call", b->call->name);
    spc_json_str(&json, "hist", b->kind);
    spc_json_i64(&json, "bucket", (int64_t)b->index + HIST_LOWEST);
    spc_json_double(&json, "le_ns", systrace_hist_bound(b->index));
    spc_json_u64(&json, "count", b->count);
    spc_json_object_end(&json);
    spc_buf_putc(out, '\n');
}

// RFC 4180: quotes are doubled.
static void put_quoted(struct spc_buf *out, const char *text)
{
    spc_buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            spc_buf_putc(out, '"');
        spc_buf_putc(out, *text);
    }
    spc_buf_putc(out, '"');
}

static void put_csv(struct spc_buf *out, const struct bucket *b)
{
    spc_buf_printf(out, "%zu,", b->run);
    put_quoted(out, b->call->group);
    spc_buf_putc(out, ',');
    put_quoted(out, b->call->name);
    spc_buf_printf(out, ",%s,%d,", b->kind, (int)b->index + HIST_LOWEST);
    double bound = systrace_hist_bound(b->index);
    if (!isinf(bound))
        spc_buf_printf(out, "%.9g", bound);
    spc_buf_printf(out, ",%" PRIu64 "\n", b->count);
}

static void put_buckets(struct spc_buf *out, const struct call_stats *c, size_t run,
                        void (*put)(struct spc_buf *out, const struct bucket *b))
{
    const struct hist *const hists[] = {&c->wall, systrace_call_cpu(c)};
    static const char *const kinds[] = {"wall", "cpu"};
    for (size_t k = 0; k < SPC_ARRAY_SIZE(hists); k++)
        for (unsigned i = 0; i < hists[k]->size; i++)
            if (hists[k]->count[i])
                put(out,
                    &(struct bucket){c, run, kinds[k], hists[k]->first + i, hists[k]->count[i]});
}

static void put_lines(struct spc_buf *out, const struct recording *recording,
                      enum export_format format)
{
    if (format == EXPORT_CSV)
        spc_buf_puts(out, "run,group,call,hist,bucket,le_ns,count\n");
    for (size_t r = 0; r < recording->run_count; r++)
        for (size_t i = 0; i < recording->runs[r].call_count; i++)
            put_buckets(out, &recording->runs[r].calls[i], r + 1,
                        format == EXPORT_CSV ? put_csv : put_ndjson);
}

// --- Prometheus ---------------------------------------------------------------------------------

static void put_label(struct spc_buf *out, const char *name, const char *value)
{
    spc_buf_printf(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            spc_buf_putc(out, '\\');
        if (*value == '\n')
            spc_buf_puts(out, "\\n");
        else
            spc_buf_putc(out, *value);
    }
    spc_buf_putc(out, '"');
}

static void put_labels(struct spc_buf *out, const struct call_stats *c)
{
    put_label(out, "group", c->group);
    spc_buf_putc(out, ',');
    put_label(out, "call", c->name);
}

// Classic buckets, one a power of two: every eighth bound, so that the sums are exact.
static void put_histogram(struct spc_buf *out, const struct call_stats *c)
{
    static const char name[] = "systrace_call_duration_seconds";
    uint64_t below = 0;
    unsigned last = c->wall.size ? c->wall.first + c->wall.size - 1 : 0;
    for (unsigned i = 0; i < HIST_BUCKETS - 1 && c->wall.size; i++) {
        below += systrace_hist_get(&c->wall, i);
        if (i % 8 != 0 || i + 8 <= c->wall.first)
            continue;
        spc_buf_printf(out, "%s_bucket{", name);
        put_labels(out, c);
        spc_buf_printf(out, ",le=\"%.9g\"} %" PRIu64 "\n", systrace_hist_bound(i) / 1e9, below);
        if (i >= last)
            break;
    }
    spc_buf_printf(out, "%s_bucket{", name);
    put_labels(out, c);
    spc_buf_printf(out, ",le=\"+Inf\"} %" PRIu64 "\n", systrace_hist_total(&c->wall));
    spc_buf_printf(out, "%s_sum{", name);
    put_labels(out, c);
    spc_buf_printf(out, "} %.9f\n", (double)c->total / 1e9);
    spc_buf_printf(out, "%s_count{", name);
    put_labels(out, c);
    spc_buf_printf(out, "} %" PRIu64 "\n", systrace_hist_total(&c->wall));
}

static const struct {
    const char *name, *help;
    size_t offset;
    bool is_ns;
} counters[] = {
    {"off_cpu_seconds", "Time in system calls off the CPU.", offsetof(struct call_stats, off),
     true},
    {"run_queue_seconds", "Time in system calls waiting for a CPU.",
     offsetof(struct call_stats, run_queue), true},
    {"errors", "System calls that failed.", offsetof(struct call_stats, errors), false},
    {"denied", "System calls refused before they were entered.",
     offsetof(struct call_stats, denied), false},
};

static void put_metrics(struct spc_buf *out, const struct sample *sample, bool is_open)
{
    spc_buf_puts(out, "# HELP systrace_call_duration_seconds Duration of system calls.\n"
                      "# TYPE systrace_call_duration_seconds histogram\n");
    for (size_t i = 0; i < sample->call_count; i++)
        put_histogram(out, &sample->calls[i]);
    for (size_t m = 0; m < SPC_ARRAY_SIZE(counters); m++) {
        // OpenMetrics names the family without _total, Prometheus with it.
        const char *suffix = is_open ? "" : "_total";
        spc_buf_printf(out, "# HELP systrace_call_%s%s %s\n# TYPE systrace_call_%s%s counter\n",
                       counters[m].name, suffix, counters[m].help, counters[m].name, suffix);
        for (size_t i = 0; i < sample->call_count; i++) {
            const struct call_stats *c = &sample->calls[i];
            uint64_t value = *(const uint64_t *)((const char *)c + counters[m].offset);
            spc_buf_printf(out, "systrace_call_%s_total{", counters[m].name);
            put_labels(out, c);
            if (counters[m].is_ns)
                spc_buf_printf(out, "} %.9f\n", (double)value / 1e9);
            else
                spc_buf_printf(out, "} %" PRIu64 "\n", value);
        }
    }
    spc_buf_puts(out, is_open ? "# EOF\n" : "");
}

static int run(void *config_, int argc, char **argv, struct spc_err *err)
{
    const struct export_config *config = config_;
    systrace_auto_recording struct recording recording = {0};
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    spc_auto_buf struct spc_buf out = {0};
    if (argc != 1)
        return spc_err_usage(err, "export: give one FILE of 'systrace record'");
    int r = systrace_recording_read(argv[0], &recording, err);
    r = r < 0 ? r : systrace_recording_merge(&recording, &sample, err);
    if (r < 0)
        return r;
    if (config->format == EXPORT_NDJSON || config->format == EXPORT_CSV)
        put_lines(&out, &recording, (enum export_format)config->format);
    else
        put_metrics(&out, &sample, config->format == EXPORT_OPENMETRICS);
    r = spc_buf_check(&out);
    if (r < 0)
        return spc_err_set(err, r, "export");
    if (fwrite(spc_buf_str(&out), 1, out.len, stdout) != out.len || fflush(stdout) != 0)
        return spc_err_set(err, -errno, "writing the output");
    return SPC_EXIT_OK;
}

int systrace_export_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "systrace export",
        .operands = "FILE",
        .description = "Write a recording for Prometheus, DuckDB, SQLite or a spreadsheet.",
        .opts = options,
        .run = run,
        .config_size = sizeof(struct export_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}
