// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * What every probe of system calls needs: who is calling, and which table the number is of.
 *
 * `has_btf` is a constant in every caller, so that each program holds only what its kernels can
 * load: without BTF there is neither bpf_get_current_task_btf() nor a relocation.
 */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define INLINE        static __attribute__((always_inline)) inline

#define TS_COMPAT     0x2         /* thread_info.status, arch/x86/include/asm/thread_info.h */
#define X32_BIT       0x40000000  /* __X32_SYSCALL_BIT */
#define TIF_32BIT_ARM (1ul << 22) /* thread_info.flags, arch/arm64/include/asm/thread_info.h */

struct caller {
    struct task_struct *task; /* only with BTF */
    __u64 address;            /* of the task, always */
    __u32 tgid, tid;
};

INLINE void caller_get(struct caller *caller, const bool has_btf)
{
    if (has_btf) {
        caller->task = bpf_get_current_task_btf();
        caller->address = (__u64)caller->task;
        caller->tgid = caller->task->tgid;
        caller->tid = caller->task->pid;
    } else {
        __u64 id = bpf_get_current_pid_tgid();
        caller->task = 0;
        caller->address = bpf_get_current_task();
        caller->tgid = id >> 32;
        caller->tid = (__u32)id;
    }
}

/* On x86 the tracepoint gives a 32-bit call the number of the 32-bit table without saying so. */
INLINE __u32 caller_abi(const struct caller *caller, long nr, const bool has_btf)
{
#if defined(__TARGET_ARCH_x86)
    if (has_btf && (caller->task->thread_info.status & TS_COMPAT))
        return ABI_COMPAT;
    if (nr >= 0 && (nr & X32_BIT))
        return ABI_X32;
#elif defined(__TARGET_ARCH_arm64)
    if (has_btf && (caller->task->thread_info.flags & TIF_32BIT_ARM))
        return ABI_COMPAT;
#endif
    return ABI_NATIVE;
}

/* The number of the call that a task returns from, for returns without an entry. The offsets are
 * those of struct pt_regs as ptrace(2) shows it, which never change. */
INLINE long regs_call_number(__u64 regs)
{
#if defined(__TARGET_ARCH_x86)
    long nr = -1;
    bpf_probe_read(&nr, sizeof(nr), (void *)(regs + 15 * 8)); /* orig_ax */
#else
    int nr = -1;
    bpf_probe_read(&nr, sizeof(nr), (void *)(regs + 35 * 8)); /* syscallno */
#endif
    return nr;
}
