// SPDX-License-Identifier: BSD-2-Clause
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/ns.h>
#include <spc/own.h>
#include <spc/proc.h>

struct guard {
    const struct run_plan *plan;
    const struct run_inherited *inherited;
    struct run_report *report;
    pid_t launcher;
    pid_t command;
    int self; // pidfd of the guardian, for a command that cannot see our PID; or SPC_NOFD
};

void spc_run_restore(const struct run_inherited *inherited)
{
    if (inherited->is_child_ignored)
        signal(SIGCHLD, SIG_IGN);
    umask(inherited->umask);
    sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
}

// In the moment before PR_SET_PDEATHSIG took effect the guardian may have died.
static bool is_abandoned(const struct guard *guard)
{
    if (guard->self < 0)
        return getppid() != guard->command; // here: the guardian's PID, see start_command()
    struct pollfd poll_self = {.fd = guard->self, .events = POLLIN};
    return poll(&poll_self, 1, 0) == 1;
}

static int command_main(void *data)
{
    const struct guard *guard = data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!is_abandoned(guard))
        spc_run_child(guard->plan, guard->inherited, &guard->report->err);
    _exit(SPC_EXIT_RUN_FAILED);
}

static int start_command(struct guard *guard)
{
    struct spc_err *err = &guard->report->err;
    const struct run_ns *pid_ns = &guard->plan->ns[SPC_NS_PID];
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;

    guard->command = getpid(); // what the command should see as its parent
    if (pid_ns->mode == RUN_NS_JOIN) {
        int r = spc_ns_join(pid_ns->fd, SPC_NS_PID, err);
        if (r < 0)
            return r;
    } else if (pid_ns->mode == RUN_NS_PRIVATE) {
        flags |= CLONE_NEWPID;
    }
    if (pid_ns->mode != RUN_NS_HOST)
        guard->self = (int)syscall(SYS_pidfd_open, getpid(), 0);

    // The command borrows our memory until it execs, as with vfork(2), but not our stack.
    _Alignas(16) char stack[256 * 1024];
    pid_t pid = clone(command_main, stack + sizeof(stack), flags, guard);
    if (pid < 0)
        return spc_err_set(err, -errno, "start the command's process");
    guard->command = pid;
    return 0;
}

static void kill_listed(char *list)
{
    char *word;
    while ((word = strsep(&list, " \n"))) {
        pid_t pid = spc_proc_parse_pid(word);
        if (pid)
            kill(pid, SIGKILL); // ours and not reaped: nobody else's number
    }
}

// Kernels without CONFIG_PROC_CHILDREN: look for ourselves as the parent of every process.
static void kill_by_scan(void)
{
    char *pids = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&pids, &len);
    spc_auto_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int list = proc < 0 ? SPC_NOFD : fcntl(proc, F_DUPFD_CLOEXEC, 3);
    spc_auto_dir DIR *dir = list < 0 ? NULL : fdopendir(list);
    const struct dirent *entry;
    while (out && dir && (entry = readdir(dir))) {
        char path[300], stat[512];
        snprintf(path, sizeof(path), "%s/stat", entry->d_name);
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            spc_read_small(proc, path, stat, sizeof(stat)) < 0)
            continue;
        const char *behind_name = strrchr(stat, ')');
        int parent;
        if (behind_name && sscanf(behind_name, ") %*c %d", &parent) == 1 && parent == getpid())
            fprintf(out, "%s ", entry->d_name);
    }
    if (out && fclose(out) == 0)
        kill_listed(pids);
    free(pids);
}

static void kill_children(void)
{
    char list[4096];
    spc_auto_close int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        kill_by_scan();
        return;
    }
    ssize_t n = read(fd, list, sizeof(list) - 1);
    if (n <= 0)
        return;
    // A number that was cut off at the end would be another process's; the next round has it.
    if (n == sizeof(list) - 1)
        while (n > 0 && list[n - 1] != ' ')
            n--;
    list[n] = '\0';
    kill_listed(list);
}

void spc_run_end_children(void)
{
    siginfo_t info;
    for (;;) {
        // Reap without waiting first: mostly there is nothing more than that to do.
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0)
            return; // ECHILD
        if (info.si_pid != 0)
            continue;
        kill_children();
        if (waitid(P_ALL, 0, &info, WEXITED) < 0)
            return;
    }
}

// Tell the launcher to look at the report: the signal that it waits for anyhow.
static void notify(const struct guard *guard)
{
    if (getppid() == guard->launcher)
        kill(guard->launcher, SIGCHLD);
}

// Waking up takes a while: let the launcher do so while we exit.
static _Noreturn void end(const struct guard *guard)
{
    spc_run_end_children();
    guard->report->ended = 1;
    notify(guard);
    _exit(0);
}

static void command_changed(struct guard *guard, const siginfo_t *info)
{
    struct run_report *report = guard->report;
    switch (info->si_code) {
    case CLD_STOPPED:
        report->stop = info->si_status;
        notify(guard);
        break;
    case CLD_CONTINUED:
        report->stop = 0;
        break;
    case CLD_EXITED:
        report->status = info->si_status;
        report->finished = 1;
        end(guard);
    default: // killed, dumped
        report->status = SPC_EXIT_SIGNAL_BASE + info->si_status;
        report->finished = 1;
        end(guard);
    }
}

// Also orphans of the command: they are ours, and must not stay zombies.
static void reap(struct guard *guard)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) < 0 ||
            info.si_pid == 0)
            return;
        if (info.si_pid == guard->command)
            command_changed(guard, &info);
    }
}

static _Noreturn void watch(struct guard *guard, const sigset_t *set)
{
    siginfo_t info;
    for (;;) {
        int sig = sigwaitinfo(set, &info);
        if (sig == RUN_SIG_ORPHANED && getppid() != guard->launcher)
            end(guard);
        if (sig == RUN_SIG_FORWARD && info.si_pid == guard->launcher)
            kill(guard->command, info.si_value.sival_int);
        if (sig == SIGCHLD)
            reap(guard);
    }
}

void spc_run_guard(const struct run_plan *plan, const struct run_inherited *inherited,
                   struct run_report *report, pid_t launcher)
{
    struct guard guard = {
        .plan = plan,
        .inherited = inherited,
        .report = report,
        .launcher = launcher,
        .self = SPC_NOFD,
    };
    sigset_t all, set;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_PDEATHSIG, RUN_SIG_ORPHANED);
    if (getppid() != launcher)
        _exit(0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (start_command(&guard) < 0)
        end(&guard);

    // Not in the group of the command any more: a signal for that group, be it SIGKILL, must not
    // reach the one who cleans up. And nothing of the caller's stays open.
    setpgid(0, 0);
    prctl(PR_SET_NAME, "spc-guardian");
    syscall(SYS_close_range, 0U, ~0U, 0U);

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, RUN_SIG_FORWARD);
    sigaddset(&set, RUN_SIG_ORPHANED);
    watch(&guard, &set);
}
