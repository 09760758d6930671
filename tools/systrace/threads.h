// SPDX-License-Identifier: BSD-2-Clause
// Threads of the node that sleep inside a system call, from /proc/PID/task/TID/syscall.
#pragma once

#include <sys/types.h>

// Those that run at the moment are not told: the file says "running" for them.
void systrace_threads_in_calls(void (*found)(pid_t tgid, pid_t tid, unsigned nr, void *context),
                               void *context);
