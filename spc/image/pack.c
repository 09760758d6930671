// SPDX-License-Identifier: BSD-2-Clause
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <spc/own.h>

#include "tar_header.h"

#define MAX_DEPTH 256

// A file with several names: the first one carries the data, the others link to it.
struct seen {
    dev_t dev;
    ino_t ino;
    char *path;
};

struct packer {
    const struct spc_pack_sink *sink;
    struct spc_err *err;
    bool is_layer;
    dev_t dev;
    struct seen *seen; // open hash table, power of two
    size_t seen_count, seen_cap;
    struct spc_buf path, header, xattrs;
};

static int put(struct packer *p, const void *data, size_t len)
{
    int r = p->sink->write(p->sink->arg, data, len);
    return r < 0 ? spc_err_set(p->err, r, "pack '%.200s'", spc_buf_str(&p->path)) : 0;
}

static struct seen *slot_of(struct seen *table, size_t cap, const struct stat *st)
{
    size_t i = (size_t)(st->st_ino * 0x9e3779b97f4a7c15ull >> 20) & (cap - 1);
    while (table[i].path && (table[i].ino != st->st_ino || table[i].dev != st->st_dev))
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static int grow(struct packer *p)
{
    size_t cap = p->seen_cap ? p->seen_cap * 2 : 256;
    struct seen *table = calloc(cap, sizeof(*table));
    if (!table)
        return -ENOMEM;
    for (size_t i = 0; i < p->seen_cap; i++) {
        if (!p->seen[i].path)
            continue;
        struct stat st = {.st_dev = p->seen[i].dev, .st_ino = p->seen[i].ino};
        *slot_of(table, cap, &st) = p->seen[i];
    }
    free(p->seen);
    p->seen = table;
    p->seen_cap = cap;
    return 0;
}

// The first name of the same file, or NULL when this is it.
static int find_first(struct packer *p, const struct stat *st, const char **ret)
{
    *ret = NULL;
    if (p->seen_count * 2 >= p->seen_cap && grow(p) < 0)
        return -ENOMEM;
    struct seen *slot = slot_of(p->seen, p->seen_cap, st);
    if (slot->path) {
        *ret = slot->path;
        return 0;
    }
    *slot = (struct seen){st->st_dev, st->st_ino, strdup(spc_buf_str(&p->path))};
    p->seen_count++;
    return slot->path ? 0 : -ENOMEM;
}

static bool is_packed_xattr(const char *name)
{
    return strcmp(name, "security.capability") == 0 ||
           (strncmp(name, "user.", 5) == 0 && strncmp(name, "user.overlay.", 13) != 0);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_xattr(struct packer *p, int fd, const char *name)
{
    char value[64 * 1024], key[300];
    ssize_t len = fgetxattr(fd, name, value, sizeof(value));
    if (len < 0)
        return errno == ENODATA ? 0 : -errno;
    snprintf(key, sizeof(key), "SCHILY.xattr.%s", name);
    spc_tar_record(&p->xattrs, key, value, (size_t)len);
    return 0;
}

static int get_xattrs(struct packer *p, int fd)
{
    spc_buf_reset(&p->xattrs);
    char list[16 * 1024], *names[256];
    ssize_t len = flistxattr(fd, list, sizeof(list));
    if (len <= 0)
        return len == 0 || errno == ENOTSUP ? 0 : -errno;
    size_t count = 0;
    for (char *name = list; name < list + len && count < SPC_ARRAY_SIZE(names);
         name += strlen(name) + 1)
        if (is_packed_xattr(name))
            names[count++] = name;
    if (count > 1)
        qsort(names, count, sizeof(names[0]), compare_names);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = add_xattr(p, fd, names[i]);
    return r;
}

static int put_header(struct packer *p, char type, const struct stat *st, const char *link,
                      uint64_t size)
{
    spc_buf_reset(&p->header);
    struct spc_tar_entry entry = {.path = p->path.len ? spc_buf_str(&p->path) : ".",
                                  .link = link,
                                  .type = type,
                                  .st = st,
                                  .size = size,
                                  .xattrs = p->xattrs.len ? &p->xattrs : NULL};
    spc_tar_header(&p->header, &entry);
    int r = spc_buf_check(&p->header);
    return r < 0 ? spc_err_set(p->err, r, "pack") : put(p, p->header.data, p->header.len);
}

static int put_data(struct packer *p, int fd, uint64_t size)
{
    enum { CHUNK = 256 * 1024 };
    spc_auto_free char *buf = malloc(CHUNK);
    if (!buf)
        return spc_err_set(p->err, -ENOMEM, "pack");
    uint64_t left = size;
    while (left > 0) {
        ssize_t n = read(fd, buf, left < CHUNK ? left : CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return spc_err_say(p->err, -EIO,
                               "'%.200s' changed or cannot be read while it is packed",
                               spc_buf_str(&p->path));
        int r = put(p, buf, (size_t)n);
        if (r < 0)
            return r;
        left -= (size_t)n;
    }
    static const char zeros[SPC_TAR_BLOCK];
    return put(p, zeros, (SPC_TAR_BLOCK - size % SPC_TAR_BLOCK) % SPC_TAR_BLOCK);
}

static int pack_file(struct packer *p, int dirfd, const char *name, const struct stat *st)
{
    const char *first = NULL;
    if (st->st_nlink > 1 && find_first(p, st, &first) < 0)
        return spc_err_set(p->err, -ENOMEM, "pack");
    spc_buf_reset(&p->xattrs);
    if (first)
        return put_header(p, '1', st, first, 0);
    spc_auto_close int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat now;
    if (fd < 0 || fstat(fd, &now) < 0)
        return spc_err_set(p->err, -errno, "open '%.200s'", spc_buf_str(&p->path));
    if (!S_ISREG(now.st_mode))
        return spc_err_say(p->err, -EIO, "'%.200s' changed while it is packed",
                           spc_buf_str(&p->path));
    int r = get_xattrs(p, fd);
    if (r < 0)
        return spc_err_set(p->err, r, "attributes of '%.200s'", spc_buf_str(&p->path));
    r = put_header(p, '0', &now, NULL, (uint64_t)now.st_size);
    return r < 0 ? r : put_data(p, fd, (uint64_t)now.st_size);
}

static int pack_link(struct packer *p, int dirfd, const char *name, const struct stat *st)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);
    if (n < 0)
        return spc_err_set(p->err, -errno, "read link '%.200s'", spc_buf_str(&p->path));
    target[n] = '\0';
    spc_buf_reset(&p->xattrs);
    return put_header(p, '2', st, target, 0);
}

static int put_mark(struct packer *p, const char *name, const struct stat *st)
{
    struct stat plain = *st;
    plain.st_mode = S_IFREG | 0600;
    size_t len = p->path.len;
    spc_buf_printf(&p->path, "%s%s", len ? "/" : "", name);
    spc_buf_reset(&p->xattrs);
    int r = put_header(p, '0', &plain, NULL, 0);
    p->path.len = len;
    p->path.data[len] = '\0';
    return r;
}

static int pack_dir(struct packer *p, int fd, const struct stat *st, unsigned depth);

static int pack_entry(struct packer *p, int dirfd, const char *name, unsigned depth)
{
    struct stat st;
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return spc_err_set(p->err, -errno, "stat '%.200s'", spc_buf_str(&p->path));
    spc_buf_reset(&p->xattrs);
    switch (st.st_mode & S_IFMT) {
    case S_IFREG:
        return pack_file(p, dirfd, name, &st);
    case S_IFLNK:
        return pack_link(p, dirfd, name, &st);
    case S_IFIFO:
        return put_header(p, '6', &st, NULL, 0);
    case S_IFCHR:
    case S_IFBLK:
        return put_header(p, S_ISCHR(st.st_mode) ? '3' : '4', &st, NULL, 0);
    case S_IFDIR:
        break;
    default: // a socket means nothing without its process
        return 0;
    }
    spc_auto_close int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(p->err, -errno, "open '%.200s'", spc_buf_str(&p->path));
    return pack_dir(p, fd, &st, depth + 1);
}

static int list_names(int fd, struct spc_strv *ret)
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
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int r = spc_strv_add(ret, entry->d_name);
        if (r < 0)
            return r;
    }
    if (errno)
        return -errno;
    if (ret->count > 1)
        qsort(ret->items, ret->count, sizeof(ret->items[0]), compare_names);
    return 0;
}

static bool is_whiteout(int dirfd, const char *name)
{
    struct stat st;
    return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == 0;
}

static bool is_opaque(int fd)
{
    char value[2];
    return fgetxattr(fd, "trusted.overlay.opaque", value, sizeof(value)) == 1 ||
           fgetxattr(fd, "user.overlay.opaque", value, sizeof(value)) == 1;
}

static int pack_name(struct packer *p, int fd, const char *name, const struct stat *dir_st,
                     unsigned depth)
{
    if (p->is_layer && is_whiteout(fd, name)) {
        char mark[NAME_MAX + 8];
        snprintf(mark, sizeof(mark), ".wh.%s", name);
        return put_mark(p, mark, dir_st);
    }
    size_t len = p->path.len;
    spc_buf_printf(&p->path, "%s%s", len ? "/" : "", name);
    int r = spc_buf_check(&p->path);
    r = r < 0 ? spc_err_set(p->err, r, "pack") : pack_entry(p, fd, name, depth);
    p->path.len = len;
    p->path.data[len] = '\0';
    return r;
}

static int pack_dir(struct packer *p, int fd, const struct stat *st, unsigned depth)
{
    if (depth > MAX_DEPTH)
        return spc_err_set(p->err, -ENAMETOOLONG, "pack '%.200s'", spc_buf_str(&p->path));
    int r = get_xattrs(p, fd);
    if (r < 0)
        return spc_err_set(p->err, r, "attributes of '%.200s'", spc_buf_str(&p->path));
    r = put_header(p, '5', st, NULL, 0);
    if (r < 0 || st->st_dev != p->dev)
        return r;
    if (p->is_layer && is_opaque(fd))
        r = put_mark(p, ".wh..wh..opq", st);
    spc_auto_strv struct spc_strv names = {0};
    int listed = list_names(fd, &names);
    if (listed < 0)
        return spc_err_set(p->err, listed, "read directory '%.200s'", spc_buf_str(&p->path));
    for (size_t i = 0; r == 0 && i < names.count; i++)
        r = pack_name(p, fd, names.items[i], st, depth);
    return r;
}

static void packer_free(struct packer *p)
{
    for (size_t i = 0; i < p->seen_cap; i++)
        free(p->seen[i].path);
    free(p->seen);
    spc_buf_free(&p->path);
    spc_buf_free(&p->header);
    spc_buf_free(&p->xattrs);
}

int spc_pack_tree(int dirfd, bool is_layer, const struct spc_pack_sink *sink, struct spc_err *err)
{
    struct stat st;
    if (fstat(dirfd, &st) < 0)
        return spc_err_set(err, -errno, "stat the directory to pack");
    struct packer p SPC_CLEANUP(packer_free) = {
        .sink = sink, .err = err, .is_layer = is_layer, .dev = st.st_dev};
    spc_buf_puts(&p.path, ""); // so that there is a string from the start
    int r = pack_dir(&p, dirfd, &st, 0);
    static const char end[2 * SPC_TAR_BLOCK];
    return r < 0 ? r : put(&p, end, sizeof(end));
}
