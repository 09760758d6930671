// SPDX-License-Identifier: BSD-2-Clause
// strace-lite: the command line, the pipeline, the exit code.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <spc/child.h>
#include <spc/session.h>
#include <spc/target.h>

#include "call.h"
#include "config.h"
#include "decode.h"
#include "ptrace_source.h"

int strace_lite_main(int argc, char **argv);

// Everything of one run, in the order in which it is made.
struct run {
    const struct config *config;
    struct decode_options decode;
    struct spc_output *output;
    struct spc_sink *sinks[2];
    size_t sink_count;
    pid_t *pids;
    size_t pid_count;
    char *path; // of the command
    char **argv;
    struct spc_source *source;
    struct spc_buf siginfo;
};

static void run_free(struct run *run)
{
    spc_source_free(run->source);
    for (size_t i = 0; i < run->sink_count; i++)
        spc_sink_free(run->sinks[i]);
    spc_output_free(run->output);
    spc_buf_free(&run->siginfo);
    free(run->pids);
    free(run->path);
}

static int add_pid(struct run *run, pid_t pid)
{
    for (size_t i = 0; i < run->pid_count; i++)
        if (run->pids[i] == pid)
            return 0;
    pid_t *pids = realloc(run->pids, (run->pid_count + 1) * sizeof(*pids));
    if (!pids)
        return -ENOMEM;
    run->pids = pids;
    pids[run->pid_count++] = pid;
    return 0;
}

// -p takes what pidof(1) prints as well: numbers between commas, spaces, newlines.
static int add_pid_list(struct run *run, const char *list, struct spc_err *err)
{
    spc_auto_free char *copy = strdup(list);
    char *rest = NULL;
    if (!copy)
        return spc_err_set(err, -ENOMEM, "-p %s", list);
    for (char *word = strtok_r(copy, ", \t\n", &rest); word;
         word = strtok_r(NULL, ", \t\n", &rest)) {
        uint64_t pid;
        if (spc_parse_u64(word, &pid) < 0 || pid == 0 || pid > INT32_MAX)
            return spc_err_usage(err, "-p: '%s' is not a process ID", word);
        if (add_pid(run, (pid_t)pid) < 0)
            return spc_err_set(err, -ENOMEM, "-p %s", list);
    }
    return run->pid_count ? 0 : spc_err_usage(err, "-p: '%s' has no process ID", list);
}

static int add_target(struct run *run, const char *spec, struct spc_err *err)
{
    struct spc_node *node SPC_CLEANUP(spc_node_free_p) = NULL;
    spc_auto_target struct spc_target target = SPC_TARGET_NONE;
    spc_auto_processes struct spc_processes list = {0};
    int r = spc_node_open(NULL, &node, err);
    if (r == 0)
        r = spc_target_resolve(node, spec, &target, err);
    if (r == 0)
        r = spc_target_processes(node, &target, &list, err);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        if (list.items[i].pid != getpid())
            r = add_pid(run, list.items[i].pid);
    if (r == 0 && run->pid_count == 0) {
        spc_err_say(err, -ESRCH, "'%s' has no processes", spec);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    return r;
}

static int find_targets(struct run *run, const char *target, int argc, char **argv,
                        struct spc_err *err)
{
    const struct config *c = run->config;
    spc_strv_foreach (&c->pids, item) {
        int r = add_pid_list(run, *item, err);
        if (r < 0)
            return r;
    }
    if (target) {
        int r = add_target(run, target, err);
        if (r < 0)
            return r;
    }
    if (argc > 0 && run->pid_count)
        return spc_err_usage(err, "a command together with -p or --target is not there yet; start "
                                  "it by itself");
    if (argc == 0 && !run->pid_count) {
        spc_err_usage(err, "there is nothing to trace");
        return spc_err_hint(err, "give -p PID, --target TARGET or a command; see --help");
    }
    run->argv = argv;
    return argc > 0 ? spc_child_find(argv[0], getenv("PATH"), &run->path, err) : 0;
}

static int open_sinks(struct run *run, const char *tool, struct spc_err *err)
{
    const struct config *c = run->config;
    int r = spc_output_open(c->output, STDERR_FILENO, &run->output, err);
    if (r == 0 && !c->is_summary) {
        struct lines_options lines = {
            .time = c->times > 2 ? TIME_EPOCH : (enum time_format)c->times,
            .is_relative = c->is_relative,
            .has_duration = c->has_duration,
            .has_pids = run->pid_count > 1 || (c->output && c->follow),
            .is_pid_plain = c->output != NULL,
            // As strace: what goes to a file from a command needs no messages beside it.
            .is_quiet = c->quiet > 0 || (c->output && run->path),
            .hides_exits = c->quiet > 1,
            .column = c->column,
            .tool = tool,
        };
        r = c->is_json ? spc_sink_json_open(run->output, &run->sinks[0], err)
                       : strace_lines_open(run->output, &lines, &run->sinks[0], err);
        run->sink_count += r == 0;
    }
    if (r == 0 && (c->is_summary || c->is_summary_too)) {
        r = strace_summary_open(run->output, (enum summary_sort)c->sort, c->is_wall,
                                &run->sinks[run->sink_count], err);
        run->sink_count += r == 0;
    }
    return r;
}

static void decode_event(void *context, struct spc_event *event)
{
    struct run *run = context;
    switch (event->kind) {
    case SPC_EVENT_CALL_ENTER:
    case SPC_EVENT_CALL_EXIT:
    case SPC_EVENT_CALL_END:
        strace_decode_call((struct call *)((struct spc_event_call *)event)->payload, &run->decode);
        break;
    case SPC_EVENT_SIGNAL: {
        struct spc_event_signal *e = (struct spc_event_signal *)event;
        if (e->payload)
            e->info = strace_decode_signal(e->payload, &run->siginfo, &run->decode);
        break;
    }
    default:
        break;
    }
}

static int open_source(struct run *run, struct spc_err *err)
{
    const struct config *c = run->config;
    struct ptrace_config config = {
        .pids = run->pids,
        .pid_count = run->pid_count,
        .may_be_gone = c->target && c->pids.count == 0,
        .follows = c->follow > 0 || c->target,
        .command = {run->path, run->argv, environ},
        .needs_time = c->times || c->is_relative || c->is_json,
        .needs_cpu_time = (c->is_summary || c->is_summary_too) && !c->is_wall,
        .needs_names = c->is_json,
        .wants_call = c->filter.is_set ? strace_filter_wants : NULL,
        .filter = &c->filter,
        .is_without_syscall_info = c->is_without_syscall_info,
        .is_without_vm_read = c->is_without_vm_read,
    };
    return strace_ptrace_open(&config, &run->source, err);
}

// End as the command did: a shell must see the same.
static int die_by(int signal)
{
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core); // the command's own core must not be overwritten
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    sigaction(signal, &dfl, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(signal);
    return SPC_EXIT_SIGNAL_BASE + signal;
}

static int finish(struct run *run, const struct spc_session *session, struct spc_err *err)
{
    int status = strace_ptrace_child_status(run->source);
    int exec_error = strace_ptrace_exec_error(run->source);
    int lost = session->stats.lost ? SPC_EXIT_LOST : SPC_EXIT_OK, signal = session->signal;
    if (exec_error)
        return spc_err_set(err, exec_error, "run '%s'", run->path);
    if (!signal && status != -1 && WIFSIGNALED(status))
        signal = WTERMSIG(status);
    if (!signal && status != -1)
        return WEXITSTATUS(status);
    if (!signal)
        return lost;
    run_free(run); // everything is written before we go
    *run = (struct run){0};
    return die_by(signal);
}

static int trace(const struct config *config, const char *tool, const char *target, int argc,
                 char **argv, struct spc_err *err)
{
    if (config->follow > 1)
        return spc_err_usage(err, "-ff: one output file a process is not there yet; use -f");
    struct run run SPC_CLEANUP(run_free) = {.config = config};
    run.decode = (struct decode_options){config->string_limit, config->is_verbose, config->is_json};
    int r = find_targets(&run, target, argc, argv, err);
    if (r == 0)
        r = open_sinks(&run, tool, err);
    if (r == 0)
        r = open_source(&run, err);
    if (r < 0)
        return r;

    struct spc_session session = {
        .source = run.source,
        .context = &run,
        .decode = config->is_summary ? NULL : decode_event,
        .sinks = run.sinks,
        .sink_count = run.sink_count,
        // As strace: with -o FILE COMMAND the keyboard's signals are for the command.
        .are_signals_ignored = run.path && config->output,
    };
    r = spc_session_run(&session, err);
    return r < 0 ? r : finish(&run, &session, err);
}

static int run_tool(void *config, int argc, char **argv, struct spc_err *err)
{
    struct config *c = config;
    return trace(c, "strace-lite", c->target, argc, argv, err);
}

// `spc strace`: the first operand is a TARGET unless it stands behind "--".
static int run_verb(void *config, int argc, char **argv, struct spc_err *err)
{
    struct config *c = config;
    bool is_command = argc > 0 && strcmp(argv[-1], "--") == 0;
    if (argc > 0 && !is_command && !c->target) {
        c->target = argv[0];
        argc--;
        argv++;
    }
    return trace(c, "spc strace", c->target, argc, argv, err);
}

int strace_lite_main(int argc, char **argv)
{
    struct spc_cmd cmd = {
        .name = "strace-lite",
        .operands = "{-p PID[,PID]... | --target TARGET | [--] COMMAND [ARG...]}",
        .description = "Show the system calls of a command, of running processes or of a "
                       "container, as strace does.",
        .opts = strace_options,
        .examples = strace_examples,
        .notes = strace_notes,
        .stop_at_operand = true,
        .run = run_tool,
        .config_size = sizeof(struct config),
        .defaults = &strace_defaults,
        .free_config = strace_config_free,
    };
    // The one place that tells the verb from the tool. `spc strace` hands us "strace" as argv[0],
    // and so does a link of that name: what the process was started as tells the two apart.
    const char *self = program_invocation_short_name;
    if (strcmp(self, "strace-lite") != 0 && strcmp(self, "strace") != 0) {
        cmd.name = "spc strace";
        cmd.operands = "{TARGET | -p PID[,PID]... | -- COMMAND [ARG...]}";
        cmd.examples = strace_verb_examples;
        cmd.run = run_verb;
    }
    return spc_cmd_main(&cmd, argc, argv);
}
