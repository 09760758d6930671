// SPDX-License-Identifier: BSD-2-Clause
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

#include "mounts.h"
#include "place.h"
#include "tree.h"

// A root being built.
struct root {
    const struct run_plan *plan;
    const struct run_mount_ops *ops;
    int fd;          // its directory
    unsigned layers; // mounts on top of "/"
    int self;        // the running executable, opened in our mount namespace, or SPC_NOFD
    int *sources;    // of the volumes
};

static void root_free(struct root *root)
{
    spc_close(root->fd);
    spc_close(root->self);
    for (size_t i = 0; root->sources && i < root->plan->volume_count; i++)
        spc_close(root->sources[i]);
    free(root->sources);
}

// /proc/self/exe is in the caller's mount namespace, where it cannot be cloned from any more: look
// the same file up in ours. Without success it is copied.
static int open_self(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n < 0)
        return SPC_NOFD;
    path[n] = '\0';
    spc_auto_close int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat ours, running;
    if (fd < 0 || fstat(fd, &ours) < 0 || stat("/proc/self/exe", &running) < 0 ||
        ours.st_dev != running.st_dev || ours.st_ino != running.st_ino)
        return SPC_NOFD;
    return SPC_TAKE_FD(fd);
}

static int open_sources(struct root *root, struct spc_err *err)
{
    if (root->plan->image.kind == RUN_IMAGE_BUILTIN)
        root->self = open_self();

    size_t count = root->plan->volume_count;
    if (count == 0)
        return 0;
    root->sources = malloc(count * sizeof(*root->sources));
    if (!root->sources)
        return spc_err_set(err, -ENOMEM, "volumes");
    for (size_t i = 0; i < count; i++)
        root->sources[i] = SPC_NOFD;
    for (size_t i = 0; i < count; i++) {
        const char *path = root->plan->volumes[i].source;
        root->sources[i] = open(path, O_PATH | O_CLOEXEC);
        if (root->sources[i] < 0)
            return spc_err_set(err, -errno, "--volume %s", path);
    }
    return 0;
}

static int make_tree(struct root *root, bool with_overlay, int *ret, struct spc_err *err)
{
    spc_auto_close int tree = SPC_NOFD;
    int r = root->ops->tmpfs(&tree, err);
    if (r == 0)
        r = spc_run_tree_fill(root->plan, tree, with_overlay, err);
    if (r == 0 && root->plan->image.kind == RUN_IMAGE_BUILTIN)
        r = spc_run_builtin_make(tree, err);
    if (r == 0)
        *ret = SPC_TAKE_FD(tree);
    return r;
}

static int build_overlay(struct root *root, struct spc_err *err)
{
    spc_auto_close int tree = SPC_NOFD, lower = SPC_NOFD;
    int r = make_tree(root, true, &tree, err);
    // In this mount namespace: overlayfs refuses a directory of another one.
    if (r == 0)
        r = spc_run_image_open(&root->plan->image, &lower, err);
    if (r < 0)
        return r;
    spc_auto_close int upper = openat(tree, RUN_TREE_UPPER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int work = openat(tree, RUN_TREE_WORK, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (upper < 0 || work < 0)
        return spc_err_set(err, -errno, "open upper directory");
    r = root->ops->overlay(upper, work, lower, &root->fd, err);
    if (r < 0)
        return spc_err_wrap(err, "overlay over image %s", root->plan->image.name);
    root->layers = root->ops->overlay_layers;
    return root->ops->attach_root(root->fd, err);
}

static int build_plain(struct root *root, struct spc_err *err)
{
    int r = make_tree(root, false, &root->fd, err);
    if (r < 0)
        return r;
    root->layers = root->ops->plain_layers;
    r = root->ops->attach_root(root->fd, err);
    return r == 0 && root->plan->image.kind == RUN_IMAGE_BUILTIN
               ? spc_run_builtin_name(root->plan, root->ops, root->fd, err)
               : r;
}

// Where overlayfs is missing or refuses the image's file system.
static int build_bound(struct root *root, struct spc_err *err)
{
    int r = build_plain(root, err);
    spc_auto_close int lower = SPC_NOFD;
    if (r == 0)
        r = spc_run_image_open(&root->plan->image, &lower, err);
    return r == 0 ? spc_run_place_entries(root->ops, lower, root->fd, err) : r;
}

static int build(struct root *root, struct spc_err *err)
{
    if (root->plan->image.kind == RUN_IMAGE_BUILTIN)
        return build_plain(root, err);
    if (root->plan->config->root_kind == RUN_ROOT_BIND)
        return build_bound(root, err);
    int r = build_overlay(root, err);
    if (r >= 0 || root->plan->config->root_kind == RUN_ROOT_OVERLAY)
        return r;
    dprintf(STDERR_FILENO, "spc run: %s; the image is read-only\n", err->text);
    spc_err_clear(err);
    return build_bound(root, err);
}

static int add_fresh(struct root *root, const char *type, const char *path, struct spc_err *err)
{
    spc_auto_close int target = spc_run_place_plain(root->fd, path);
    if (target < 0)
        return 0; // the host has no such place either (/dev/mqueue)
    int r = root->ops->fresh(type, target, err);
    return r < 0 ? spc_err_wrap(err, "new %s at /%s", type, path) : 0;
}

static int add_host_dir(struct root *root, const char *path, struct spc_err *err)
{
    char absolute[64];
    snprintf(absolute, sizeof(absolute), "/%s", path);
    const char *name = strrchr(absolute, '/') + 1;
    spc_auto_close int parent = SPC_NOFD;
    if (name > absolute + 1) {
        snprintf(absolute, sizeof(absolute), "%.*s", (int)(name - 1 - absolute), path);
        parent = spc_run_place_plain(root->fd, absolute);
        snprintf(absolute, sizeof(absolute), "/%s", path);
        if (parent < 0)
            return 0; // an image that is bound as it is
    }
    int r = root->ops->bind_dir(absolute, parent >= 0 ? parent : root->fd, name, err);
    if (r == -ENOENT || r == -ENOTDIR) { // a host without it
        spc_err_clear(err);
        return 0;
    }
    return r < 0 ? spc_err_wrap(err, "host's /%s", path) : 0;
}

// A sysfs shows the network namespace that it was mounted in. What the host has mounted below its
// own one belongs to the new one as well.
static int add_fresh_sys(struct root *root, struct spc_err *err)
{
    static const char *const below[] = {
        "sys/fs/cgroup",     "sys/fs/bpf",          "sys/fs/selinux",
        "sys/fs/pstore",     "sys/kernel/debug",    "sys/kernel/tracing",
        "sys/kernel/config", "sys/kernel/security", "sys/firmware/efi/efivars",
    };
    int r = add_fresh(root, "sysfs", "sys", err);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(below) && r == 0; i++)
        r = add_host_dir(root, below[i], err);
    return r;
}

static int add_host(struct root *root, struct spc_err *err)
{
    const struct run_ns *ns = root->plan->ns;
    int r = ns[SPC_NS_PID].mode == RUN_NS_HOST ? add_host_dir(root, "proc", err)
                                               : add_fresh(root, "proc", "proc", err);
    if (r == 0)
        r = ns[SPC_NS_NET].mode == RUN_NS_HOST ? add_host_dir(root, "sys", err)
                                               : add_fresh_sys(root, err);
    if (r == 0)
        r = add_host_dir(root, "dev", err);
    if (r == 0 && ns[SPC_NS_IPC].mode != RUN_NS_HOST)
        r = add_fresh(root, "mqueue", "dev/mqueue", err);
    if (r == 0 && ns[SPC_NS_IPC].mode != RUN_NS_HOST)
        r = add_fresh(root, "tmpfs", "dev/shm", err);
    if (r == 0)
        r = add_host_dir(root, "run", err);
    return r == 0 ? add_host_dir(root, "var/log", err) : r;
}

// pivot_root(2) refuses a root that is no mount of its own (a chroot) or that is the initial
// ramfs. There the host becomes a bind mount, and the root changes by chroot(2). The bind brings
// along what we have laid on top of "/", which goes away again.
static int enter_by_chroot(struct root *root, struct spc_err *err)
{
    spc_auto_close int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int target = openat(root->fd, "host", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (host < 0 || target < 0)
        return spc_err_set(err, -errno, "open /host");
    int r = root->ops->bind(host, target, RUN_BIND_RECURSIVE, err);
    if (r < 0)
        return spc_err_wrap(err, "host at /host");
    for (unsigned i = 0; i < root->layers; i++)
        if (umount2("host", MNT_DETACH) < 0)
            return spc_err_set(err, -errno, "uncover /host");
    return chroot(".") < 0 ? spc_err_set(err, -errno, "chroot") : 0;
}

static int enter(struct root *root, struct spc_err *err)
{
    if (fchdir(root->fd) < 0)
        return spc_err_set(err, -errno, "enter image");
    // The old root becomes /host, with everything that is mounted in it.
    if (syscall(SYS_pivot_root, ".", "host") < 0) {
        int r =
            errno == EINVAL ? enter_by_chroot(root, err) : spc_err_set(err, -errno, "pivot_root");
        if (r < 0)
            return r;
    } else {
        // All but our root, which has moved away, still lie on top of it.
        for (unsigned i = 1; i < root->layers; i++)
            if (umount2("/host", MNT_DETACH) < 0)
                return spc_err_set(err, -errno, "uncover /host");
    }
    return chdir("/") < 0 ? spc_err_set(err, -errno, "enter image") : 0;
}

static int add_self(struct root *root, struct spc_err *err)
{
    if (root->plan->image.kind != RUN_IMAGE_BUILTIN)
        return 0;
    spc_auto_close int target = openat(root->fd, RUN_BUILTIN_SPC, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0)
        return spc_err_set(err, -errno, "/%s", RUN_BUILTIN_SPC);
    if (root->self >= 0 && root->ops->bind(root->self, target, RUN_BIND_READ_ONLY, err) == 0)
        return 0;
    spc_err_clear(err);
    return spc_run_builtin_copy_self(root->fd, err);
}

static int add_volumes(struct root *root, struct spc_err *err)
{
    for (size_t i = 0; root->sources && i < root->plan->volume_count; i++) {
        const struct run_volume *v = &root->plan->volumes[i];
        struct stat st;
        if (fstat(root->sources[i], &st) < 0)
            return spc_err_set(err, -errno, "--volume %s", v->source);
        spc_auto_close int target = SPC_NOFD;
        int r = spc_run_place_open(root->fd, v->target, S_ISDIR(st.st_mode), &target, err);
        unsigned flags = (v->is_recursive ? RUN_BIND_RECURSIVE : 0) |
                         (v->is_read_only ? RUN_BIND_READ_ONLY : 0) |
                         (v->is_nosuid ? RUN_BIND_NOSUID : 0) | (v->is_nodev ? RUN_BIND_NODEV : 0) |
                         (v->is_noexec ? RUN_BIND_NOEXEC : 0) |
                         (v->is_slave ? 0 : RUN_BIND_PRIVATE);
        if (r == 0)
            r = root->ops->bind(root->sources[i], target, flags, err);
        if (r < 0)
            return spc_err_wrap(err, "--volume %s:%s", v->source, v->target);
    }
    return 0;
}

static int add_workdir(struct root *root, struct spc_err *err)
{
    const char *path = root->plan->config->workdir;
    if (!path)
        return 0;
    spc_auto_close int fd = SPC_NOFD;
    int r = spc_run_place_open(root->fd, path, true, &fd, err);
    return r < 0 ? spc_err_wrap(err, "--workdir %s", path) : 0;
}

int spc_run_root_enter(const struct run_plan *plan, struct spc_err *err)
{
    struct root root SPC_CLEANUP(root_free) = {
        .plan = plan,
        .ops = spc_run_mounts_choose((enum run_mount_api)plan->config->mount_api),
        .fd = SPC_NOFD,
        .self = SPC_NOFD,
    };
    int r = open_sources(&root, err);
    if (r == 0)
        r = build(&root, err);
    if (r == 0)
        r = add_host(&root, err);
    if (r == 0)
        r = enter(&root, err);
    if (r == 0)
        r = add_self(&root, err);
    if (r == 0)
        r = add_volumes(&root, err);
    if (r == 0)
        r = add_workdir(&root, err);
    if (r == 0 && plan->config->is_read_only &&
        mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
        r = spc_err_set(err, -errno, "--read-only");
    return r;
}
