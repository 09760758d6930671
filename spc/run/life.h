// SPDX-License-Identifier: BSD-2-Clause
// The three processes of a run and what they tell each other.
//
//   launcher   what the user started. Waits, forwards signals, prints the error, exits.
//   guardian   its child and the parent of the command. When the launcher or the command ends, it
//              ends every descendant that is left, so that nothing survives a SIGKILL either.
//   command    made by the guardian with vfork semantics: carries the plan out, then execs.
//
// Launcher and guardian are both subreapers: whichever of the two is killed, the other one inherits
// and ends what is left. The command dies with the guardian (PR_SET_PDEATHSIG).
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include <spc/err.h>

#include "plan.h"

// What the launcher changed for itself and the command gets back.
struct run_inherited {
    mode_t umask;
    sigset_t mask;
    bool is_child_ignored; // SIGCHLD
};

// One shared page, written by the guardian and the command, read by the launcher.
struct run_report {
    volatile sig_atomic_t stop;     // signal that stopped the command, 0 while it runs
    volatile sig_atomic_t finished; // the command has ended and `status` holds
    volatile sig_atomic_t ended;    // and so has everything else; the guardian is about to exit
    int status;                     // exit code
    struct spc_err err;             // code is 0 when the command was started
};

// Carry the plan out. Returns the exit code, or a negative errno.
int spc_run_life(const struct run_plan *plan, struct spc_err *err);

// The guardian's process (guardian.c); `launcher` is its parent.
_Noreturn void spc_run_guard(const struct run_plan *plan, const struct run_inherited *inherited,
                             struct run_report *report, pid_t launcher);

// What launcher and guardian send each other. Values above those that glibc keeps for itself.
#define RUN_SIG_FORWARD  SIGRTMIN       // to the guardian: send the command signal si_value
#define RUN_SIG_ORPHANED (SIGRTMIN + 1) // to the guardian: the launcher is dead

// SIGKILL and reap all children, and whatever becomes a child by that, until there is none.
void spc_run_end_children(void);

// The command's process (child.c). Returns only on failure.
int spc_run_child(const struct run_plan *plan, const struct run_inherited *inherited,
                  struct spc_err *err);
void spc_run_restore(const struct run_inherited *inherited);
