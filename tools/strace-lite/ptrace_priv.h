// SPDX-License-Identifier: BSD-2-Clause
// Inside of the ptrace back end: its tasks, and what its files share.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <spc/child.h>
#include <spc/source.h>

#include "call.h"
#include "ptrace_source.h"

#define TASK_BUCKETS 1024
#define STOP_QUEUE   256

enum task_rest {
    REST_RUNNING,  // not stopped, as far as we know
    REST_STOPPED,  // waits for us: resume with `signal`
    REST_LISTENING // in a group stop: left there by PTRACE_LISTEN
};

// One thread that we trace.
struct task {
    struct task *next; // in its bucket
    pid_t tid, pid;
    enum task_rest rest;
    int signal;         // to be delivered when the task is resumed
    bool is_greeted;    // has been in its first stop
    bool is_in_call;    // between entry and exit of a system call
    bool is_call_shown; // that call has been made an event
    bool is_hidden;     // our own child before its execve: nothing of it is shown
    bool is_auto;       // attached by the kernel because its parent is traced
    char comm[16];
    struct memory memory;
    struct call call;
    uint64_t entered_ns;  // CLOCK_MONOTONIC
    uint64_t system_ns;   // kernel CPU time at the last entry
    struct rusage rusage; // of the last stop, where asked for
};

struct stop {
    pid_t tid;
    int status;
    struct rusage rusage;
};

struct ptrace_source {
    struct spc_source base;
    struct ptrace_config config;
    unsigned options; // PTRACE_O_*
    struct task *buckets[TASK_BUCKETS];
    size_t task_count;
    struct task *current; // stopped, its event is being looked at
    // Stops that came together: looked at in the order in which the kernel told them, so that a
    // busy thread cannot starve the others.
    struct stop queue[STOP_QUEUE];
    size_t queue_head, queue_len;
    struct spc_child child; // the command that we started
    bool has_child;
    int child_status; // wait status of it, once it is gone
    bool is_stopping;
    int stop_ticks;
    bool has_no_syscall_info; // kernel below 5.3, or forced
    struct task *farewell;    // gone, but its last event is still being looked at
    // Storage of the event handed out.
    union {
        struct spc_event plain;
        struct spc_event_signal signal;
        struct spc_event_exit exit;
        struct spc_event_exec exec;
    } event;
    unsigned char siginfo[128]; // siginfo_t of the signal event
    char signal_text[16];
    struct spc_event *second; // the event that follows at the same stop, or NULL
    struct spc_event_exec exec_event;
};

struct task *strace_task_find(struct ptrace_source *src, pid_t tid);
// Exists already, or is made; NULL without memory.
struct task *strace_task_add(struct ptrace_source *src, pid_t tid, pid_t pid);
void strace_task_remove(struct ptrace_source *src, struct task *task);
void strace_task_rename(struct ptrace_source *src, struct task *task, pid_t tid);
void strace_task_read_names(struct ptrace_source *src, struct task *task);

// Look at one stop. 1 with *ret: an event; 0: nothing to show; negative errno.
int strace_stop_handle(struct ptrace_source *src, const struct stop *stop, struct spc_event **ret,
                       struct spc_err *err);
// Let the current task go on.
void strace_stop_resume(struct ptrace_source *src, struct task *task);

// A system-call stop: fills the task's call. Returns true when there is an event to be shown.
bool strace_call_stop(struct ptrace_source *src, struct task *task);
// Fill event head of a task.
void strace_event_head(struct ptrace_source *src, struct task *task, enum spc_event_kind kind,
                       struct spc_event *event);

int strace_attach_all(struct ptrace_source *src, struct spc_err *err);
int strace_start_child(struct ptrace_source *src, struct spc_err *err);
// Begin to let everything go.
int strace_detach_begin(struct ptrace_source *src, int signal, struct spc_err *err);
// Let a stopped task go for good.
void strace_detach_task(struct ptrace_source *src, struct task *task);
