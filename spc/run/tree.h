// SPDX-License-Identifier: BSD-2-Clause
// The files and directories that spc adds to an image: all of them are made on a fresh tmpfs of our
// own, before anything of the image lies beside them. So no symbolic link of an image can lead us
// anywhere, and where the image has something else than a directory at a mount point, overlayfs
// shows ours in its place.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <spc/err.h>

#include "plan.h"

// Directories of the tmpfs when it is the upper side of an overlay.
#define RUN_TREE_UPPER "upper"
#define RUN_TREE_WORK  "work"

// On an empty tmpfs: first the places to mount on, then the files. In two steps, because the second
// one takes long for the built-in image and can go on while the first one is being used.
// `with_overlay` is false where the tmpfs itself becomes the root.
int spc_run_tree_make(const struct run_plan *plan, int tree, bool with_overlay,
                      struct spc_err *err);
int spc_run_tree_fill(const struct run_plan *plan, int tree, bool with_overlay,
                      struct spc_err *err);

// The busybox image: program and links (builtin.c).
int spc_run_builtin_fill(const struct run_plan *plan, int tree, struct spc_err *err);
// The spc executable's place in it.
#define RUN_BUILTIN_SPC "bin/spc"
// Where it cannot be bound: the executable's bytes (builtin.c).
int spc_run_builtin_copy_self(int tree, struct spc_err *err);
// 0 when this executable can run inside an image that has no libraries.
int spc_run_builtin_check(struct spc_err *err);

// Copies of the host's /etc/resolv.conf and friends (etc.c). `dirfd` is the directory that holds
// "etc"; with `has_users` also passwd and group.
int spc_run_etc_fill(const struct run_plan *plan, int dirfd, bool has_users, struct spc_err *err);
