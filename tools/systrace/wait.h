// SPDX-License-Identifier: BSD-2-Clause
// Waiting for whatever comes first: time, a signal that ends us, a command, a tick.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/err.h>
#include <spc/own.h>

struct waiter {
    int signalfd; // INT, TERM, HUP, QUIT, which are blocked from systrace_wait_begin() on
    bool is_interrupted;
};
#define SYSTRACE_WAITER_NONE                                                                       \
    {                                                                                              \
        .signalfd = SPC_NOFD                                                                       \
    }

int systrace_wait_begin(struct waiter *waiter, struct spc_err *err);
void systrace_wait_end(struct waiter *waiter);
#define systrace_auto_waiter SPC_CLEANUP(systrace_wait_end)

enum wait_result { WAIT_TIME, WAIT_INTERRUPTED, WAIT_READABLE };

// Until CLOCK_MONOTONIC says deadline (UINT64_MAX: never), a signal came, or one of the descriptors
// (SPC_NOFD: none) is readable. Returns enum wait_result or a negative errno.
int systrace_wait(struct waiter *waiter, uint64_t deadline, int fd, struct spc_err *err);

uint64_t systrace_now(void);      // CLOCK_MONOTONIC ns
uint64_t systrace_now_real(void); // CLOCK_REALTIME ns

// A command that waits until it is released, so that it can be measured from its first call on.
struct command {
    pid_t pid; // 0: none
    int pidfd, gate;
};
#define SYSTRACE_COMMAND_NONE                                                                      \
    {                                                                                              \
        .pidfd = SPC_NOFD, .gate = SPC_NOFD                                                        \
    }
int systrace_command_start(char *const argv[], struct command *ret, struct spc_err *err);
// 0, or the errno of a command that could not be executed. The status is that of waitpid(2).
int systrace_command_release(struct command *command, struct spc_err *err);
int systrace_command_wait(struct command *command, int *ret_status, struct spc_err *err);
void systrace_command_end(struct command *command); // kills what is still there
#define systrace_auto_command SPC_CLEANUP(systrace_command_end)
