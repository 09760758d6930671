// SPDX-License-Identifier: BSD-2-Clause
#include "union.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <spc/fd.h>
#include <spc/own.h>

// What one layer says of a path.
enum answer { IS_HERE, IS_LINK, IS_BELOW, IS_NOWHERE };

static bool hides_below(int dirfd)
{
    char value[2];
    return fgetxattr(dirfd, "trusted.overlay.opaque", value, sizeof(value)) == 1 ||
           fgetxattr(dirfd, "user.overlay.opaque", value, sizeof(value)) == 1;
}

// At a link, *path becomes the path with the link replaced by its target.
static int expand(int dirfd, const char *name, char path[static PATH_MAX], size_t start,
                  const char *rest)
{
    char target[PATH_MAX], made[PATH_MAX];
    ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);
    if (n < 0)
        return -errno;
    target[n] = '\0';
    int len = snprintf(made, sizeof(made), "%.*s%s/%s", target[0] == '/' ? 0 : (int)start, path,
                       target, rest);
    if (len < 0 || (size_t)len >= sizeof(made))
        return -ENAMETOOLONG;
    memcpy(path, made, (size_t)len + 1);
    return 0;
}

// Take "." , ".." and empty components out.
static void clean(char *path)
{
    char *to = path;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        bool is_up = n == 2 && p[0] == '.' && p[1] == '.';
        if (is_up) {
            while (to > path && *--to != '/')
                ;
        } else if (n > 0 && !(n == 1 && p[0] == '.')) {
            if (to > path)
                *to++ = '/';
            memmove(to, p, n);
            to += n;
        }
        p += n;
        p += strspn(p, "/");
    }
    *to = '\0';
}

static enum answer ask(int layer, char path[static PATH_MAX], int *ret)
{
    spc_auto_close int dir = openat(layer, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool is_hidden = false;
    for (size_t at = 0; path[at];) {
        char name[NAME_MAX + 1];
        size_t n = strcspn(path + at, "/");
        if (n > NAME_MAX || dir < 0)
            return IS_NOWHERE;
        memcpy(name, path + at, n);
        name[n] = '\0';
        bool is_last = path[at + n] == '\0';
        struct stat st;
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return is_hidden ? IS_NOWHERE : IS_BELOW;
        if (S_ISLNK(st.st_mode))
            return expand(dir, name, path, at, is_last ? "" : path + at + n + 1) < 0 ? IS_NOWHERE
                                                                                     : IS_LINK;
        if (S_ISREG(st.st_mode) && is_last)
            *ret = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (!S_ISDIR(st.st_mode))
            return S_ISREG(st.st_mode) && is_last && *ret >= 0 ? IS_HERE : IS_NOWHERE;
        int next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        spc_close(dir);
        dir = next;
        is_hidden |= next >= 0 && hides_below(next);
        at += n + !is_last;
    }
    return IS_NOWHERE; // a directory
}

int spc_union_open(const int *layers, size_t count, const char *path)
{
    char now[PATH_MAX];
    if (strlen(path) >= sizeof(now))
        return -ENAMETOOLONG;
    memcpy(now, path, strlen(path) + 1);
    for (unsigned links = 0; links < 40; links++) {
        enum answer answer = IS_BELOW;
        clean(now);
        for (size_t i = 0; i < count && answer == IS_BELOW; i++) {
            int fd = SPC_NOFD;
            answer = ask(layers[i], now, &fd);
            if (answer == IS_HERE)
                return fd;
        }
        if (answer != IS_LINK)
            return -ENOENT;
    }
    return -ELOOP;
}

int spc_union_read(const int *layers, size_t count, const char *path, size_t max, char **ret,
                   size_t *ret_len)
{
    spc_auto_close int fd = spc_union_open(layers, count, path);
    return fd < 0 ? fd : spc_read_fd(fd, max, ret, ret_len);
}
