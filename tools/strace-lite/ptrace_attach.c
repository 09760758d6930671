// SPDX-License-Identifier: BSD-2-Clause
// Attaching, starting, and letting go.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <spc/fd.h>
#include <spc/loop.h>
#include <spc/opt.h>

#include "ptrace_priv.h"

// Tracer of a task, 0 when there is none or it cannot be told.
static pid_t tracer_of(pid_t tid)
{
    char path[64], text[4096];
    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    if (spc_read_small(AT_FDCWD, path, text, sizeof(text)) < 0)
        return 0;
    const char *at = strstr(text, "\nTracerPid:\t");
    return at ? (pid_t)strtol(at + 12, NULL, 10) : 0;
}

static bool has_yama(void)
{
    char text[16];
    return spc_read_small(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text)) > 0 &&
           text[0] != '0';
}

static int explain(pid_t tid, int code, struct spc_err *err)
{
    pid_t tracer = tracer_of(tid);
    if (code == -ESRCH) {
        spc_err_say(err, code, "attach to process %d: there is no such process", tid);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    if (code == -EPERM && tid == getpid())
        return spc_err_say(err, code, "attach to process %d: that is this process itself", tid);
    if (code == -EPERM && tracer) {
        spc_err_say(err, code, "attach to process %d: it is already traced by process %d", tid,
                    tracer);
        return spc_err_hint(err, "end that tracer first, only one can be attached");
    }
    spc_err_set(err, code, "attach to process %d", tid);
    if (code != -EPERM)
        return code;
    if (has_yama())
        return spc_err_hint(err,
                            "kernel.yama.ptrace_scope forbids it: run as root (CAP_SYS_PTRACE) "
                            "or set it to 0");
    return spc_err_hint(err, "it belongs to another user, is not dumpable or is a kernel thread: "
                             "run as root with CAP_SYS_PTRACE");
}

static int seize(struct ptrace_source *src, pid_t tid, pid_t pid)
{
    if (strace_task_find(src, tid))
        return 0;
    if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)(unsigned long)src->options) < 0)
        return -errno;
    struct task *task = strace_task_add(src, tid, pid);
    if (!task)
        return -ENOMEM;
    ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
    return 1;
}

// One pass over /proc/PID/task. Returns how many threads were new, or a negative errno.
static int seize_threads(struct ptrace_source *src, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    spc_auto_dir DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? -ESRCH : -errno;
    int count = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        uint64_t tid;
        if (spc_parse_u64(e->d_name, &tid) < 0)
            continue;
        int r = seize(src, (pid_t)tid, pid);
        // A thread that is gone by now needs no tracer.
        if (r < 0 && (r != -ESRCH || (pid_t)tid == pid))
            return r;
        count += r > 0;
    }
    return count;
}

static int attach(struct ptrace_source *src, pid_t pid, struct spc_err *err)
{
    int r = seize(src, pid, pid);
    if (r == -ESRCH && src->config.may_be_gone)
        return 0;
    if (r < 0)
        return explain(pid, r, err);
    // Threads may start while we look: from a thread that is seized already they are ours, from
    // another one they appear in the directory. Until a pass finds nothing new.
    while (src->config.follows && (r = seize_threads(src, pid)) > 0)
        ;
    return r < 0 && r != -ESRCH ? explain(pid, r, err) : 0;
}

int strace_attach_all(struct ptrace_source *src, struct spc_err *err)
{
    for (size_t i = 0; i < src->config.pid_count; i++) {
        int r = attach(src, src->config.pids[i], err);
        // What was seized so far is let go by the kernel when we exit: it was not stopped for
        // longer than an interrupt takes.
        if (r < 0)
            return r;
    }
    if (src->task_count == 0) {
        spc_err_say(err, -ESRCH, "attach: every process of the target has ended");
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    return 0;
}

int strace_start_child(struct ptrace_source *src, struct spc_err *err)
{
    int r = spc_child_fork(&src->config.command, &src->child, err);
    if (r < 0)
        return r;
    src->has_child = true;
    r = seize(src, src->child.pid, src->child.pid);
    if (r < 0) {
        // Closing the gate without a word ends the child.
        pid_t pid = src->child.pid;
        spc_child_close(&src->child);
        waitpid(pid, NULL, 0);
        return explain(pid, r, err);
    }
    strace_task_find(src, src->child.pid)->is_hidden = true;
    spc_child_release(&src->child);
    return 0;
}

void strace_detach_task(struct ptrace_source *src, struct task *task)
{
    ptrace(PTRACE_DETACH, task->tid, NULL, (void *)(long)task->signal);
    strace_task_remove(src, task);
}

int strace_detach_begin(struct ptrace_source *src, int signal, struct spc_err *err)
{
    (void)err;
    // A command that we started goes with us, as it would under strace; one that failed to be
    // traced (a full disk) runs on.
    if (signal && src->has_child && src->child_status < 0) {
        kill(src->child.pid, SIGCONT);
        kill(src->child.pid, signal);
    }
    for (size_t i = 0; i < TASK_BUCKETS; i++)
        for (struct task *task = src->buckets[i]; task; task = task->next)
            if (task->rest != REST_STOPPED)
                ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL);
    spc_loop_hurry();
    return 0;
}
