// SPDX-License-Identifier: BSD-2-Clause
// Signals of the process while a session runs: those that end it, and a slow tick.
//
// A source that waits in a system call is woken by EINTR: the handlers are installed without
// SA_RESTART. A signal that comes just before that system call would be missed by it; therefore a
// timer keeps interrupting once a signal is pending, which costs nothing while none is. Signals
// belong to the process, so there is one loop per process.
#pragma once

#include <stdbool.h>

#include <spc/err.h>

// are_fatal_ignored: HUP, INT, QUIT and TERM do not end us (they are for a command we started).
// SIGPIPE is ignored: the write error says it better.
int spc_loop_begin(bool are_fatal_ignored, struct spc_err *err);
void spc_loop_end(void); // restores what was there before

int spc_loop_signal(void); // the signal that should end the session, 0 when there was none
bool spc_loop_tick(void);  // true once per tick that has passed
// A tick every 100 ms, as long as it is on.
void spc_loop_tick_on(bool is_on);
// Cut system calls short every 20 ms from now on: for waits that must not last (detaching).
void spc_loop_hurry(void);
