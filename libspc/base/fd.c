// SPDX-License-Identifier: BSD-2-Clause
#include <spc/fd.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <spc/own.h>

// As many links as the kernel follows in one look-up (path_resolution(7)).
#define MAX_LINKS 40

// A rename or mount anywhere on the node makes a look-up with ".." fail with EAGAIN (openat2(2));
// a busy node has many of them, so try again before walking.
#define MAX_TRIES 16

int spc_open_in_root(int rootfd, const char *path, int flags)
{
    // openat2(2), unlike open(2), refuses O_PATH with a flag that means nothing beside it.
    int added = O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
    struct open_how how = {
        .flags = (unsigned)(flags | added),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    for (int i = 0; i < MAX_TRIES; i++) {
        long fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
        if (fd >= 0)
            return (int)fd;
        if (errno != EAGAIN)
            break;
    }
    // ENOSYS: kernel below 5.6. EPERM: old container engines' seccomp filters answer so.
    if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
        return spc_open_in_root_walk(rootfd, path, flags);
    return -errno;
}

// One look-up in progress: the directories entered so far, so that ".." can go back by descriptor
// and never by the file system's idea of a parent, which an attacker may change under us.
struct walk {
    int root; // borrowed
    int dirs[64];
    size_t depth;
    bool is_at_file; // the last one entered is no directory: nothing may follow
    unsigned links;
    char rest[PATH_MAX]; // what is still to be looked up
};

static void walk_up(struct walk *w, size_t depth)
{
    while (w->depth > depth)
        spc_close(w->dirs[--w->depth]);
}

static void walk_free(struct walk *w)
{
    walk_up(w, 0);
}

static int walk_here(const struct walk *w)
{
    return w->depth ? w->dirs[w->depth - 1] : w->root;
}

// Cut the next component off w->rest. Returns its length, 0 at the end. A slash at the very end
// counts as a component ".", because "file/" is an error and "dir/" none.
static size_t walk_next(struct walk *w, char name[static NAME_MAX + 1])
{
    const char *p = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(p, "/");
    if (len > NAME_MAX)
        return len;
    memcpy(name, p, len);
    name[len] = '\0';
    p += len;
    size_t slashes = strspn(p, "/");
    p += slashes;
    if (len && slashes && !*p)
        p = strcmp(name, ".") == 0 ? "" : ".";
    memmove(w->rest, p, strlen(p) + 1);
    return len;
}

// Links below a process in procfs lead to whatever the process has there, and their text is only a
// description. Ordinary links of procfs (self, mounts, net) all lie in its top directory, whose
// inode has been number 1 since Linux 2.4 (PROC_ROOT_INO).
static bool is_magic_link(const struct walk *w, int linkfd)
{
    struct statfs fs;
    struct stat dir;
    return fstatfs(linkfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
           fstat(walk_here(w), &dir) == 0 && dir.st_ino != 1;
}

// Put the target of a link in front of what is left.
static int walk_link(struct walk *w, int linkfd)
{
    if (++w->links > MAX_LINKS || is_magic_link(w, linkfd))
        return -ELOOP;
    char target[PATH_MAX];
    ssize_t n = readlinkat(linkfd, "", target, sizeof(target) - 1);
    if (n < 0)
        return -errno;
    size_t rest = strlen(w->rest), len = (size_t)n;
    if (rest)
        target[len++] = '/';
    if (len + rest + 1 > sizeof(w->rest))
        return -ENAMETOOLONG;
    memmove(w->rest + len, w->rest, rest + 1);
    memcpy(w->rest, target, len);
    if (target[0] == '/')
        walk_up(w, 0);
    return 0;
}

static int walk_step(struct walk *w, const char *name)
{
    if (w->is_at_file)
        return -ENOTDIR;
    if (strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        walk_up(w, w->depth ? w->depth - 1 : 0);
        return 0;
    }

    spc_auto_close int fd = openat(walk_here(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return walk_link(w, fd);
    if (w->depth == SPC_ARRAY_SIZE(w->dirs))
        return -ENAMETOOLONG;
    w->is_at_file = !S_ISDIR(st.st_mode);
    w->dirs[w->depth++] = SPC_TAKE_FD(fd);
    return 0;
}

// Open the object that a walk ended at: reopening through the magic link of a descriptor that we
// hold ourselves cannot be redirected.
static int walk_open(const struct walk *w, int flags)
{
    char self[64];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", walk_here(w));
    int fd = open(self, flags | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

int spc_open_in_root_walk(int rootfd, const char *path, int flags)
{
    // Creating and not following the last link need the parent: nobody asks for either yet.
    if (flags & (O_CREAT | O_NOFOLLOW))
        return -EINVAL;
    struct walk w SPC_CLEANUP(walk_free) = {.root = rootfd};
    if (strlen(path) >= sizeof(w.rest))
        return -ENAMETOOLONG;
    if (!*path)
        return -ENOENT;
    memcpy(w.rest, path, strlen(path) + 1);

    char name[NAME_MAX + 1];
    size_t len;
    while ((len = walk_next(&w, name)) > 0) {
        if (len > NAME_MAX)
            return w.is_at_file ? -ENOTDIR : -ENAMETOOLONG;
        int r = walk_step(&w, name);
        if (r < 0)
            return r;
    }
    return walk_open(&w, flags);
}

static int check_regular(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

int spc_read_fd(int fd, size_t max, char **ret, size_t *ret_len)
{
    int r = check_regular(fd);
    if (r < 0)
        return r;

    // The size is a hint only: procfs says 0, and a file may grow while it is read.
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_size > 0 && (uintmax_t)st.st_size > max)
        return -EFBIG;
    size_t cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096, len = 0;
    spc_auto_free char *data = malloc(cap + 1);
    if (!data)
        return -ENOMEM;

    for (;;) {
        ssize_t n = read(fd, data + len, cap - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > max)
            return -EFBIG;
        if (len == cap) {
            char *more = realloc(data, cap * 2 + 1);
            if (!more)
                return -ENOMEM;
            data = more;
            cap *= 2;
        }
    }
    data[len] = '\0';
    *ret = SPC_TAKE_PTR(data);
    if (ret_len)
        *ret_len = len;
    return 0;
}

int spc_read_in_root(int rootfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
    // O_NONBLOCK so that a FIFO without a writer opens at once, to be refused by its type.
    spc_auto_close int fd = spc_open_in_root(rootfd, path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return fd;
    return spc_read_fd(fd, max, ret, ret_len);
}

ssize_t spc_read_small(int dirfd, const char *path, char *buf, size_t size)
{
    if (size == 0)
        return -E2BIG;
    spc_auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, buf + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
        if (len == size)
            return -E2BIG;
    }
    buf[len] = '\0';
    return (ssize_t)len;
}

int spc_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}
