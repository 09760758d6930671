// SPDX-License-Identifier: BSD-2-Clause
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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

// What the image has at `path`. Only its attributes are wanted, so it does not matter what a link
// in the middle of the path leads to.
static bool stat_dir(int image, const char *path, struct stat *ret)
{
    return image >= 0 && fstatat(image, path, ret, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(ret->st_mode);
}

// `image`: the directory whose attributes to take over, or SPC_NOFD.
static int make_mount_points(int dirfd, int image, struct spc_err *err)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(mount_points); i++) {
        struct stat st;
        const char *path = mount_points[i].path;
        bool has = stat_dir(image, path, &st);
        if (mkdirat(dirfd, path, has ? st.st_mode & 07777 : mount_points[i].mode) < 0)
            return spc_err_set(err, -errno, "make /%s of the image", path);
        if (has && (st.st_uid || st.st_gid))
            (void)fchownat(dirfd, path, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW);
    }
    return 0;
}

static int fill_upper(const struct run_plan *plan, int tree, struct spc_err *err)
{
    spc_auto_close int image = SPC_NOFD;
    int r = spc_run_image_open(&plan->image, &image, err);
    if (r < 0)
        return r;
    struct stat st;
    if (fstat(image, &st) < 0)
        return spc_err_set(err, -errno, "image %s", plan->image.name);
    if (mkdirat(tree, RUN_TREE_WORK, 0700) < 0 ||
        mkdirat(tree, RUN_TREE_UPPER, st.st_mode & 07777) < 0)
        return spc_err_set(err, -errno, "make upper directory");
    spc_auto_close int upper = openat(tree, RUN_TREE_UPPER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (upper < 0)
        return spc_err_set(err, -errno, "open upper directory");
    if (st.st_uid || st.st_gid)
        (void)fchownat(tree, RUN_TREE_UPPER, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW);
    r = make_mount_points(upper, image, err);
    return r < 0 ? r : spc_run_etc_fill(plan, upper, false, err);
}

// Everything is in /bin; the other directories of a usual PATH lead there.
static int fill_builtin(const struct run_plan *plan, int tree, struct spc_err *err)
{
    static const struct {
        const char *name, *target;
    } links[] = {
        {"sbin", "bin"},
        {"usr/bin", "../bin"},
        {"usr/sbin", "../bin"},
        {"etc/mtab", "/proc/self/mounts"},
    };
    static const struct {
        const char *path;
        mode_t mode;
    } dirs[] = {{"root", 0700}, {"usr", 0755}, {"usr/local", 0755}, {"usr/local/bin", 0755}};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(dirs); i++)
        if (mkdirat(tree, dirs[i].path, dirs[i].mode) < 0)
            return spc_err_set(err, -errno, "make /%s of the image", dirs[i].path);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(links); i++)
        if (symlinkat(links[i].target, tree, links[i].name) < 0)
            return spc_err_set(err, -errno, "link /%s", links[i].name);
    return spc_run_etc_fill(plan, tree, true, err);
}

int spc_run_tree_fill(const struct run_plan *plan, int tree, bool with_overlay, struct spc_err *err)
{
    if (with_overlay)
        return fill_upper(plan, tree, err);
    int r = make_mount_points(tree, SPC_NOFD, err);
    // Without an overlay a directory image's own /etc covers ours.
    return r == 0 && plan->image.kind == RUN_IMAGE_BUILTIN ? fill_builtin(plan, tree, err) : r;
}
