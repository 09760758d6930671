// SPDX-License-Identifier: BSD-2-Clause
// Where the processes of a target are, in the terms in which the kernel knows them.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/target.h>

struct scope_place {
    uint64_t cgroup_id; // in cgroup v2; 0: the target is not told by one
    unsigned cgroup_level;
    uint64_t pidns; // inode; 0: it shares the host's
};

void systrace_place_find(const struct spc_target *target, struct scope_place *ret);

bool systrace_place_is_unified(void);     // cgroup v2 is the only hierarchy
uint64_t systrace_place_pidns(pid_t pid); // 0 when it cannot be read
uint64_t systrace_place_host_pidns(void);
uint64_t systrace_place_cgroup_of(pid_t pid); // ID of its cgroup in v2, or 0
