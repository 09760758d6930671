// SPDX-License-Identifier: BSD-2-Clause
// `systrace hist CALL FILE`: the histogram of a call as bars.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <spc/opt.h>
#include <spc/table.h>

#include "commands.h"
#include "recording.h"

struct hist_config {
    const char *group;
    bool is_json, is_cpu;
};

#define AT(member) SPC_OPT_AT(struct hist_config, member)
static const struct spc_opt options[] = {
    {'g', "group", SPC_OPT_STR, AT(group), "NAME", "Only this process, container or target."},
    {0, "cpu", SPC_OPT_FLAG, AT(is_cpu), NULL, "Time on CPU instead of the whole duration."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "One JSON object a line."},
    {0},
};
#undef AT

struct bucket_row {
    uint64_t above, upto, count;
    double percent;
    char bar[48];
    const char *bar_text;
};

#define AT(member) offsetof(struct bucket_row, member)
static const struct spc_field fields[] = {
    {"above_ns", "ABOVE", SPC_TYPE_NS, AT(above), SPC_FIELD_RIGHT, "lower bound, exclusive"},
    {"upto_ns", "UP TO", SPC_TYPE_NS, AT(upto), SPC_FIELD_RIGHT, "upper bound, inclusive"},
    {"count", "COUNT", SPC_TYPE_U64, AT(count), SPC_FIELD_RIGHT, "calls"},
    {"percent", "%", SPC_TYPE_DOUBLE, AT(percent), SPC_FIELD_RIGHT, "of all"},
    {"bar", "", SPC_TYPE_STR, AT(bar_text), 0, "relative to the largest"},
    {0},
};
#undef AT
static const struct spc_record_kind kind = {"bucket", fields, sizeof(struct bucket_row)};

static int collect(const struct sample *sample, const char *name, const struct hist_config *config,
                   struct hist *ret, struct spc_err *err)
{
    bool is_found = false;
    for (size_t i = 0; i < sample->call_count; i++) {
        const struct call_stats *c = &sample->calls[i];
        if (strcmp(c->name, name) != 0 || (config->group && strcmp(c->group, config->group) != 0))
            continue;
        is_found = true;
        int r = systrace_hist_merge(ret, config->is_cpu ? systrace_call_cpu(c) : &c->wall);
        if (r < 0)
            return spc_err_set(err, r, "histogram");
    }
    if (is_found)
        return 0;
    spc_auto_free const char **names = calloc(sample->call_count + 1, sizeof(*names));
    for (size_t i = 0; names && i < sample->call_count; i++)
        names[i] = sample->calls[i].name;
    const char *near = names ? spc_nearest(name, names, sample->call_count) : NULL;
    spc_err_say(err, -ENOENT, "hist: the recording has no call '%s'%s%s", name,
                config->group ? " of " : "", config->group ? config->group : "");
    return near ? spc_err_hint(err, "did you mean %s?", near) : -ENOENT;
}

static int print(const struct hist *hist, bool is_json, struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = {.format = is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
    uint64_t largest = 1, total = systrace_hist_total(hist);
    for (unsigned i = 0; i < hist->size; i++)
        largest = hist->count[i] > largest ? hist->count[i] : largest;
    int r = spc_table_begin(stdout, &kind, &how, &table, err);
    for (unsigned i = 0; r == 0 && i < hist->size; i++) {
        unsigned bucket = hist->first + i;
        double upper = systrace_hist_bound(bucket);
        struct bucket_row row = {
            .above = bucket ? (uint64_t)llround(systrace_hist_bound(bucket - 1)) : 0,
            .upto = isinf(upper) ? UINT64_MAX : (uint64_t)llround(upper),
            .count = hist->count[i],
            .percent = 100.0 * (double)hist->count[i] / (double)(total ? total : 1),
        };
        size_t width = (size_t)(40 * (double)row.count / (double)largest + 0.5);
        memset(row.bar, '#', width);
        row.bar_text = row.bar;
        r = spc_table_row(table, &row, 0, err);
    }
    return r < 0 ? r : spc_table_end(table, err);
}

static int run(void *config_, int argc, char **argv, struct spc_err *err)
{
    const struct hist_config *config = config_;
    systrace_auto_recording struct recording recording = {0};
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    SPC_CLEANUP(systrace_hist_free) struct hist hist = {0};
    if (argc != 2)
        return spc_err_usage(err, "hist: give a CALL and a FILE of 'systrace record'");
    int r = systrace_recording_read(argv[1], &recording, err);
    r = r < 0 ? r : systrace_recording_merge(&recording, &sample, err);
    r = r < 0 ? r : collect(&sample, argv[0], config, &hist, err);
    r = r < 0 ? r : print(&hist, config->is_json, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

int systrace_hist_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "systrace hist",
        .operands = "CALL FILE",
        .description = "Print the histogram of a system call. Eight buckets double the duration.",
        .opts = options,
        .run = run,
        .config_size = sizeof(struct hist_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}
