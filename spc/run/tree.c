// SPDX-License-Identifier: BSD-2-Clause
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/own.h>

// What has to be there to mount on. In an overlay each takes the mode and owner that the image's
// own directory of that name has.
static const struct {
    const char *path;
    mode_t mode;
} mount_points[] = {
    {"dev", 0755}, {"etc", 0755},  {"host", 0755}, {"proc", 0555},    {"run", 0755},
    {"sys", 0555}, {"tmp", 01777}, {"var", 0755},  {"var/log", 0755},
};

// mkdir(2) is subject to the umask; these modes are meant as they are.
static int make_dir(int dirfd, const char *path, mode_t mode, const struct stat *like)
{
    if (mkdirat(dirfd, path, mode) < 0)
        return -errno;
    if (like) {
        mode = like->st_mode & 07777;
        if (fchownat(dirfd, path, like->st_uid, like->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
            errno != EPERM)
            return -errno;
    }
    return fchmodat(dirfd, path, mode, 0) < 0 ? -errno : 0;
}

// `image`: the directory whose attributes to take over, or SPC_NOFD.
static int make_mount_points(int dirfd, int image, struct spc_err *err)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(mount_points); i++) {
        struct stat st;
        const char *path = mount_points[i].path;
        // Where "var" is a link, "var/log" is looked up behind it: only for its mode, in the image.
        bool has = false;
        if (image >= 0) {
            spc_auto_close int fd = spc_open_in_root(image, path, O_PATH | O_DIRECTORY);
            has = fd >= 0 && fstat(fd, &st) == 0;
        }
        int r = make_dir(dirfd, path, mount_points[i].mode, has ? &st : NULL);
        if (r < 0)
            return spc_err_set(err, r, "make /%s of the image", path);
    }
    return 0;
}

static int make_overlay(const struct run_plan *plan, int tree, struct spc_err *err)
{
    spc_auto_close int image = SPC_NOFD;
    int r = spc_run_image_open(&plan->image, &image, err);
    if (r < 0)
        return r;
    struct stat st;
    if (fstat(image, &st) < 0)
        return spc_err_set(err, -errno, "image %s", plan->image.name);
    r = make_dir(tree, RUN_TREE_WORK, 0700, NULL);
    if (r == 0)
        r = make_dir(tree, RUN_TREE_UPPER, 0755, &st);
    if (r < 0)
        return spc_err_set(err, r, "make upper directory");
    spc_auto_close int upper = openat(tree, RUN_TREE_UPPER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (upper < 0)
        return spc_err_set(err, -errno, "open upper directory");
    return make_mount_points(upper, image, err);
}

int spc_run_tree_make(const struct run_plan *plan, int tree, bool with_overlay, struct spc_err *err)
{
    return with_overlay ? make_overlay(plan, tree, err) : make_mount_points(tree, SPC_NOFD, err);
}

int spc_run_tree_fill(const struct run_plan *plan, int tree, bool with_overlay, struct spc_err *err)
{
    if (plan->image.kind == RUN_IMAGE_BUILTIN) {
        int r = spc_run_builtin_fill(plan, tree, err);
        return r < 0 ? r : spc_run_etc_fill(plan, tree, true, err);
    }
    if (!with_overlay)
        return 0; // the image's own /etc covers ours
    spc_auto_close int upper = openat(tree, RUN_TREE_UPPER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (upper < 0)
        return spc_err_set(err, -errno, "open upper directory");
    return spc_run_etc_fill(plan, upper, false, err);
}
