// SPDX-License-Identifier: BSD-2-Clause
// The mount plan with detached mounts (fsopen, fsmount, open_tree, move_mount: kernel 5.2). A mount
// that is never attached disappears with its descriptor, so nothing can be left behind.
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include <spc/own.h>

// What the file system itself says about a failure: lines "e text", "w text" (fsopen(2)).
static int fs_error(int fs, int code, const char *what, struct spc_err *err)
{
    char text[256];
    ssize_t n = read(fs, text, sizeof(text) - 1);
    if (n <= 2)
        return spc_err_set(err, code, "%s", what);
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return spc_err_say(err, code, "%s: %s", what, text + 2);
}

static int set_string(int fs, const char *key, const char *value, struct spc_err *err)
{
    if (fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) < 0)
        return fs_error(fs, -errno, key, err);
    return 0;
}

static int create(int fs, const char *type, unsigned attrs, int *ret, struct spc_err *err)
{
    if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return fs_error(fs, -errno, type, err);
    int fd = fsmount(fs, FSMOUNT_CLOEXEC, attrs);
    if (fd < 0)
        return spc_err_set(err, -errno, "%s: fsmount", type);
    *ret = fd;
    return 0;
}

static int new_tmpfs(int *ret, struct spc_err *err)
{
    spc_auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (fs < 0)
        return spc_err_set(err, -errno, "tmpfs");
    int r = set_string(fs, "mode", "0755", err);
    if (r < 0)
        return r;
    r = set_string(fs, "size", RUN_TMPFS_SIZE, err);
    if (r < 0)
        return r;
    // One large page instead of 500 small ones for busybox. Kernels without transparent huge pages
    // refuse the option; the mount is good without it.
    (void)fsconfig(fs, FSCONFIG_SET_STRING, "huge", "within_size", 0);
    return create(fs, "tmpfs", 0, ret, err);
}

static int new_overlay(int upper, int work, int lower, int *ret, struct spc_err *err)
{
    spc_auto_close int fs = fsopen("overlay", FSOPEN_CLOEXEC);
    if (fs < 0)
        return spc_err_set(err, -errno, "overlay");

    char dir[64];
    snprintf(dir, sizeof(dir), "/proc/self/fd/%d", lower);
    int r = set_string(fs, "lowerdir", dir, err);
    snprintf(dir, sizeof(dir), "/proc/self/fd/%d", upper);
    if (r == 0)
        r = set_string(fs, "upperdir", dir, err);
    snprintf(dir, sizeof(dir), "/proc/self/fd/%d", work);
    if (r == 0)
        r = set_string(fs, "workdir", dir, err);
    return r == 0 ? create(fs, "overlay", 0, ret, err) : r;
}

static int attach(int mount, int target, struct spc_err *err)
{
    if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return spc_err_set(err, -errno, "attach mount");
    return 0;
}

static int new_fresh(const char *type, int target, struct spc_err *err)
{
    spc_auto_close int fs = fsopen(type, FSOPEN_CLOEXEC);
    if (fs < 0)
        return spc_err_set(err, -errno, "%s", type);
    spc_auto_close int mount = SPC_NOFD;
    int r = create(fs, type, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &mount, err);
    if (r < 0)
        return r;
    return attach(mount, target, err);
}

static uint64_t bind_attrs(unsigned flags)
{
    return (flags & RUN_BIND_READ_ONLY ? MOUNT_ATTR_RDONLY : 0) |
           (flags & RUN_BIND_NOSUID ? MOUNT_ATTR_NOSUID : 0) |
           (flags & RUN_BIND_NODEV ? MOUNT_ATTR_NODEV : 0) |
           (flags & RUN_BIND_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
}

static int clone_tree(int source, unsigned flags, int *ret, struct spc_err *err)
{
    unsigned recursive = flags & RUN_BIND_RECURSIVE ? AT_RECURSIVE : 0;
    spc_auto_close int mount =
        open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
    if (mount < 0)
        return spc_err_set(err, -errno, "clone mount");

    struct mount_attr attr = {
        .attr_set = bind_attrs(flags),
        .propagation = flags & RUN_BIND_PRIVATE ? MS_PRIVATE : 0,
    };
    if ((attr.attr_set || attr.propagation) &&
        mount_setattr(mount, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr)) < 0)
        return spc_err_set(err, -errno, "mount_setattr");
    *ret = SPC_TAKE_FD(mount);
    return 0;
}

static int new_bind(int source, int target, unsigned flags, struct spc_err *err)
{
    spc_auto_close int mount = SPC_NOFD;
    int r = clone_tree(source, flags, &mount, err);
    if (r == -ENOSYS) {
        // mount_setattr(2) came with 5.12, the rest with 5.2: attach, then change it the old way.
        spc_err_clear(err);
        return spc_run_mounts_classic.bind(source, target, flags, err);
    }
    return r < 0 ? r : attach(mount, target, err);
}

// Three calls instead of seven, for the directories that every start mounts.
static int new_bind_dir(const char *path, int parent, const char *name, struct spc_err *err)
{
    spc_auto_close int mount =
        open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (mount < 0)
        return spc_err_set(err, -errno, "clone mount");
    // Links are not followed in a target, unless asked for.
    if (move_mount(mount, "", parent, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return spc_err_set(err, -errno, "attach mount");
    return 0;
}

static int new_image_of_self(int64_t offset, int parent, const char *name, struct spc_err *err)
{
    spc_auto_close int fs = fsopen("erofs", FSOPEN_CLOEXEC);
    if (fs < 0)
        return spc_err_set(err, -errno, "erofs");
    char number[32];
    snprintf(number, sizeof(number), "%lld", (long long)offset);
    int r = set_string(fs, "source", "/proc/self/exe", err);
    if (r == 0)
        r = set_string(fs, "fsoffset", number, err);
    spc_auto_close int mount = SPC_NOFD;
    if (r == 0)
        r = create(fs, "erofs", MOUNT_ATTR_RDONLY, &mount, err);
    if (r < 0)
        return r;
    if (move_mount(mount, "", parent, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return spc_err_set(err, -errno, "attach mount");
    return 0;
}

// On top of "/": a directory that always exists, and whose covering changes nothing for anybody,
// because absolute paths start at the process's root and not at what is mounted over it.
static int new_attach_root(int root, struct spc_err *err)
{
    if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return spc_err_set(err, -errno, "attach root");
    return 0;
}

const struct run_mount_ops spc_run_mounts_new = {
    .name = "new",
    .tmpfs = new_tmpfs,
    .overlay = new_overlay,
    .fresh = new_fresh,
    .bind = new_bind,
    .bind_dir = new_bind_dir,
    .image_of_self = new_image_of_self,
    .attach_root = new_attach_root,
    .overlay_layers = 1,
    .plain_layers = 1,
};

const struct run_mount_ops *spc_run_mounts_choose(enum run_mount_api api)
{
    if (api == RUN_MOUNT_NEW)
        return &spc_run_mounts_new;
    if (api == RUN_MOUNT_CLASSIC)
        return &spc_run_mounts_classic;
    // move_mount(2) with nothing to move: any answer but "no such call" (or the EPERM with which
    // old seccomp filters answer) means that it is there, whatever the caller may do with it.
    if (move_mount(-1, "", -1, "", 0) < 0 && (errno == ENOSYS || errno == EPERM))
        return &spc_run_mounts_classic;
    return &spc_run_mounts_new;
}
