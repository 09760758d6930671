// SPDX-License-Identifier: BSD-2-Clause
// The same mount plan with mount(2), for kernels below 5.2. There are no detached mounts: the new
// root grows on top of "/" of our private mount namespace and is found as "/..": at the root
// directory ".." stays where it is and then crosses into what is mounted over it
// (path_resolution(7)). Nothing of the host gets hidden by that.
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <spc/own.h>

#define OVER_ROOT "/.."

static int open_over_root(int *ret, struct spc_err *err)
{
    int fd = open(OVER_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, -errno, "open new root");
    *ret = fd;
    return 0;
}

static int classic_tmpfs(int *ret, struct spc_err *err)
{
    if (mount("spc", "/", "tmpfs", 0, "mode=0755,size=" RUN_TMPFS_SIZE ",huge=within_size") < 0 &&
        mount("spc", "/", "tmpfs", 0, "mode=0755,size=" RUN_TMPFS_SIZE) < 0)
        return spc_err_set(err, -errno, "mount tmpfs");
    return open_over_root(ret, err);
}

static int classic_overlay(int upper, int work, int lower, int *ret, struct spc_err *err)
{
    char options[256];
    snprintf(options, sizeof(options),
             "lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", lower,
             upper, work);
    if (mount("spc", OVER_ROOT, "overlay", 0, options) < 0)
        return spc_err_set(err, -errno, "mount overlay");
    return open_over_root(ret, err);
}

static int classic_fresh(const char *type, int target, struct spc_err *err)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
    if (mount(type, path, type, MS_NOSUID | MS_NODEV, NULL) < 0)
        return spc_err_set(err, -errno, "mount %s", type);
    return 0;
}

static unsigned long bind_attrs(unsigned flags)
{
    return (flags & RUN_BIND_READ_ONLY ? MS_RDONLY : 0) |
           (flags & RUN_BIND_NOSUID ? MS_NOSUID : 0) | (flags & RUN_BIND_NODEV ? MS_NODEV : 0) |
           (flags & RUN_BIND_NOEXEC ? MS_NOEXEC : 0);
}

// `target` still names what lies below the new mount. To get at the mount, its name has to be
// looked up again: a directory's in its parent, a file's from our root.
static int open_mounted(int target)
{
    char link[64], path[PATH_MAX];
    struct stat st;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", target);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    if (n <= 0 || fstat(target, &st) < 0)
        return -errno;
    path[n] = '\0';

    int fd;
    if (S_ISDIR(st.st_mode)) {
        spc_auto_close int parent = openat(target, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (parent < 0)
            return -errno;
        fd = openat(parent, strrchr(path, '/') + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    } else {
        fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    return fd < 0 ? -errno : fd;
}

static int classic_bind(int source, int target, unsigned flags, struct spc_err *err)
{
    char from[64], to[64];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", source);
    snprintf(to, sizeof(to), "/proc/self/fd/%d", target);
    unsigned long recursive = flags & RUN_BIND_RECURSIVE ? MS_REC : 0;
    if (mount(from, to, NULL, MS_BIND | recursive, NULL) < 0)
        return spc_err_set(err, -errno, "bind mount");

    unsigned long attrs = bind_attrs(flags);
    if (!attrs && !(flags & RUN_BIND_PRIVATE))
        return 0;
    spc_auto_close int mounted = open_mounted(target);
    if (mounted < 0)
        return spc_err_set(err, mounted, "find bind mount");
    snprintf(to, sizeof(to), "/proc/self/fd/%d", mounted);
    if (attrs && mount(NULL, to, NULL, MS_REMOUNT | MS_BIND | attrs, NULL) < 0)
        return spc_err_set(err, -errno, "change bind mount");
    if (flags & RUN_BIND_PRIVATE && mount(NULL, to, NULL, MS_PRIVATE | recursive, NULL) < 0)
        return spc_err_set(err, -errno, "make bind mount private");
    return 0;
}

static int classic_bind_dir(const char *path, int parent, const char *name, struct spc_err *err)
{
    spc_auto_close int source = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (source < 0)
        return spc_err_set(err, -errno, "open");
    spc_auto_close int target = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0)
        return spc_err_set(err, -errno, "open target");
    return classic_bind(source, target, RUN_BIND_RECURSIVE, err);
}

// Kernels that can do it have the other dialect.
static int classic_image_of_self(int64_t offset, int parent, const char *name, struct spc_err *err)
{
    (void)offset, (void)parent, (void)name;
    return spc_err_set(err, -ENOTSUP, "image in the executable");
}

static int classic_attach_root(int root, struct spc_err *err)
{
    (void)root, (void)err; // it grew at its place
    return 0;
}

const struct run_mount_ops spc_run_mounts_classic = {
    .name = "classic",
    .tmpfs = classic_tmpfs,
    .overlay = classic_overlay,
    .fresh = classic_fresh,
    .bind = classic_bind,
    .bind_dir = classic_bind_dir,
    .image_of_self = classic_image_of_self,
    .attach_root = classic_attach_root,
    .overlay_layers = 2, // the tmpfs with its upper directory lies below it
    .plain_layers = 1,
};
