// SPDX-License-Identifier: BSD-2-Clause
// The ptrace back end (PTRACE_SEIZE, ptrace(2)) as a source of events.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <spc/child.h>
#include <spc/source.h>

struct ptrace_config {
    const pid_t *pids; // to attach to, borrowed until open returns
    size_t pid_count;
    bool may_be_gone; // the processes were listed, not named: some may have ended since
    bool follows;     // -f: new threads and processes, and all threads of `pids`
    struct spc_child_command command; // or a command to start, where its path is not NULL
    bool needs_time;                  // fill time_ns of events
    bool needs_cpu_time;              // fill system_ns of calls
    bool needs_names;                 // fill pid and comm
    // Which calls are made events; NULL: all.
    bool (*wants_call)(const void *filter, unsigned abi, uint64_t number);
    const void *filter;
    // Fallbacks, forced by tests.
    bool is_without_syscall_info, is_without_vm_read;
};

int strace_ptrace_open(const struct ptrace_config *config, struct spc_source **ret,
                       struct spc_err *err);

// Wait status of the started command, -1 when there was none or it still runs.
int strace_ptrace_child_status(const struct spc_source *source);
// errno of the command's execve when that failed, else 0.
int strace_ptrace_exec_error(const struct spc_source *source);
