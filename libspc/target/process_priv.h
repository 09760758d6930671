// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <spc/container.h>

#include "node_priv.h"

// Everything in the cgroup and below. `container` is what the processes will point to, or NULL.
int spc_processes_of_cgroup(const struct spc_node *node, const char *cgroup,
                            const struct spc_container *container, struct spc_processes *ret,
                            struct spc_err *err);

// One more process; nothing when it has ended. `buf` holds 64 KiB, `passwd` is a cache.
int spc_processes_add(struct spc_processes *list, const struct spc_node *node, unsigned flags,
                      pid_t pid, const struct spc_container *container, char *buf, char **passwd);
void spc_processes_sort(struct spc_processes *list);
