// SPDX-License-Identifier: BSD-2-Clause
// TARGET: what the user typed, held so that it cannot turn into something else.
#pragma once

#include <spc/container.h>

enum spc_target_kind {
    SPC_TARGET_CONTAINER, // NAME, ID prefix, ENGINE:NAME, pod/NAMESPACE/POD/CONTAINER
    SPC_TARGET_POD,       // pod/NAMESPACE/POD: every container of it
    SPC_TARGET_PROCESS,   // pid:N
    SPC_TARGET_CGROUP,    // cgroup:/path, unit:NAME
    SPC_TARGET_NETNS,     // netns:/path
    SPC_TARGET_HOST,      // host
    _SPC_TARGET_MAX,
};

// Owns everything in it. Descriptors are SPC_NOFD where the kind has none.
struct spc_target {
    enum spc_target_kind kind;
    char *spec;  // as typed
    char *label; // short name for output: "web", "docker:web" where ambiguous otherwise
    struct spc_containers containers; // the container, those of the pod, or none
    pid_t pid;                        // init (or the only) process, 0 where there is none
    int pidfd;                        // of that process: becomes readable when it is gone
    int procfd;   // its /proc/PID directory: reads fail with ESRCH once it is gone
    int nsfd;     // netns: the namespace
    char *cgroup; // cgroup path below the root, or NULL
};

// Resolve over all engines. Errors carry SPC_EXIT_TARGET and say which of these it was: nothing of
// that name (with the nearest), several (all listed with their unambiguous form), stopped, died
// while being looked at, no such engine prefix, not a valid TARGET.
int spc_target_resolve(struct spc_node *node, const char *spec, struct spc_target *ret,
                       struct spc_err *err);
void spc_target_free(struct spc_target *target);
#define spc_auto_target SPC_CLEANUP(spc_target_free)
#define SPC_TARGET_NONE                                                                            \
    {                                                                                              \
        .pidfd = SPC_NOFD, .procfd = SPC_NOFD, .nsfd = SPC_NOFD                                    \
    }

// The processes that the target has right now, all its containers together, sorted by PID.
int spc_target_processes(struct spc_node *node, const struct spc_target *target,
                         struct spc_processes *ret, struct spc_err *err);
