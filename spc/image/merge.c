// SPDX-License-Identifier: BSD-2-Clause
#include "merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <spc/own.h>

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW)

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static bool is_opaque(int fd)
{
    char value[2];
    return fgetxattr(fd, "trusted.overlay.opaque", value, sizeof(value)) == 1 ||
           fgetxattr(fd, "user.overlay.opaque", value, sizeof(value)) == 1;
}

static int copy_attributes(int from, int to)
{
    struct stat st;
    if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0 ||
        fchmod(to, st.st_mode & 07777) < 0)
        return -errno;
    const struct timespec times[2] = {st.st_mtim, st.st_mtim};
    return futimens(to, times) < 0 ? -errno : 0;
}

static int merge_dir(int from, int to);

// A directory that is new here starts from the upper one's attributes; layers go top down, so what
// is there already wins and stays.
static int merge_subdir(int from, int to, const char *name)
{
    bool is_new = mkdirat(to, name, 0700) == 0;
    if (!is_new && errno != EEXIST)
        return -errno;
    spc_auto_close int lower = openat(from, name, DIR_FLAGS | O_CLOEXEC);
    spc_auto_close int merged = openat(to, name, DIR_FLAGS | O_CLOEXEC);
    if (merged < 0 && (errno == ENOTDIR || errno == ELOOP))
        return 0; // an upper layer has something else by that name
    if (lower < 0 || merged < 0)
        return -errno;
    if (!is_new && fgetxattr(merged, "user.spc.closed", NULL, 0) >= 0)
        return 0;
    int r = merge_dir(lower, merged);
    if (r == 0 && is_opaque(lower) && fsetxattr(merged, "user.spc.closed", "y", 1, 0) < 0)
        r = -errno;
    return r == 0 && is_new ? copy_attributes(lower, merged) : r;
}

static int merge_entry(int from, int to, const char *name)
{
    struct stat st;
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return merge_subdir(from, to, name);
    // Whiteouts are linked too, so that they hide what comes after; they go at the end.
    return linkat(from, name, to, name, 0) < 0 && errno != EEXIST ? -errno : 0;
}

static int each_entry(int fd, int to, int (*each)(int from, int to, const char *name))
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_dir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir) {
        spc_close(copy);
        return -errno;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry)
            return -errno;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int r = each(fd, to, entry->d_name);
        if (r < 0)
            return r;
    }
}

static int merge_dir(int from, int to)
{
    return each_entry(from, to, merge_entry);
}

// Take the marks away that only merging needed; times of directories survive it.
static int tidy_entry(int dirfd, int unused, const char *name)
{
    (void)unused;
    struct stat st;
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (is_whiteout(&st))
        return unlinkat(dirfd, name, 0) < 0 ? -errno : 0;
    if (!S_ISDIR(st.st_mode))
        return 0;
    spc_auto_close int fd = openat(dirfd, name, DIR_FLAGS | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    fremovexattr(fd, "user.spc.closed");
    int r = each_entry(fd, -1, tidy_entry);
    const struct timespec times[2] = {st.st_mtim, st.st_mtim};
    return r == 0 && futimens(fd, times) < 0 ? -errno : r;
}

int spc_merge_layers(const int *layers, size_t count, int dirfd, const char *name,
                     struct spc_err *err)
{
    if (mkdirat(dirfd, name, 0755) < 0)
        return spc_err_set(err, -errno, "make directory '%s'", name);
    spc_auto_close int to = openat(dirfd, name, DIR_FLAGS | O_CLOEXEC);
    int r = to < 0 ? -errno : 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = merge_dir(layers[i], to);
    if (r == 0)
        r = each_entry(to, -1, tidy_entry);
    if (r == 0 && count > 0)
        r = copy_attributes(layers[0], to);
    return r < 0 ? spc_err_set(err, r, "merge the layers") : 0;
}
