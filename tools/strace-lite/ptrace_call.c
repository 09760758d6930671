// SPDX-License-Identifier: BSD-2-Clause
// System-call stops: number, arguments and result of a call.
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <time.h>

#include "decode.h"
#include "ptrace_priv.h"

// What a system-call stop tells, from whichever request told it.
struct call_info {
    bool is_entry;
    uint32_t arch;
    uint64_t number, args[SYSCALL_MAX_ARGS];
    int64_t result;
    uint64_t stack_pointer;
};

#if defined(__x86_64__)
// Before PTRACE_GET_SYSCALL_INFO (Linux 5.3) only the order of the stops tells entry from exit.
static int get_from_registers(const struct task *task, struct call_info *info)
{
    struct user_regs_struct regs;
    struct iovec iov = {&regs, sizeof(regs)};
    if (ptrace(PTRACE_GETREGSET, task->tid, (void *)NT_PRSTATUS, &iov) < 0)
        return -errno;
    const uint64_t args[] = {regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9};
    info->is_entry = !task->is_in_call;
    info->arch = AUDIT_ARCH_X86_64;
    info->number = regs.orig_rax;
    memcpy(info->args, args, sizeof(args));
    info->result = (int64_t)regs.rax;
    info->stack_pointer = regs.rsp;
    return 0;
}
#elif defined(__aarch64__)
static int get_from_registers(const struct task *task, struct call_info *info)
{
    struct user_regs_struct regs;
    struct iovec iov = {&regs, sizeof(regs)};
    if (ptrace(PTRACE_GETREGSET, task->tid, (void *)NT_PRSTATUS, &iov) < 0)
        return -errno;
    info->is_entry = !task->is_in_call;
    info->arch = AUDIT_ARCH_AARCH64;
    info->number = regs.regs[8];
    memcpy(info->args, regs.regs, sizeof(info->args));
    info->result = (int64_t)regs.regs[0];
    info->stack_pointer = regs.sp;
    return 0;
}
#endif

static int get_info(struct ptrace_source *src, const struct task *task, struct call_info *info)
{
    struct __ptrace_syscall_info si;
    if (!src->has_no_syscall_info) {
        long n = ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, (void *)sizeof(si), &si);
        if (n < 0 && errno != EIO && errno != EINVAL)
            return -errno;
        if (n < 0)
            src->has_no_syscall_info = true;
    }
    if (src->has_no_syscall_info)
        return get_from_registers(task, info);
    info->arch = si.arch;
    info->stack_pointer = si.stack_pointer;
    info->is_entry = si.op == PTRACE_SYSCALL_INFO_ENTRY || si.op == PTRACE_SYSCALL_INFO_SECCOMP;
    if (info->is_entry) {
        info->number = si.entry.nr;
        memcpy(info->args, si.entry.args, sizeof(info->args));
    } else {
        info->result = si.exit.rval;
    }
    return si.op == PTRACE_SYSCALL_INFO_NONE ? -ESRCH : 0;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t system_time(const struct task *task)
{
    return (uint64_t)task->rusage.ru_stime.tv_sec * 1000000000 +
           (uint64_t)task->rusage.ru_stime.tv_usec * 1000;
}

// A call that the table does not know: all six arguments in hexadecimal.
static const struct syscall unknown_syscall = {
    .name = "",
    .arg_count = 6,
    .args = {{KIND_hex, "arg0"},
             {KIND_hex, "arg1"},
             {KIND_hex, "arg2"},
             {KIND_hex, "arg3"},
             {KIND_hex, "arg4"},
             {KIND_hex, "arg5"}},
};

static bool fill_entry(struct ptrace_source *src, struct task *task, const struct call_info *info)
{
    struct call *call = &task->call;
    if (src->config.wants_call &&
        !src->config.wants_call(src->config.filter, ABI_X86_64, info->number))
        return false;
    call->abi = ABI_X86_64;
    call->stack_pointer = info->stack_pointer;
    call->previous = call->entry ? call->entry->name : NULL;
    memcpy(call->args, info->args, sizeof(call->args));
    call->entry = strace_syscall_get(call->abi, info->number);
    call->event.name = call->entry ? call->entry->name : call->name_text;
    if (!call->entry) {
        call->entry = &unknown_syscall;
        snprintf(call->name_text, sizeof(call->name_text), "syscall_%#" PRIx64, info->number);
    }
    call->event.number = info->number;
    call->event.has_returned = call->event.is_failed = false;
    call->event.result = 0;
    call->event.error = 0;
    call->event.error_name = call->event.note = NULL;
    call->event.duration_ns = UINT64_MAX;
    strace_event_head(src, task, SPC_EVENT_CALL_ENTER, &call->event.base);
    call->event.entered_ns = call->event.base.time_ns;
    task->entered_ns = now_ns();
    task->system_ns = system_time(task);
    return true;
}

static void fill_exit(struct ptrace_source *src, struct task *task, const struct call_info *info)
{
    struct spc_event_call *e = &task->call.event;
    e->duration_ns = now_ns() - task->entered_ns;
    e->system_ns = system_time(task) - task->system_ns;
    strace_event_head(src, task, SPC_EVENT_CALL_EXIT, &e->base);
    e->has_returned = true;
    e->result = info->result;
    // The kernel's convention on every architecture: -4095..-1 is an errno (MAX_ERRNO).
    e->is_failed = info->result < 0 && info->result >= -4095;
    e->error = e->is_failed ? (int)-info->result : 0;
}

// The first call of a command that we started that is the command's and not ours.
static bool is_execve(uint64_t number)
{
    const struct syscall *entry = strace_syscall_get(ABI_X86_64, number);
    return entry && strcmp(entry->name, "execve") == 0;
}

bool strace_call_stop(struct ptrace_source *src, struct task *task)
{
    struct call_info info = {0};
    if (get_info(src, task, &info) < 0)
        return false; // killed in the middle: its end will be told
    if (info.is_entry) {
        task->is_in_call = true;
        if (task->is_hidden)
            task->is_hidden = !is_execve(info.number);
        task->is_call_shown = !task->is_hidden && fill_entry(src, task, &info);
        return task->is_call_shown;
    }
    bool was_shown = task->is_in_call && task->is_call_shown;
    task->is_in_call = task->is_call_shown = false;
    if (was_shown)
        fill_exit(src, task, &info);
    return was_shown;
}
