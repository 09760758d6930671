// SPDX-License-Identifier: BSD-2-Clause
#include "tree_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

int spc_tree_add_late(struct spc_tree *tree, const char *path, mode_t mode,
                      const struct timespec *mtime, struct spc_err *err)
{
    if (tree->late_count == tree->late_cap) {
        size_t cap = tree->late_cap ? tree->late_cap * 2 : 256;
        struct spc_tree_dir *more = reallocarray(tree->late, cap, sizeof(*more));
        if (!more)
            return spc_err_set(err, -ENOMEM, "layer");
        tree->late = more;
        tree->late_cap = cap;
    }
    char *copy = strdup(path);
    if (!copy)
        return spc_err_set(err, -ENOMEM, "layer");
    tree->late[tree->late_count] = (struct spc_tree_dir){
        .path = copy, .order = tree->late_count, .mode = mode & 07777, .mtime = *mtime};
    tree->late_count++;
    return 0;
}

int spc_tree_open(int dirfd, unsigned flags, struct spc_tree **ret, struct spc_err *err)
{
    spc_auto_tree struct spc_tree *tree = calloc(1, sizeof(*tree));
    if (!tree)
        return spc_err_set(err, -ENOMEM, "tree");
    tree->fd = SPC_NOFD;
    tree->flags = flags;
    tree->is_root = geteuid() == 0;
    tree->root = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->root < 0)
        return spc_err_set(err, -errno, "open directory for a layer");
    // What the archive says nothing about is the same each time it is unpacked.
    const struct timespec never = {0};
    int r = spc_tree_add_late(tree, "", 0755, &never, err);
    if (r < 0)
        return r;
    *ret = SPC_TAKE_PTR(tree);
    return 0;
}

void spc_tree_free(struct spc_tree *tree)
{
    spc_tree_forget(tree);
    spc_close(tree->fd);
    spc_close(tree->root);
    for (size_t i = 0; i < tree->late_count; i++)
        free(tree->late[i].path);
    free(tree->late);
    free(tree);
}

// Whatever the same layer had put there before goes; *ret_whiteout says that it was a whiteout.
static int clear_place(int dirfd, const char *name, bool keep_dir, bool *ret_whiteout,
                       struct spc_err *err)
{
    *ret_whiteout = false;
    struct stat st;
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : spc_err_set(err, -errno, "stat '%s'", name);
    if (S_ISDIR(st.st_mode) && keep_dir)
        return 0;
    *ret_whiteout = S_ISCHR(st.st_mode) && st.st_rdev == 0;
    if (!S_ISDIR(st.st_mode))
        return unlinkat(dirfd, name, 0) < 0 ? spc_err_set(err, -errno, "unlink '%s'", name) : 0;
    int r = spc_remove_tree(dirfd, name);
    return r < 0 ? spc_err_set(err, r, "remove '%s'", name) : 0;
}

static int open_dir(struct spc_tree *tree, int dirfd, const char *name, bool was_whiteout,
                    struct spc_err *err)
{
    if (mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
        return spc_err_set(err, -errno, "mkdir '%.200s'", tree->path);
    tree->fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (tree->fd < 0)
        return spc_err_set(err, -errno, "open '%.200s'", tree->path);
    tree->is_dir = true;
    return was_whiteout ? spc_tree_make_opaque(tree, tree->fd, err) : 0;
}

// The target of a hard link is a name in the same layer, looked up without following anything.
static int make_hardlink(struct spc_tree *tree, const char *link, struct spc_err *err)
{
    char target[PATH_MAX];
    int r = spc_tree_clean(link ? link : "", target, err);
    if (r < 0)
        return spc_err_wrap(err, "hard link '%.200s'", tree->path);
    spc_auto_close int to = fcntl(tree->node_dir, F_DUPFD_CLOEXEC, 3);
    if (to < 0)
        return spc_err_set(err, -errno, "hard link");
    int from;
    const char *name;
    if (!*target)
        return spc_err_say(err, -EBADMSG, "hard link '%.200s' to the root: refused", tree->path);
    r = spc_tree_parent(tree, target, false, &from, &name, err);
    if (r < 0)
        return spc_err_wrap(err, "hard link '%.200s'", tree->path);
    if ((tree->flags & SPC_TREE_WHITEOUTS) && spc_tree_is_whiteout(from, name))
        return spc_err_say(err, -EBADMSG, "hard link '%.200s' to a whiteout: refused", tree->path);
    // Without AT_SYMLINK_FOLLOW a link's own name is linked (linkat(2)).
    if (linkat(from, name, to, tree->name, 0) < 0)
        return spc_err_set(err, -errno, "hard link '%.200s' to '%.200s'", tree->path, target);
    return 0;
}

static int make_device(struct spc_tree *tree, struct spc_err *err)
{
    mode_t type = tree->attr.mode & S_IFMT;
    // 0:0 is what overlayfs takes for a whiteout: only we may make those.
    if (!(tree->flags & SPC_TREE_DEVICES) || tree->attr.rdev == 0 ||
        (type != S_IFCHR && type != S_IFBLK)) {
        tree->stats.devices_left_out++;
        tree->is_ignored = true;
        return 0;
    }
    if (mknodat(tree->node_dir, tree->name, type | 0600, tree->attr.rdev) < 0)
        return spc_err_set(err, -errno, "device '%.200s'", tree->path);
    return 0;
}

static int make_node(struct spc_tree *tree, enum spc_node_type type, const char *link,
                     bool was_whiteout, struct spc_err *err)
{
    int r = 0;
    switch (type) {
    case SPC_NODE_DIR:
        return open_dir(tree, tree->node_dir, tree->name, was_whiteout, err);
    case SPC_NODE_FILE:
        tree->fd = openat(tree->node_dir, tree->name,
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        r = tree->fd;
        break;
    case SPC_NODE_SYMLINK:
        r = symlinkat(link && *link ? link : ".", tree->node_dir, tree->name);
        break;
    case SPC_NODE_FIFO:
        r = mkfifoat(tree->node_dir, tree->name, 0600);
        break;
    case SPC_NODE_HARDLINK:
        tree->is_ignored = true; // its attributes are those of its target
        return make_hardlink(tree, link, err);
    case SPC_NODE_DEVICE:
        return make_device(tree, err);
    }
    return r < 0 ? spc_err_set(err, -errno, "make '%.200s'", tree->path) : 0;
}

static int set_owner(struct spc_tree *tree)
{
    if (!tree->is_root)
        return 0;
    uid_t uid = tree->attr.uid;
    gid_t gid = tree->attr.gid;
    if (uid == 0 && gid == 0 && !tree->is_dir) // just made by root
        return 0;
    if (tree->fd >= 0)
        return fchown(tree->fd, uid, gid);
    return fchownat(tree->node_dir, tree->name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

static int add_root(struct spc_tree *tree, enum spc_node_type type, struct spc_err *err)
{
    if (type != SPC_NODE_DIR)
        return spc_err_say(err, -EBADMSG, "the root of the layer is no directory: refused");
    tree->fd = openat(tree->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->fd < 0)
        return spc_err_set(err, -errno, "root of the layer");
    tree->is_dir = true;
    return set_owner(tree) < 0 ? spc_err_set(err, -errno, "chown the root of the layer") : 0;
}

int spc_tree_add(struct spc_tree *tree, const char *path, enum spc_node_type type,
                 const struct spc_node_attr *attr, int *ret_fd, struct spc_err *err)
{
    tree->is_dir = tree->is_ignored = false;
    tree->attr = *attr;
    tree->stats.entries++;
    *ret_fd = SPC_NOFD;
    int r = spc_tree_clean(path, tree->path, err);
    if (r < 0)
        return r;
    if (!*tree->path)
        return add_root(tree, type, err);

    const char *name;
    r = spc_tree_parent(tree, tree->path, true, &tree->node_dir, &name, err);
    if (r < 0)
        return r;
    memcpy(tree->name, name, strlen(name) + 1);
    if (tree->flags & SPC_TREE_WHITEOUTS) {
        r = spc_tree_whiteout(tree, tree->node_dir, name, err);
        tree->is_ignored = r > 0;
        if (r != 0)
            return r < 0 ? r : 0;
    }
    bool was_whiteout;
    r = clear_place(tree->node_dir, name, type == SPC_NODE_DIR, &was_whiteout, err);
    if (r < 0)
        return r;
    r = make_node(tree, type, attr->link, was_whiteout, err);
    if (r < 0 || tree->is_ignored)
        return r;
    if (type == SPC_NODE_FILE)
        *ret_fd = tree->fd;
    // Before modes and attributes: chown(2) takes setuid bits and file capabilities away.
    return set_owner(tree) < 0 ? spc_err_set(err, -errno, "chown '%.200s'", tree->path) : 0;
}

// Attributes that steer overlayfs, or that belong to the machine the image was made on.
static bool is_kept_xattr(const char *name)
{
    static const char *const kept[] = {"user.", "security.capability", "security.ima"};
    if (strncmp(name, "user.overlay.", 13) == 0)
        return false;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(kept); i++)
        if (strncmp(name, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

int spc_tree_xattr(struct spc_tree *tree, const char *name, const void *value, size_t len,
                   struct spc_err *err)
{
    if (tree->is_ignored || tree->fd < 0 || !is_kept_xattr(name))
        return 0;
    // The kernel's own limits (xattr(7)); a hostile header may claim anything.
    if (strlen(name) > 255 || len > 65536)
        return spc_err_say(err, -EBADMSG, "attribute of '%.200s' is too long: refused", tree->path);
    if (fsetxattr(tree->fd, name, value, len, 0) == 0)
        return 0;
    if (errno != ENOTSUP && errno != EPERM && errno != ENOSPC && errno != EINVAL)
        return spc_err_set(err, -errno, "attribute '%s' of '%.200s'", name, tree->path);
    tree->stats.xattrs_left_out++;
    return 0;
}

static int set_mode_and_time(struct spc_tree *tree)
{
    const struct timespec times[2] = {tree->attr.mtime, tree->attr.mtime};
    mode_t mode = tree->attr.mode & 07777;
    if (tree->fd >= 0) {
        int r = fchmod(tree->fd, mode);
        return r < 0 ? r : futimens(tree->fd, times);
    }
    // A node without a descriptor is a link, which has no mode, or a FIFO or device.
    if (!S_ISLNK(tree->attr.mode) && fchmodat(tree->node_dir, tree->name, mode, 0) < 0)
        return -1;
    return utimensat(tree->node_dir, tree->name, times, AT_SYMLINK_NOFOLLOW);
}

int spc_tree_close_node(struct spc_tree *tree, uint64_t bytes, struct spc_err *err)
{
    spc_auto_close int fd = SPC_NOFD;
    int r = 0;
    if (tree->is_dir)
        r = spc_tree_add_late(tree, tree->path, tree->attr.mode, &tree->attr.mtime, err);
    else if (!tree->is_ignored && set_mode_and_time(tree) < 0)
        r = spc_err_set(err, -errno, "set mode and time of '%.200s'", tree->path);
    tree->stats.bytes += bytes;
    fd = SPC_TAKE_FD(tree->fd);
    return r;
}

static int finish_dir(struct spc_tree *tree, const struct spc_tree_dir *dir)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    int parent = tree->root;
    const char *name = ".";
    if (*dir->path) {
        int r = spc_tree_parent(tree, dir->path, false, &parent, &name, NULL);
        if (r < 0)
            return 0; // replaced by something else later in the archive
    }
    spc_auto_close int fd = openat(parent, name, flags | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
    const struct timespec times[2] = {dir->mtime, dir->mtime};
    return fchmod(fd, dir->mode) < 0 || futimens(fd, times) < 0 ? -errno : 0;
}

static int compare_dirs(const void *a, const void *b)
{
    const struct spc_tree_dir *x = a, *y = b;
    int r = strcmp(x->path, y->path);
    return r ? r : x->order < y->order ? -1 : x->order > y->order;
}

int spc_tree_finish(struct spc_tree *tree, struct spc_tree_stats *ret, struct spc_err *err)
{
    qsort(tree->late, tree->late_count, sizeof(tree->late[0]), compare_dirs);
    // Backwards, children come before parents, so that a mode may shut us out, and of several
    // entries for one directory the last comes first.
    const char *done = NULL;
    for (size_t i = tree->late_count; i-- > 0;) {
        const struct spc_tree_dir *dir = &tree->late[i];
        if (done && strcmp(done, dir->path) == 0)
            continue;
        done = dir->path;
        int r = finish_dir(tree, dir);
        if (r < 0)
            return spc_err_set(err, r, "set mode and time of '%.200s'", dir->path);
    }
    *ret = tree->stats;
    return 0;
}
