// SPDX-License-Identifier: BSD-2-Clause
// `systrace record`: several short runs into one file.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <spc/opt.h>

#include "calibrate.h"
#include "commands.h"
#include "context.h"
#include "measure.h"
#include "recording.h"
#include "wait.h"

struct record_config {
    struct measure_options measure;
    const char *output;
    uint64_t duration;
    uint32_t runs;
    bool is_quiet;
    char **command; // what stood behind "--", or NULL
};

#define AT(member) SPC_OPT_AT(struct record_config, member)
static const struct spc_opt options[] = {
    {'o', "output", SPC_OPT_STR, AT(output), "FILE", "Where to write; '-' is standard output."},
    {0, "duration", SPC_OPT_DURATION, AT(duration), "TIME", "Length of a run (10s).", .min = 1000},
    {0, "runs", SPC_OPT_U32, AT(runs), "N",
     "Number of runs (6; with a command, 1). 'diff' can only judge with two and more on each side.",
     .min = 1, .max = 1000},
    {'q', "quiet", SPC_OPT_FLAG, AT(is_quiet), NULL, "Say nothing while it goes well."},
    SYSTRACE_MEASURE_OPTIONS(struct record_config, measure),
    {0},
};
#undef AT

struct session {
    const struct record_config *config;
    char **targets;
    size_t target_count;
    struct waiter waiter;
    FILE *file;
    size_t runs;
    bool is_lossy;
};

static int open_output(const char *path, FILE **ret, struct spc_err *err)
{
    if (!path)
        return spc_err_usage(err, "record: where to? Give -o FILE");
    bool is_stdout = strcmp(path, "-") == 0;
    spc_auto_close int fd = is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                      : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return spc_err_set(err, -errno, "%s", path);
    (void)SPC_TAKE_FD(fd);
    *ret = file;
    return 0;
}

// The command's process alone, and whatever it starts, unless targets were named beside it.
static int scope_command(struct measure *m, const struct command *command, const struct session *s,
                         struct spc_err *err)
{
    if (s->target_count)
        return 0;
    struct scope_member member = {.key = (uint64_t)command->pid};
    systrace_scope_free(&m->scope);
    m->scope = (struct scope){.kind = SYSTRACE_SCOPE_PROCESS,
                              .by = (enum group_by)s->config->measure.by,
                              .is_following = true};
    if (spc_strv_add(&m->scope.labels, s->config->command[0]) < 0)
        return spc_err_set(err, -ENOMEM, "list of targets");
    return systrace_scope_add(&m->scope, &member, err);
}

static int open_measure(struct session *s, struct measure *m, struct command *command,
                        struct spc_err *err)
{
    int r = systrace_measure_prepare(m, &s->config->measure, s->targets, s->target_count, err);
    if (r == 0 && s->config->command) {
        r = systrace_command_start(s->config->command, command, err);
        r = r < 0 ? r : scope_command(m, command, s, err);
    }
    return r < 0 ? r : systrace_measure_load(m, err);
}

static int add_what(struct recording *head, const struct session *s, const struct measure *m)
{
    enum probe_kind kind = systrace_probe_get_kind(m->probe);
    spc_auto_buf struct spc_buf text = {0};
    int r = systrace_recording_add_meta(head, "probe.kind", systrace_probe_kind_name(kind));
    r = r < 0 ? r : systrace_recording_add_meta(head, "what", m->what);
    for (const struct spc_choice *c = systrace_by_choices; r == 0 && c->name; c++)
        if (c->value == s->config->measure.by)
            r = systrace_recording_add_meta(head, "by", c->name);
    for (char **word = s->config->command; word && *word; word++)
        spc_buf_printf(&text, "%s%s", text.len ? " " : "", *word);
    if (r == 0 && text.len)
        r = systrace_recording_add_meta(head, "command", spc_buf_str(&text));
    return r < 0 ? r
                 : systrace_recording_add_meta(head, "filter",
                                               m->options.filter.is_set ? "some" : "all");
}

static int write_head(struct session *s, const struct measure *m, struct spc_err *err)
{
    systrace_auto_recording struct recording head = {0};
    int r = systrace_context_add(&head, err);
    if (r < 0)
        return r;
    r = add_what(&head, s, m);
    if (r < 0)
        return spc_err_set(err, r, "describing the measurement");
    return systrace_recording_write_head(s->file, &head, err);
}

// Until the time is over or the command has ended.
static int wait_for_run(struct session *s, struct command *command, struct spc_err *err)
{
    uint64_t end = systrace_now() + s->config->duration;
    int status;
    if (!command->pid)
        return systrace_wait(&s->waiter, end, SPC_NOFD, err);
    int r = systrace_command_release(command, err);
    r = r < 0 ? r : systrace_wait(&s->waiter, UINT64_MAX, command->pidfd, err);
    if (r != WAIT_READABLE)
        return r;
    r = systrace_command_wait(command, &status, err);
    return r < 0 ? r : WAIT_READABLE;
}

static void say_run(const struct session *s, const struct sample *sample)
{
    const struct calibration *c = &sample->calibration;
    if (!s->config->is_quiet)
        fprintf(stderr, "run %zu of %u: %.1f s, %zu kinds of call, probes add %.0f ns a call\n",
                s->runs, s->config->runs, (double)sample->duration / 1e9, sample->call_count,
                c->null_traced - c->null_untraced);
}

static int do_run(struct session *s, struct spc_err *err)
{
    systrace_auto_measure struct measure m = SYSTRACE_MEASURE_NONE;
    systrace_auto_command struct command command = SYSTRACE_COMMAND_NONE;
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    struct calibration calibration;

    int r = open_measure(s, &m, &command, err);
    if (r == 0 && !s->runs)
        r = write_head(s, &m, err);
    r = r < 0 ? r : systrace_calibrate(systrace_probe_get_kind(m.probe), &calibration, err);
    r = r < 0 ? r : systrace_measure_begin(&m, err);
    r = r < 0 ? r : wait_for_run(s, &command, err);
    if (r < 0)
        return r;
    bool is_cut = r == WAIT_INTERRUPTED;
    r = systrace_measure_end(&m, &sample, err);
    if (r < 0)
        return r;
    sample.is_cut = is_cut;
    sample.calibration = calibration;
    s->is_lossy |= systrace_measure_report_lost(&sample);
    r = systrace_recording_write_run(s->file, ++s->runs, &sample, err);
    if (r == 0)
        say_run(s, &sample);
    return r;
}

static void session_end(struct session *s)
{
    systrace_wait_end(&s->waiter);
    if (s->file)
        fclose(s->file);
}

static int run(void *config_, int argc, char **argv, struct spc_err *err)
{
    struct record_config *config = config_;
    struct session s SPC_CLEANUP(session_end) = {
        .config = config,
        .targets = argv,
        .target_count = (size_t)argc,
        .waiter = SYSTRACE_WAITER_NONE,
    };
    if (!config->runs)
        config->runs = config->command ? 1 : 6;
    int r = open_output(config->output, &s.file, err);
    r = r < 0 ? r : systrace_wait_begin(&s.waiter, err);
    while (r == 0 && s.runs < config->runs && !s.waiter.is_interrupted)
        r = do_run(&s, err);
    if (s.runs) {
        // Whatever failed: the runs before it are complete and stay readable.
        int end = systrace_recording_write_end(s.file, s.runs, r < 0 ? NULL : err);
        r = r < 0 ? r : end;
    }
    if (r < 0)
        return r;
    return s.is_lossy ? SPC_EXIT_LOST : SPC_EXIT_OK;
}

static const struct spc_example examples[] = {
    {"systrace record -o before.st", "Six runs of ten seconds of the whole node."},
    {"systrace record -o a.st -b container web db", "Two containers, each for itself."},
    {"systrace record -o a.st --runs 6 -- make -j4", "A command, six times."},
    {0},
};

int systrace_record_main(int argc, char **argv)
{
    struct record_config defaults = {
        .measure = {.by = SYSTRACE_BY_CALL, .kind = SYSTRACE_PROBE_AUTO},
        .duration = 10 * UINT64_C(1000000000),
    };
    const struct spc_cmd cmd = {
        .name = "systrace record",
        .operands = "-o FILE [TARGET...] [-- COMMAND [ARG...]]",
        .description = "Measure system calls into a file that 'report', 'diff' and 'export' read.",
        .opts = options,
        .examples = examples,
        .notes = "Ctrl-C ends the recording; what was measured until then is kept.",
        .run = run,
        .config_size = sizeof(struct record_config),
        .defaults = &defaults,
    };
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0) {
            defaults.command = i + 1 < argc ? argv + i + 1 : NULL;
            argc = i;
        }
    return spc_cmd_main(&cmd, argc, argv);
}
