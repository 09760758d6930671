// SPDX-License-Identifier: BSD-2-Clause
// The files and directories that spc adds to an image: all of them are made on a fresh tmpfs of our
// own, before anything of the image lies beside them. So no symbolic link of an image can lead us
// anywhere, and where the image has something else than a directory at a mount point, overlayfs
// shows ours in its place.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <spc/err.h>

#include "mounts.h"
#include "plan.h"

// Directories of the tmpfs when it is the upper side of an overlay.
#define RUN_TREE_UPPER "upper"
#define RUN_TREE_WORK  "work"

// All of these expect a umask of 0.

// Everything but the programs of the built-in image, on an empty tmpfs. `with_overlay` is false
// where the tmpfs itself becomes the root.
int spc_run_tree_fill(const struct run_plan *plan, int tree, bool with_overlay,
                      struct spc_err *err);

// The built-in image (builtin.c): its programs, on an empty tmpfs.
int spc_run_builtin_make(int tree, struct spc_err *err);
// And their names, some 270, once the tmpfs is attached: one mount, or many links.
int spc_run_builtin_name(const struct run_plan *plan, const struct run_mount_ops *ops, int tree,
                         struct spc_err *err);
// The spc executable's place in it.
#define RUN_BUILTIN_SPC "lib/spc"
// Where it cannot be bound: the executable's bytes.
int spc_run_builtin_copy_self(int tree, struct spc_err *err);
// 0 when this executable can run inside an image that has no libraries.
int spc_run_builtin_check(struct spc_err *err);

// Copies of the host's /etc/resolv.conf and friends (etc.c). `dirfd` is the directory that holds
// "etc"; with `has_users` also passwd and group.
int spc_run_etc_fill(const struct run_plan *plan, int dirfd, bool has_users, struct spc_err *err);
