// SPDX-License-Identifier: BSD-2-Clause
// The mount plan, in two dialects.
#pragma once

#include <stdint.h>

#include <spc/err.h>

#include "plan.h"

// Of the host's memory: tmpfs would take half of it by default.
#define RUN_TMPFS_SIZE "25%"

enum run_bind_flags {
    RUN_BIND_RECURSIVE = 1 << 0,
    RUN_BIND_READ_ONLY = 1 << 1,
    RUN_BIND_NOSUID = 1 << 2,
    RUN_BIND_NODEV = 1 << 3,
    RUN_BIND_NOEXEC = 1 << 4,
    RUN_BIND_PRIVATE = 1 << 5, // later mounts of the host below it do not appear
};

// What the two kernel interfaces have to do for us. Descriptors name directories and files; all of
// this happens in the mount namespace of the calling process, which must be its own.
struct run_mount_ops {
    const char *name;
    // A new tmpfs to be filled; *ret is its root directory.
    int (*tmpfs)(int *ret, struct spc_err *err);
    // overlayfs over `lower`.
    int (*overlay)(int upper, int work, int lower, int *ret, struct spc_err *err);
    // A new instance of proc, sysfs, mqueue, tmpfs at `target`.
    int (*fresh)(const char *type, int target, struct spc_err *err);
    // What `source` names, once more at `target`. Files: only once our root is "/".
    int (*bind)(int source, int target, unsigned flags, struct spc_err *err);
    // The directory `path` with all that is mounted in it, at `name` in the directory `parent`.
    int (*bind_dir)(const char *path, int parent, const char *name, struct spc_err *err);
    // The EROFS image that begins at `offset` of the running executable, at `name` in `parent`.
    int (*image_of_self)(int64_t offset, int parent, const char *name, struct spc_err *err);
    // Put `root` on top of "/", if it does not grow there anyway.
    int (*attach_root)(int root, struct spc_err *err);
    // How many mounts lie on top of "/" then, for an overlay and without one.
    unsigned overlay_layers, plain_layers;
};

extern const struct run_mount_ops spc_run_mounts_new;
extern const struct run_mount_ops spc_run_mounts_classic;

// Ask the kernel (AUTO), or obey. Never NULL.
const struct run_mount_ops *spc_run_mounts_choose(enum run_mount_api api);
