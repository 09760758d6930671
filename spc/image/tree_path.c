// SPDX-License-Identifier: BSD-2-Clause
// From an archive's path to a descriptor of the parent directory.
#include "tree_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(struct spc_err *err, const char *path, const char *why)
{
    return spc_err_say(err, -EBADMSG, "entry '%.200s' %s: refused", path, why);
}

int spc_tree_clean(const char *path, char ret[static PATH_MAX], struct spc_err *err)
{
    size_t len = 0, depth = 0;
    if (path[0] == '/')
        return refuse(err, path, "has an absolute name");
    if (!*path)
        return refuse(err, path, "has no name");
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.')
            return refuse(err, path, "has '..' in its name");
        if (n > NAME_MAX || len + n + 2 > PATH_MAX)
            return refuse(err, path, "has too long a name");
        if (n > 0 && !(n == 1 && p[0] == '.')) {
            if (++depth > SPC_TREE_DEPTH)
                return refuse(err, path, "is too deep");
            if (len > 0)
                ret[len++] = '/';
            memcpy(ret + len, p, n);
            len += n;
        }
        p += n;
        p += strspn(p, "/");
    }
    ret[len] = '\0';
    return 0;
}

static void close_to(struct spc_tree *tree, size_t depth)
{
    while (tree->depth > depth)
        spc_close(tree->dirs[--tree->depth]);
    tree->parent[depth ? tree->ends[depth - 1] : 0] = '\0';
}

void spc_tree_forget(struct spc_tree *tree)
{
    close_to(tree, 0);
}

static int here(const struct spc_tree *tree)
{
    return tree->depth ? tree->dirs[tree->depth - 1] : tree->root;
}

// A missing parent is made as others make it; a whiteout in its place hides the one below.
static int make_parent(struct spc_tree *tree, const char *name, const char *path,
                       struct spc_err *err)
{
    bool was_whiteout = spc_tree_is_whiteout(here(tree), name);
    if (was_whiteout && unlinkat(here(tree), name, 0) < 0)
        return spc_err_set(err, -errno, "unlink '%s'", name);
    if (mkdirat(here(tree), name, 0755) < 0)
        return errno == EEXIST ? 0 : spc_err_set(err, -errno, "mkdir '%s'", name);
    const struct timespec never = {0};
    int r = spc_tree_add_late(tree, path, 0755, &never, err);
    if (r < 0 || !was_whiteout)
        return r;
    spc_auto_close int fd =
        openat(here(tree), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? spc_err_set(err, -errno, "open '%s'", name)
                  : spc_tree_make_opaque(tree, fd, err);
}

static int enter(struct spc_tree *tree, const char *name, size_t end, bool make, const char *path,
                 struct spc_err *err)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    int fd = openat(here(tree), name, flags | O_CLOEXEC);
    bool is_missing = fd < 0 && (errno == ENOENT || spc_tree_is_whiteout(here(tree), name));
    if (is_missing && make) {
        char made[PATH_MAX];
        snprintf(made, sizeof(made), "%.*s", (int)end, path);
        int r = make_parent(tree, name, made, err);
        if (r < 0)
            return r;
        fd = openat(here(tree), name, flags | O_CLOEXEC);
    }
    if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
        return refuse(err, path, "leads through something that is no directory");
    if (fd < 0)
        return spc_err_set(err, -errno, "entry '%.200s'", path);
    tree->dirs[tree->depth++] = fd;
    return 0;
}

// How many of the cached directories are a prefix of `dir` (of length len).
static size_t common(const struct spc_tree *tree, const char *dir, size_t len)
{
    size_t depth = tree->depth;
    while (depth > 0) {
        size_t end = tree->ends[depth - 1];
        if (end <= len && memcmp(tree->parent, dir, end) == 0 && (end == len || dir[end] == '/'))
            break;
        depth--;
    }
    return depth;
}

int spc_tree_parent(struct spc_tree *tree, const char *path, bool make, int *ret_fd,
                    const char **ret_name, struct spc_err *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    close_to(tree, common(tree, path, len));
    size_t at = tree->depth ? tree->ends[tree->depth - 1] + 1 : 0;
    while (at < len) {
        size_t n = strcspn(path + at, "/");
        char name[NAME_MAX + 1];
        memcpy(name, path + at, n);
        name[n] = '\0';
        int r = enter(tree, name, at + n, make, path, err);
        if (r < 0)
            return r;
        memcpy(tree->parent, path, at + n);
        tree->parent[at + n] = '\0';
        tree->ends[tree->depth - 1] = at + n;
        at += n + 1;
    }
    *ret_fd = here(tree);
    *ret_name = slash ? slash + 1 : path;
    return 0;
}
