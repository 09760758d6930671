// SPDX-License-Identifier: BSD-2-Clause
// The ptrace back end: its loop and its tasks.
#include "ptrace_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include <spc/fd.h>
#include <spc/loop.h>

#include "ptrace_priv.h"

// How long to wait for tasks that cannot be interrupted (vfork parents, D state) when detaching:
// the kernel lets them go when we exit. In ticks of spc_loop_hurry().
#define STOP_PATIENCE 50

static struct task **bucket_of(struct ptrace_source *src, pid_t tid)
{
    return &src->buckets[(unsigned)tid % TASK_BUCKETS];
}

struct task *strace_task_find(struct ptrace_source *src, pid_t tid)
{
    for (struct task *t = *bucket_of(src, tid); t; t = t->next)
        if (t->tid == tid)
            return t;
    return NULL;
}

void strace_task_read_names(struct ptrace_source *src, struct task *task)
{
    if (!src->config.needs_names)
        return;
    char path[64], text[4096];
    snprintf(path, sizeof(path), "/proc/%d/status", task->tid);
    if (spc_read_small(AT_FDCWD, path, text, sizeof(text)) < 0)
        return;
    const char *name = strstr(text, "Name:\t"), *tgid = strstr(text, "\nTgid:\t");
    if (name)
        snprintf(task->comm, sizeof(task->comm), "%.*s", (int)strcspn(name + 6, "\n"), name + 6);
    if (tgid)
        task->pid = (pid_t)strtol(tgid + 7, NULL, 10);
}

struct task *strace_task_add(struct ptrace_source *src, pid_t tid, pid_t pid)
{
    struct task *task = strace_task_find(src, tid);
    if (task)
        return task;
    task = calloc(1, sizeof(*task));
    if (!task)
        return NULL;
    task->tid = tid;
    task->pid = pid;
    task->memory.tid = tid;
    task->memory.read =
        src->config.is_without_vm_read ? strace_memory_read_peek : strace_memory_read_vm;
    task->call.memory = &task->memory;
    task->call.event.payload = &task->call;
    strace_task_read_names(src, task);
    struct task **bucket = bucket_of(src, tid);
    task->next = *bucket;
    *bucket = task;
    src->task_count++;
    return task;
}

static void unlink_task(struct ptrace_source *src, struct task *task)
{
    struct task **link = bucket_of(src, task->tid);
    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
}

static void free_task(struct task *task)
{
    if (!task)
        return;
    strace_call_free(&task->call);
    free(task);
}

void strace_task_remove(struct ptrace_source *src, struct task *task)
{
    unlink_task(src, task);
    src->task_count--;
    if (src->current == task)
        src->current = NULL;
    // Its last event may still point into it.
    free_task(src->farewell);
    src->farewell = task;
}

void strace_task_rename(struct ptrace_source *src, struct task *task, pid_t tid)
{
    unlink_task(src, task);
    task->tid = task->memory.tid = tid;
    task->next = *bucket_of(src, tid);
    *bucket_of(src, tid) = task;
}

void strace_event_head(struct ptrace_source *src, struct task *task, enum spc_event_kind kind,
                       struct spc_event *event)
{
    event->kind = kind;
    event->tid = task->tid;
    event->pid = task->pid;
    event->comm = task->comm[0] ? task->comm : NULL;
    event->time_ns = 0;
    if (src->config.needs_time) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        event->time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    }
}

static int wait_stop(struct ptrace_source *src, struct stop *stop, int flags)
{
    pid_t tid =
        wait4(-1, &stop->status, __WALL | flags, src->config.needs_cpu_time ? &stop->rusage : NULL);
    if (tid < 0)
        return -errno;
    stop->tid = tid;
    return tid > 0;
}

// The next stop: 1, 0 when there is nothing left to wait for, -EINTR.
static int next_stop(struct ptrace_source *src, struct stop *stop)
{
    if (src->queue_head == src->queue_len) {
        src->queue_head = src->queue_len = 0;
        int r = wait_stop(src, stop, 0);
        if (r <= 0)
            return r == -ECHILD ? 0 : r;
        // With one task there can be no other stop waiting.
        if (src->task_count < 2)
            return 1;
        src->queue[src->queue_len++] = *stop;
        while (src->queue_len < STOP_QUEUE &&
               wait_stop(src, &src->queue[src->queue_len], WNOHANG) > 0)
            src->queue_len++;
    }
    *stop = src->queue[src->queue_head++];
    return 1;
}

static int ptrace_next(struct spc_source *base, struct spc_event **ret, struct spc_err *err)
{
    struct ptrace_source *src = (struct ptrace_source *)base;
    if (src->second) { // two events at one stop
        *ret = SPC_TAKE_PTR(src->second);
        return 1;
    }
    for (;;) {
        if (src->current)
            strace_stop_resume(src, SPC_TAKE_PTR(src->current));
        if (src->task_count == 0)
            return 0;
        struct stop stop;
        int r = next_stop(src, &stop);
        if (r == -EINTR && src->is_stopping && ++src->stop_ticks > STOP_PATIENCE)
            return 0;
        if (r <= 0)
            return r == 0 || r == -EINTR ? r : spc_err_set(err, r, "wait for traced processes");
        r = strace_stop_handle(src, &stop, ret, err);
        if (r != 0)
            return r;
    }
}

static int ptrace_stop(struct spc_source *base, int signal, struct spc_err *err)
{
    struct ptrace_source *src = (struct ptrace_source *)base;
    src->second = NULL;
    src->is_stopping = true;
    return src->task_count ? strace_detach_begin(src, signal, err) : 0;
}

static void ptrace_free(struct spc_source *base)
{
    struct ptrace_source *src = (struct ptrace_source *)base;
    for (size_t i = 0; i < TASK_BUCKETS; i++)
        for (struct task *task = src->buckets[i]; task;) {
            struct task *next = task->next;
            free_task(task);
            task = next;
        }
    free_task(src->farewell);
    spc_child_close(&src->child);
    free(src);
}

static const struct spc_source_ops ptrace_ops = {
    .name = "ptrace",
    .next = ptrace_next,
    .stop = ptrace_stop,
    .free = ptrace_free,
};

int strace_ptrace_open(const struct ptrace_config *config, struct spc_source **ret,
                       struct spc_err *err)
{
    struct ptrace_source *src = calloc(1, sizeof(*src));
    if (!src)
        return spc_err_set(err, -ENOMEM, "trace");
    src->base.ops = &ptrace_ops;
    struct spc_source *source SPC_CLEANUP(spc_source_free_p) = &src->base;
    src->config = *config;
    src->child = (struct spc_child)SPC_CHILD_NONE;
    src->child_status = -1;
    src->has_no_syscall_info = config->is_without_syscall_info;
    src->options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
    if (config->follows)
        src->options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

    int r = config->command.path ? strace_start_child(src, err) : strace_attach_all(src, err);
    if (r < 0)
        return r;
    *ret = SPC_TAKE_PTR(source);
    return 0;
}

int strace_ptrace_child_status(const struct spc_source *source)
{
    return ((const struct ptrace_source *)source)->child_status;
}

int strace_ptrace_exec_error(const struct spc_source *source)
{
    return spc_child_exec_error(&((struct ptrace_source *)source)->child);
}
