// SPDX-License-Identifier: BSD-2-Clause
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

int spc_run_place_plain(int root, const char *path)
{
    char part[NAME_MAX + 1];
    spc_auto_close int here = SPC_NOFD;
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len >= sizeof(part))
            return -ENAMETOOLONG;
        memcpy(part, path, len);
        part[len] = '\0';
        int fd =
            openat(here >= 0 ? here : root, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            return -errno;
        spc_close(here);
        here = fd;
        path += len;
        path += strspn(path, "/");
    }
    return SPC_TAKE_FD(here);
}

static int make_place(int parent, const char *name, bool is_dir)
{
    if (is_dir)
        return mkdirat(parent, name, 0755) < 0 ? -errno : 0;
    spc_auto_close int fd =
        openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return fd < 0 ? -errno : 0;
}

static bool same_file_system(int a, int b)
{
    struct stat sa, sb;
    return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev;
}

// `path` up to `len` exists; make the component behind it.
static int make_next(int root, const char *path, size_t len, bool is_dir, struct spc_err *err)
{
    char parent_path[PATH_MAX], name[NAME_MAX + 1];
    size_t name_len = strcspn(path + len + 1, "/");
    if (len >= sizeof(parent_path) || name_len >= sizeof(name))
        return spc_err_set(err, -ENAMETOOLONG, "%s", path);
    snprintf(parent_path, sizeof(parent_path), "%.*s/", (int)len, path);
    memcpy(name, path + len + 1, name_len);
    name[name_len] = '\0';

    spc_auto_close int parent = spc_open_in_root(root, parent_path, O_PATH | O_DIRECTORY);
    if (parent < 0)
        return spc_err_set(err, parent, "%s", parent_path);
    if (!same_file_system(parent, root)) {
        spc_err_say(err, -EROFS, "%s is the host's, and has no '%s'", parent_path, name);
        return spc_err_hint(err, "choose a place in the image, or make it on the host first");
    }
    int r = make_place(parent, name, is_dir);
    return r < 0 ? spc_err_set(err, r, "make %s%s in the image", parent_path, name) : 0;
}

int spc_run_place_open(int root, const char *path, bool is_dir, int *ret, struct spc_err *err)
{
    if (path[0] != '/')
        return spc_err_usage(err, "not an absolute path");
    char part[PATH_MAX];
    size_t len = strlen(path), done = 0;
    if (len >= sizeof(part))
        return spc_err_set(err, -ENAMETOOLONG, "path");

    // Prefix by prefix, so that whatever is missing is made at the place that links lead to.
    for (size_t i = 1; i <= len; i++) {
        if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        spc_auto_close int fd = spc_open_in_root(root, part, O_PATH);
        bool is_last = path[i + strspn(path + i, "/")] == '\0';
        int r = fd == -ENOENT ? make_next(root, part, done, is_dir || !is_last, err)
                : fd < 0      ? spc_err_set(err, fd, "%s", part)
                              : 0;
        if (r < 0)
            return r;
        done = i;
    }

    int fd = spc_open_in_root(root, path, O_PATH | (is_dir ? O_DIRECTORY : 0));
    if (fd < 0)
        return spc_err_set(err, fd, "%s", path);
    *ret = fd;
    return 0;
}

static int place_link(int image, int root, const char *name)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(image, name, target, sizeof(target) - 1);
    if (n < 0)
        return -errno;
    target[n] = '\0';
    return symlinkat(target, root, name) < 0 ? -errno : 0;
}

static int place_entry(const struct run_mount_ops *ops, int image, int root, const char *name,
                       struct spc_err *err)
{
    spc_auto_close int source = openat(image, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (source < 0 || fstat(source, &st) < 0)
        return spc_err_set(err, -errno, "/%s of the image", name);
    if (!S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
        return 0;

    int r = S_ISLNK(st.st_mode) ? place_link(image, root, name) : make_place(root, name, true);
    if (r < 0)
        return spc_err_set(err, r, "make /%s", name);
    if (S_ISLNK(st.st_mode))
        return 0;
    spc_auto_close int target = openat(root, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0)
        return spc_err_set(err, -errno, "/%s", name);
    r = ops->bind(source, target, RUN_BIND_READ_ONLY | RUN_BIND_RECURSIVE, err);
    return r < 0 ? spc_err_wrap(err, "/%s of the image", name) : 0;
}

int spc_run_place_entries(const struct run_mount_ops *ops, int image, int root, struct spc_err *err)
{
    spc_auto_close int fd = openat(image, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, -errno, "image");
    spc_auto_dir DIR *dir = fdopendir(fd);
    if (!dir)
        return spc_err_set(err, -errno, "image");
    (void)SPC_TAKE_FD(fd); // closedir() closes it

    // Ours are there for the host (dev, proc, ...); etc and var are the image's.
    static const char *const replaced[] = {"etc", "var/log", "var"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(replaced); i++)
        if (unlinkat(root, replaced[i], AT_REMOVEDIR) < 0)
            return spc_err_set(err, -errno, "/%s", replaced[i]);

    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            faccessat(root, entry->d_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        int r = place_entry(ops, image, root, entry->d_name, err);
        if (r < 0)
            return r;
    }
    return 0;
}
