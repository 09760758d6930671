// SPDX-License-Identifier: BSD-2-Clause
// `spc ps -ef`: the process list that everybody knows, with a column for the container.
#include "ps_priv.h"

#include <assert.h>
#include <libproc2/pids.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <spc/own.h>

enum item { UID, PID, PPID, UTILIZATION, START, TTY, CPU_TIME, COMM, CMDLINE, _ITEM_MAX };

// User names come from the resolver, not from libproc2: its getpwuid(3) would load NSS modules.
static const enum pids_item items[] = {
    [UID] = PIDS_ID_EUID,       [PID] = PIDS_ID_TGID,
    [PPID] = PIDS_ID_PPID,      [UTILIZATION] = PIDS_UTILIZATION,
    [START] = PIDS_TIME_START,  [TTY] = PIDS_TTY_NAME,
    [CPU_TIME] = PIDS_TIME_ALL, [COMM] = PIDS_CMD,
    [CMDLINE] = PIDS_CMDLINE,
};

static_assert(SPC_ARRAY_SIZE(items) == _ITEM_MAX, "every item");

struct line {
    const char *user, *container, *command, *tty;
    char *start, *time;
    pid_t pid;
    int64_t ppid; // 0 for PID 1 and kthreadd
    uint64_t cpu_percent;
};

#define AT(member) offsetof(struct line, member)

static const struct spc_field line_fields[] = {
    {"user", "UID", SPC_TYPE_STR, AT(user), 0, "user"},
    {"pid", "PID", SPC_TYPE_PID, AT(pid), SPC_FIELD_RIGHT, "process"},
    {"ppid", "PPID", SPC_TYPE_I64, AT(ppid), SPC_FIELD_RIGHT, "its parent"},
    {"cpu_percent", "C", SPC_TYPE_U64, AT(cpu_percent), SPC_FIELD_RIGHT,
     "share of one CPU over its life"},
    {"start", "STIME", SPC_TYPE_STR, AT(start), SPC_FIELD_RIGHT, "when it started"},
    {"tty", "TTY", SPC_TYPE_STR, AT(tty), 0, "terminal"},
    {"time", "TIME", SPC_TYPE_STR, AT(time), SPC_FIELD_RIGHT, "CPU time used"},
    {"container", "CONTAINER", SPC_TYPE_STR, AT(container), 0, "its container"},
    {"command", "CMD", SPC_TYPE_STR, AT(command), 0, "command line"},
    {0},
};

static const struct spc_record_kind line_kind = {"host_process", line_fields, sizeof(struct line)};

static int compare_pids(const void *a, const void *b)
{
    const struct spc_process *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static void free_line(struct line *line)
{
    free(line->start);
    free(line->time);
}

// As ps(1): hour and minute of today, else the day.
static char *start_text(double seconds_since_boot)
{
    struct timespec now, boot;
    struct tm tm;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    time_t start = now.tv_sec - boot.tv_sec + (time_t)seconds_since_boot;
    localtime_r(&start, &tm);
    strftime(text, sizeof(text), now.tv_sec - start < 86400 ? "%H:%M" : "%b%d", &tm);
    return strdup(text);
}

static char *time_text(double seconds)
{
    unsigned long s = (unsigned long)seconds;
    char *text = NULL;
    return asprintf(&text, "%02lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60) < 0 ? NULL : text;
}

static bool fits(const struct line *line, const char *pattern)
{
    return !pattern || strstr(line->command, pattern) ||
           (line->container && strstr(line->container, pattern));
}

static int print_one(struct spc_table *table, struct pids_stack *stack,
                     const struct spc_processes *known, const char *pattern, struct spc_err *err)
{
    struct spc_process key = {.pid = PIDS_VAL(PID, s_int, stack, NULL)};
    const struct spc_process *p =
        known->count ? bsearch(&key, known->items, known->count, sizeof(key), compare_pids) : NULL;
    char uid[16];
    snprintf(uid, sizeof(uid), "%u", PIDS_VAL(UID, u_int, stack, NULL));
    SPC_CLEANUP(free_line)
    struct line line = {
        .user = p && p->user ? p->user : uid,
        .pid = key.pid,
        .ppid = PIDS_VAL(PPID, s_int, stack, NULL),
        .cpu_percent = (uint64_t)PIDS_VAL(UTILIZATION, real, stack, NULL),
        .start = start_text(PIDS_VAL(START, real, stack, NULL)),
        .tty = PIDS_VAL(TTY, str, stack, NULL),
        .time = time_text(PIDS_VAL(CPU_TIME, real, stack, NULL)),
        .container = p ? p->container_name : NULL,
        .command = p && p->cmdline ? p->cmdline : PIDS_VAL(CMDLINE, str, stack, NULL),
    };
    if (strcmp(line.tty, "?") == 0)
        line.tty = NULL;
    return fits(&line, pattern) ? spc_table_row(table, &line, 0, err) : 0;
}

static int print_all(struct spc_table *table, const struct spc_processes *known,
                     const char *pattern, struct spc_err *err)
{
    struct pids_info *info = NULL;
    enum pids_item wanted[_ITEM_MAX]; // the library's parameter is not const
    memcpy(wanted, items, sizeof(wanted));
    int r = procps_pids_new(&info, wanted, _ITEM_MAX);
    if (r < 0)
        return spc_err_set(err, r, "list processes");
    struct pids_stack *stack;
    while (r == 0 && (stack = procps_pids_get(info, PIDS_FETCH_TASKS_ONLY)))
        r = print_one(table, stack, known, pattern, err);
    procps_pids_unref(&info);
    return r;
}

int ps_every(const struct ps_config *cfg, struct spc_node *node, const char *pattern,
             struct spc_err *err)
{
    spc_auto_containers struct spc_containers containers = {0};
    spc_auto_processes struct spc_processes known = {0};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = ps_table_options(cfg);
    if (cfg->sysroot)
        return spc_err_usage(err, "-ef lists the processes of this node; it takes no --sysroot");
    int r = spc_node_scan_processes(node, SPC_SCAN_OTHER, true, &containers, &known, err);
    if (r < 0)
        return r;
    if (known.count)
        qsort(known.items, known.count, sizeof(*known.items), compare_pids);
    r = spc_table_begin(stdout, &line_kind, &how, &table, err);
    if (r == 0)
        r = print_all(table, &known, pattern, err);
    return r < 0 ? r : spc_table_end(table, err);
}
