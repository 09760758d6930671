// SPDX-License-Identifier: BSD-2-Clause
// Targets that are places, not containers.
#pragma once

#include <spc/target.h>

// `name` is a path ("/a/b", or as seen in /sys/fs/cgroup) or the name of a systemd unit.
int spc_target_find_cgroup(struct spc_node *node, const char *name, struct spc_target *target,
                           struct spc_err *err);
// `path` is a path, or a name of ip-netns(8).
int spc_target_open_netns(struct spc_node *node, const char *path, struct spc_target *target,
                          struct spc_err *err);
