// SPDX-License-Identifier: BSD-2-Clause
// The option table: strace's letters with strace's meaning, and a line for each of its options that
// is still to come.
#include "config.h"

#include <string.h>

// Options of strace -e beside trace=.
static const char *const later_qualifiers[] = {
    "abbrev", "verbose", "raw",        "signal",    "signals", "read",
    "reads",  "write",   "writes",     "fault",     "inject",  "status",
    "quiet",  "kvm",     "decode-fds", "namespace", NULL};

static int parse_qualifier(void *field, const char *value, struct spc_err *err)
{
    const char *equals = strchr(value, '=');
    size_t len = equals ? (size_t)(equals - value) : 0;
    if (!equals || (len == 5 && strncmp(value, "trace", len) == 0) || (len == 1 && value[0] == 't'))
        return strace_filter_parse(field, equals ? equals + 1 : value, err);
    for (size_t i = 0; later_qualifiers[i]; i++)
        if (strlen(later_qualifiers[i]) == len && strncmp(later_qualifiers[i], value, len) == 0)
            return spc_err_usage(err, "'%s=' of strace is not there yet", later_qualifiers[i]);
    return spc_err_usage(err, "'%.*s=' is no qualifier; did you mean trace=?", (int)len, value);
}

static int parse_trace(void *field, const char *value, struct spc_err *err)
{
    return strace_filter_parse(field, value, err);
}

// Options of strace that are still to come: known, so that the message is not "unknown".
static int not_there(void *field, const char *value, struct spc_err *err)
{
    (void)field, (void)value;
    return spc_err_usage(err, "this option of strace is not there yet");
}

#define LATER(letter_, name_, metavar_)                                                            \
    {                                                                                              \
        .letter = letter_, .name = name_, .type = SPC_OPT_CALL, .metavar = metavar_,               \
        .help = "Not there yet.", .parse = not_there, .is_hidden = true                            \
    }

static const struct spc_choice sorts[] = {
    {"time", SORT_TIME, NULL},
    {"time-total", SORT_TIME, NULL},
    {"total-time", SORT_TIME, NULL},
    {"calls", SORT_CALLS, NULL},
    {"count", SORT_CALLS, NULL},
    {"errors", SORT_ERRORS, NULL},
    {"error", SORT_ERRORS, NULL},
    {"name", SORT_NAME, NULL},
    {"syscall", SORT_NAME, NULL},
    {"syscall-name", SORT_NAME, NULL},
    {"min-time", SORT_MIN, NULL},
    {"time-min", SORT_MIN, NULL},
    {"max-time", SORT_MAX, NULL},
    {"time-max", SORT_MAX, NULL},
    {"avg-time", SORT_AVERAGE, NULL},
    {"time-avg", SORT_AVERAGE, NULL},
    {"nothing", SORT_NOTHING, NULL},
    {"none", SORT_NOTHING, NULL},
    {0},
};

#define CONFIG(member) SPC_OPT_AT(struct config, member)

const struct spc_opt strace_options[] = {
    {.type = SPC_OPT_SECTION, .help = "What is traced"},
    {'p', "attach", SPC_OPT_STRV, CONFIG(pids), "PID",
     "Attach to a running process. May be repeated; a list may be separated by commas."},
    {0, "target", SPC_OPT_STR, CONFIG(target), "TARGET",
     "Attach to every process of a container or other TARGET, and follow new ones."},
    {'f', "follow-forks", SPC_OPT_COUNT, CONFIG(follow), NULL,
     "Follow new threads and processes; with -p also attach to all threads of the process."},
    {'e', NULL, SPC_OPT_CALL, CONFIG(filter), "trace=LIST",
     "Show only these calls: names, %file %desc %network %process %memory %signal %ipc and other "
     "classes, /regular expressions; !LIST for all others; all; none.",
     .parse = parse_qualifier},
    {0, "trace", SPC_OPT_CALL, CONFIG(filter), "LIST", "The same as -e trace=LIST.",
     .parse = parse_trace},
    {.type = SPC_OPT_SECTION, .help = "What a line looks like"},
    {'s', "string-limit", SPC_OPT_U32, CONFIG(string_limit), "SIZE",
     "Show at most SIZE bytes of a string (32). Paths are always shown whole.", .max = 1 << 20},
    {'a', "columns", SPC_OPT_U32, CONFIG(column), "COLUMN", "Results begin at COLUMN (40).",
     .max = 10000},
    {'t', "absolute-timestamps", SPC_OPT_COUNT, CONFIG(times), NULL,
     "Time of day in front; -tt with microseconds, -ttt in seconds since 1970."},
    {'r', "relative-timestamps", SPC_OPT_FLAG, CONFIG(is_relative), NULL,
     "Time since the line before in front."},
    {'T', "syscall-times", SPC_OPT_FLAG, CONFIG(has_duration), NULL,
     "Time spent in the call behind it."},
    {'v', "no-abbrev", SPC_OPT_FLAG, CONFIG(is_verbose), NULL,
     "Structures, environments and lists in full."},
    {'q', "quiet", SPC_OPT_COUNT, CONFIG(quiet), NULL,
     "No messages about attaching; -qq none about exits either."},
    {0, "json", SPC_OPT_FLAG, CONFIG(is_json), NULL,
     "One JSON object a line instead of text, arguments by name."},
    {'o', "output", SPC_OPT_STR, CONFIG(output), "FILE",
     "Write to FILE instead of standard error."},
    {.type = SPC_OPT_SECTION, .help = "Counting"},
    {'c', "summary-only", SPC_OPT_FLAG, CONFIG(is_summary), NULL,
     "Count calls, errors and time, and print only a table at the end."},
    {'C', "summary", SPC_OPT_FLAG, CONFIG(is_summary_too), NULL, "As -c, but beside the lines."},
    {'S', "summary-sort-by", SPC_OPT_CHOICE, CONFIG(sort), "COLUMN", "Order of the table.",
     .choices = sorts},
    {'w', "summary-wall-clock", SPC_OPT_FLAG, CONFIG(is_wall), NULL,
     "Count time from entry to return instead of CPU time in the kernel."},
    {0, "no-syscall-info", SPC_OPT_FLAG, CONFIG(is_without_syscall_info), NULL,
     "For tests: read registers, as on kernels below 5.3.", .is_hidden = true},
    {0, "no-vm-read", SPC_OPT_FLAG, CONFIG(is_without_vm_read), NULL,
     "For tests: read memory word by word, as where process_vm_readv is refused.",
     .is_hidden = true},
    LATER('b', NULL, "SYSCALL"),
    LATER(0, "detach-on", "SYSCALL"),
    LATER('d', NULL, NULL),
    LATER(0, "debug", NULL),
    LATER('D', NULL, NULL),
    LATER(0, "daemonize", NULL),
    LATER('E', NULL, "VAR"),
    LATER(0, "env", "VAR"),
    LATER('i', NULL, NULL),
    LATER(0, "instruction-pointer", NULL),
    LATER('I', NULL, "LEVEL"),
    LATER(0, "interruptible", "LEVEL"),
    LATER('k', NULL, NULL),
    LATER(0, "stack-traces", NULL),
    LATER('n', NULL, NULL),
    LATER(0, "syscall-number", NULL),
    LATER('N', NULL, NULL),
    LATER(0, "arg-names", NULL),
    LATER('A', NULL, NULL),
    LATER(0, "output-append-mode", NULL),
    LATER('O', NULL, "OVERHEAD"),
    LATER(0, "summary-syscall-overhead", "OVERHEAD"),
    LATER('P', NULL, "PATH"),
    LATER(0, "trace-path", "PATH"),
    LATER('u', NULL, "USER"),
    LATER(0, "user", "USER"),
    LATER('U', NULL, "COLUMNS"),
    LATER(0, "summary-columns", "COLUMNS"),
    LATER('x', NULL, NULL),
    LATER(0, "strings-in-hex", NULL),
    LATER('X', NULL, "FORMAT"),
    LATER(0, "const-print-style", "FORMAT"),
    LATER('y', NULL, NULL),
    LATER(0, "decode-fds", NULL),
    LATER('Y', NULL, NULL),
    LATER(0, "decode-pids", NULL),
    LATER('z', NULL, NULL),
    LATER(0, "successful-only", NULL),
    LATER('Z', NULL, NULL),
    LATER(0, "failed-only", NULL),
    LATER(0, "seccomp-bpf", NULL),
    LATER(0, "syscall-limit", "LIMIT"),
    LATER(0, "kill-on-exit", NULL),
    {0},
};

const struct config strace_defaults = {.string_limit = 32, .column = 40, .sort = SORT_TIME};

const struct spc_example strace_examples[] = {
    {"strace-lite ls", "every call of a command"},
    {"strace-lite -f -o trace.txt -s 200 make", "with all its children, into a file"},
    {"strace-lite -f -p 1234", "a running process with all its threads; Ctrl-C lets it go"},
    {"strace-lite --target docker:web -e trace=%network", "what a container says to the network"},
    {"strace-lite -c -f -p 1234", "count only; the table comes with Ctrl-C"},
    {"strace-lite -e trace=openat,/^stat -T ls", "some calls, with the time each took"},
    {"strace-lite --json -o calls.json ls", "for a program to read"},
    {0},
};

const struct spc_example strace_verb_examples[] = {
    {"spc strace web", "every call of every process of container web; Ctrl-C lets it go"},
    {"spc strace -e trace=%file -o trace.txt web", "which files it touches, into a file"},
    {"spc strace -c web", "count only; the table comes with Ctrl-C"},
    {"spc strace -f -p 1234", "a process with all its threads"},
    {"spc strace -- ls -l", "a command"},
    {0},
};

const char strace_notes[] =
    "Called as strace-lite or strace, an operand is a command to start; called as\n"
    "'spc strace', it is a TARGET, and a command stands behind --. The exit code is\n"
    "the command's own; a command killed by a signal ends us by the same signal, and\n"
    "so does Ctrl-C. Attached processes run on after Ctrl-C, SIGTERM and even SIGKILL\n"
    "of the tracer. With -o and a command the keyboard's signals are the command's.\n"
    "Options of strace that are not listed are not there yet, and say so.\n";

void strace_config_free(void *config)
{
    struct config *c = config;
    spc_strv_free(&c->pids);
}
