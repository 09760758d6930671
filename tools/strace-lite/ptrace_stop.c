// SPDX-License-Identifier: BSD-2-Clause
// What one wait status means (ptrace(2), "Stopped states"), and how the task goes on.
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "decode.h"
#include "ptrace_priv.h"

void strace_stop_resume(struct ptrace_source *src, struct task *task)
{
    if (src->is_stopping) {
        strace_detach_task(src, task);
        return;
    }
    // ESRCH: SIGKILL took the task out of its stop; its end is told by wait.
    if (task->rest == REST_LISTENING)
        ptrace(PTRACE_LISTEN, task->tid, NULL, NULL);
    else
        ptrace(PTRACE_SYSCALL, task->tid, NULL, (void *)(long)task->signal);
    if (task->rest == REST_STOPPED)
        task->rest = REST_RUNNING;
    task->signal = 0;
}

static int give(struct spc_event *event, struct spc_event **ret)
{
    *ret = event;
    return 1;
}

static int task_gone(struct ptrace_source *src, struct task *task, int status,
                     struct spc_event **ret)
{
    struct spc_event_exit *e = &src->event.exit;
    strace_event_head(src, task, SPC_EVENT_EXIT, &e->base);
    e->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    e->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    e->signal_name = e->signal ? strace_signal_name(e->signal, src->signal_text) : NULL;
    e->has_core = WIFSIGNALED(status) && WCOREDUMP(status);
    if (src->has_child && task->tid == src->child.pid)
        src->child_status = status;

    // A call that it was in will not return any more. The kernel told so before (EVENT_EXIT),
    // except after SIGKILL at the wrong moment.
    bool was_in_call = task->is_in_call && task->is_call_shown;
    task->is_in_call = task->is_call_shown = false;
    bool is_hidden = task->is_hidden;
    strace_task_remove(src, task);
    if (is_hidden)
        return 0;
    if (!was_in_call)
        return give(&e->base, ret);
    src->second = &e->base;
    strace_event_head(src, task, SPC_EVENT_CALL_END, &task->call.event.base);
    return give(&task->call.event.base, ret);
}

// The last moment at which the task exists: a call that it is in has its line ended here, before
// the lines about its end.
static int before_exit(struct ptrace_source *src, struct task *task, struct spc_event **ret)
{
    if (!task->is_in_call || !task->is_call_shown)
        return 0;
    task->is_in_call = task->is_call_shown = false;
    strace_event_head(src, task, SPC_EVENT_CALL_END, &task->call.event.base);
    return give(&task->call.event.base, ret);
}

static int signal_stop(struct ptrace_source *src, struct task *task, int signal,
                       struct spc_event **ret)
{
    struct spc_event_signal *e = &src->event.signal;
    task->signal = signal;
    if (ptrace(PTRACE_GETSIGINFO, task->tid, NULL, src->siginfo) < 0)
        e->payload = NULL;
    else
        e->payload = src->siginfo;
    if (task->is_hidden)
        return 0;
    strace_event_head(src, task, SPC_EVENT_SIGNAL, &e->base);
    e->number = signal;
    e->name = strace_signal_name(signal, src->signal_text);
    e->info = NULL;
    return give(&e->base, ret);
}

// PTRACE_EVENT_STOP: a group stop when it carries one of the stopping signals, else the first stop
// of a new tracee, our PTRACE_INTERRUPT, or the end of a group stop.
static int event_stop(struct ptrace_source *src, struct task *task, int signal,
                      struct spc_event **ret)
{
    bool is_group_stop =
        signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
    if (!is_group_stop)
        return 0;
    task->rest = REST_LISTENING;
    if (task->is_hidden)
        return 0;
    struct spc_event_signal *e = &src->event.signal;
    strace_event_head(src, task, SPC_EVENT_STOP, &e->base);
    e->number = signal;
    e->name = strace_signal_name(signal, src->signal_text);
    e->info = NULL;
    e->payload = NULL;
    return give(&e->base, ret);
}

// execve by a thread that is not the leader: the kernel ends all other threads, and the one that
// called takes the leader's ID ("execve(2) under ptrace").
static int exec_stop(struct ptrace_source *src, struct task *leader, struct spc_event **ret)
{
    unsigned long former;
    if (ptrace(PTRACE_GETEVENTMSG, leader->tid, NULL, &former) < 0 ||
        (pid_t)former == leader->tid) {
        strace_task_read_names(src, leader);
        return 0;
    }
    struct task *caller = strace_task_find(src, (pid_t)former);
    if (!caller)
        return 0;

    struct spc_event_exec *e = &src->exec_event;
    strace_event_head(src, leader, SPC_EVENT_EXEC, &e->base);
    e->by = caller->tid;
    bool was_in_call = leader->is_in_call && leader->is_call_shown;
    pid_t tid = leader->tid;
    caller->pid = leader->pid;
    strace_task_remove(src, leader);
    strace_task_rename(src, caller, tid);
    caller->call.event.base.tid = tid;
    caller->rest = REST_STOPPED;
    src->current = caller;
    strace_task_read_names(src, caller);
    if (!was_in_call)
        return give(&e->base, ret);
    src->second = &e->base;
    strace_event_head(src, leader, SPC_EVENT_CALL_END, &leader->call.event.base);
    return give(&leader->call.event.base, ret);
}

static int dispatch(struct ptrace_source *src, struct task *task, int status,
                    struct spc_event **ret)
{
    int signal = WSTOPSIG(status);
    switch ((unsigned)status >> 16) {
    case 0:
        if (signal != (SIGTRAP | 0x80))
            return signal_stop(src, task, signal, ret);
        return strace_call_stop(src, task) ? give(&task->call.event.base, ret) : 0;
    case PTRACE_EVENT_STOP:
        return event_stop(src, task, signal, ret);
    case PTRACE_EVENT_EXEC:
        return exec_stop(src, task, ret);
    case PTRACE_EVENT_EXIT:
        return before_exit(src, task, ret);
    default: // a fork: the child tells of itself
        return 0;
    }
}

// The first stop of a task is PTRACE_EVENT_STOP and says nothing about the program, but it may be a
// group stop at the same time.
static int greet(struct ptrace_source *src, struct task *task, int status, struct spc_event **ret)
{
    task->is_greeted = true;
    if ((unsigned)status >> 16 != PTRACE_EVENT_STOP)
        return dispatch(src, task, status, ret);
    event_stop(src, task, WSTOPSIG(status), ret);
    bool is_command = src->has_child && task->tid == src->child.pid;
    // Of a process that was attached to with all its threads only the first is worth a line.
    if (is_command || (!task->is_auto && task->pid != task->tid))
        return 0;
    strace_event_head(src, task, SPC_EVENT_ATTACH, &src->event.plain);
    return give(&src->event.plain, ret);
}

int strace_stop_handle(struct ptrace_source *src, const struct stop *stop, struct spc_event **ret,
                       struct spc_err *err)
{
    struct task *task = strace_task_find(src, stop->tid);
    if (!task && WIFSTOPPED(stop->status)) {
        // A child of a traced task, attached by the kernel on its own (PTRACE_O_TRACE*).
        task = strace_task_add(src, stop->tid, stop->tid);
        if (!task)
            return spc_err_set(err, -ENOMEM, "follow process %d", stop->tid);
        task->is_auto = true;
    }
    if (!task)
        return 0;
    task->rusage = stop->rusage;
    if (!WIFSTOPPED(stop->status))
        return task_gone(src, task, stop->status, ret);

    task->rest = REST_STOPPED;
    src->current = task;
    if (src->is_stopping) {
        // Its signal, if it has one, is delivered by PTRACE_DETACH.
        if ((unsigned)stop->status >> 16 == 0 && WSTOPSIG(stop->status) != (SIGTRAP | 0x80))
            task->signal = WSTOPSIG(stop->status);
        strace_event_head(src, task, SPC_EVENT_DETACH, &src->event.plain);
        return give(&src->event.plain, ret);
    }
    if (!task->is_greeted)
        return greet(src, task, stop->status, ret);
    return dispatch(src, task, stop->status, ret);
}
