// SPDX-License-Identifier: BSD-2-Clause
// Removing a tree that somebody else's archive described.
#include "tree_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int remove_at(int dirfd, const char *name, dev_t dev, unsigned depth);

static int remove_entries(int fd, dev_t dev, unsigned depth)
{
    int dup = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dup < 0)
        return -errno;
    spc_auto_dir DIR *dir = fdopendir(dup);
    if (!dir) {
        close(dup);
        return -errno;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry)
            return -errno;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int r = remove_at(fd, entry->d_name, dev, depth + 1);
        if (r < 0)
            return r;
    }
}

static int remove_dir(int dirfd, const char *name, dev_t dev, unsigned depth)
{
    spc_auto_close int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
        fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (st.st_dev != dev)
        return -EXDEV;
    if ((st.st_mode & 0700) != 0700 && fchmod(fd, 0700) < 0)
        return -errno;
    // Trees in the store are no deeper than the writer lets them, plus the store's own levels.
    if (depth > SPC_TREE_DEPTH + 16)
        return -ENAMETOOLONG;
    int r = remove_entries(fd, dev, depth);
    if (r < 0)
        return r;
    return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static int remove_at(int dirfd, const char *name, dev_t dev, unsigned depth)
{
    if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return -errno;
    return remove_dir(dirfd, name, dev, depth);
}

int spc_remove_tree(int dirfd, const char *name)
{
    struct stat st;
    if (fstat(dirfd, &st) < 0)
        return -errno;
    return remove_at(dirfd, name, st.st_dev, 0);
}
