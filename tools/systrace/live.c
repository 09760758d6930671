// SPDX-License-Identifier: BSD-2-Clause
// `systrace [TARGET...]`: the live table, and the final one.
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <spc/opt.h>

#include "commands.h"
#include "measure.h"
#include "rows.h"
#include "wait.h"

struct live_config {
    struct measure_options measure;
    int sort;
    uint64_t duration, interval;
    bool is_times, is_json;
};

#define AT(member) SPC_OPT_AT(struct live_config, member)
static const struct spc_opt options[] = {
    {'s', "sort", SPC_OPT_CHOICE, AT(sort), "KEY", "Order of the lines.",
     .choices = systrace_sort_choices},
    {'t', NULL, SPC_OPT_FLAG, AT(is_times), NULL,
     "Only the table of syscalltimes: count, total, average, minimum, maximum in ns."},
    {0, "duration", SPC_OPT_DURATION, AT(duration), "TIME",
     "Stop after this time; without it, on Ctrl-C."},
    {'i', "interval", SPC_OPT_DURATION, AT(interval), "TIME",
     "Time between two tables on a terminal (1s)."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "One JSON object a line."},
    SYSTRACE_MEASURE_OPTIONS(struct live_config, measure),
    {0},
};
#undef AT

static void screen_size(size_t *rows)
{
    struct winsize size = {0};
    *rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row : 24;
}

static void rows_options(const struct live_config *config, const struct probe *probe,
                         struct rows_options *ret)
{
    enum probe_kind kind = systrace_probe_get_kind(probe);
    *ret = (struct rows_options){
        .sort = (enum sort_key)config->sort,
        .format = config->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
        .is_times = config->is_times,
        .has_no_groups = config->measure.by == SYSTRACE_BY_CALL,
        .has_no_queue = kind != SYSTRACE_PROBE_BTF,
        .has_no_off = kind == SYSTRACE_PROBE_HASH,
        .is_bold = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
    };
}

static int print_screen(struct measure *m, const struct live_config *config, struct spc_err *err)
{
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    struct rows_options rows;
    int r = systrace_probe_read(m->probe, m->names, &sample, err);
    if (r < 0)
        return r;
    rows_options(config, m->probe, &rows);
    screen_size(&rows.limit);
    rows.limit -= 3;
    // Home, then clear what is below: no flicker.
    fputs("\033[H\033[J", stdout);
    printf("%s for %.0f s, Ctrl-C ends\n", m->what, (double)(systrace_now() - m->begin) / 1e9);
    return systrace_rows_calls(stdout, &sample, &rows, err);
}

static int wait_for_end(struct measure *m, const struct live_config *config, struct waiter *waiter,
                        struct spc_err *err)
{
    bool is_screen = isatty(STDOUT_FILENO) && !config->is_json;
    uint64_t end = config->duration ? systrace_now() + config->duration : UINT64_MAX;
    uint64_t interval = config->interval ? config->interval : 1000000000u;
    uint64_t next = is_screen ? systrace_now() + interval : UINT64_MAX;
    for (;;) {
        int r = systrace_wait(waiter, next < end ? next : end, SPC_NOFD, err);
        if (r < 0 || r == WAIT_INTERRUPTED || next >= end)
            return r;
        r = print_screen(m, config, err);
        if (r < 0)
            return r;
        next += interval;
    }
}

static int print_final(const struct live_config *config, const struct probe *probe,
                       const struct sample *sample, struct spc_err *err)
{
    struct rows_options rows;
    rows_options(config, probe, &rows);
    int r = systrace_rows_calls(stdout, sample, &rows, err);
    if (r < 0 || config->is_times)
        return r;
    bool is_text = rows.format == SPC_FORMAT_TEXT;
    rows.limit = is_text ? 20 : 0;
    if (is_text && sample->call_count)
        putchar('\n');
    r = systrace_rows_errors(stdout, sample, &rows, err);
    if (is_text && r == 0 && sample->flight_count)
        putchar('\n');
    return r < 0 ? r : systrace_rows_flights(stdout, sample, &rows, err);
}

static int run(void *config_, int argc, char **argv, struct spc_err *err)
{
    struct live_config *config = config_;
    systrace_auto_measure struct measure m = SYSTRACE_MEASURE_NONE;
    systrace_auto_waiter struct waiter waiter = SYSTRACE_WAITER_NONE;
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};

    int r = systrace_measure_open(&m, &config->measure, argv, (size_t)argc, err);
    r = r < 0 ? r : systrace_wait_begin(&waiter, err);
    r = r < 0 ? r : systrace_measure_begin(&m, err);
    r = r < 0 ? r : wait_for_end(&m, config, &waiter, err);
    r = r < 0 ? r : systrace_measure_end(&m, &sample, err);
    r = r < 0 ? r : print_final(config, m.probe, &sample, err);
    if (r < 0)
        return r;
    return systrace_measure_report_lost(&sample) ? SPC_EXIT_LOST : SPC_EXIT_OK;
}

static const struct spc_example examples[] = {
    {"systrace -t --duration 10s", "What the whole node spends in system calls."},
    {"systrace -b process -s blocked", "Who waits in which call."},
    {"systrace -e trace=openat,read pid:1234", "Two calls of one process."},
    {0},
};

int systrace_live_main(int argc, char **argv)
{
    static const struct live_config defaults = {
        .measure = {.by = SYSTRACE_BY_CALL, .kind = SYSTRACE_PROBE_AUTO},
    };
    static const struct spc_cmd cmd = {
        .name = "systrace",
        .operands = "[TARGET...]\n"
                    "record|report|show|diff|hist|export ...",
        .description = "Measure the system calls of a process, a container or the whole node in "
                       "the kernel: how many, how long, on a CPU or blocked.",
        .opts = options,
        .examples = examples,
        .notes = "While it runs every task of the node pays for the two tracepoints at each system "
                 "call, whether it is in scope or not. "
                 "'systrace COMMAND --help' explains record, report, show, diff, hist and export.",
        .run = run,
        .config_size = sizeof(struct live_config),
        .defaults = &defaults,
    };
    return spc_cmd_main(&cmd, argc, argv);
}
