// SPDX-License-Identifier: BSD-2-Clause
#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>

SPC_DEFINE_CLEANUP(struct archive *, archive_read_free)
#define auto_archive SPC_CLEANUP(archive_read_free_p)

struct reader {
    struct spc_unpack *unpack;
    struct spc_err *err;
    int failed;
};

static la_ssize_t read_piece(struct archive *ar, void *arg, const void **ret)
{
    struct reader *reader = arg;
    ssize_t n = spc_unpack_read(reader->unpack, ret, reader->err);
    if (n < 0) {
        reader->failed = (int)n;
        archive_set_error(ar, (int)-n, "read");
    }
    return n;
}

// What libarchive says of a broken archive, unless the stream below it had failed.
static int broken(struct archive *ar, const struct reader *reader)
{
    if (reader->failed)
        return reader->failed;
    const char *why = archive_error_string(ar);
    return spc_err_say(reader->err, -EBADMSG, "tar archive is damaged (%s)",
                       why ? why : "no reason given");
}

static int write_hole(int fd, const char *path, int64_t end, struct spc_err *err)
{
    return ftruncate(fd, end) < 0 ? spc_err_set(err, -errno, "write '%.200s'", path) : 0;
}

static int write_block(int fd, const void *data, size_t len, int64_t offset)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        offset += n;
        len -= (size_t)n;
    }
    return 0;
}

// Blocks come with their offsets: what lies between them stays a hole.
static int copy_data(struct archive *ar, struct reader *reader, int fd, const char *path,
                     int64_t size)
{
    int64_t end = 0;
    for (;;) {
        const void *data;
        size_t len;
        int64_t offset;
        int r = archive_read_data_block(ar, &data, &len, &offset);
        if (r == ARCHIVE_EOF)
            break;
        if (r != ARCHIVE_OK)
            return broken(ar, reader);
        if (offset < end || (uint64_t)offset + len > (uint64_t)size)
            return spc_err_say(reader->err, -EBADMSG, "data of '%.200s' overlaps: refused", path);
        r = write_block(fd, data, len, offset);
        if (r < 0)
            return spc_err_set(reader->err, r, "write '%.200s'", path);
        end = offset + (int64_t)len;
    }
    return end < size ? write_hole(fd, path, size, reader->err) : 0;
}

static int node_type(struct archive_entry *entry, enum spc_node_type *ret)
{
    if (archive_entry_hardlink(entry)) {
        *ret = SPC_NODE_HARDLINK;
        return 0;
    }
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        *ret = SPC_NODE_FILE;
        return 0;
    case AE_IFDIR:
        *ret = SPC_NODE_DIR;
        return 0;
    case AE_IFLNK:
        *ret = SPC_NODE_SYMLINK;
        return 0;
    case AE_IFIFO:
        *ret = SPC_NODE_FIFO;
        return 0;
    case AE_IFCHR:
    case AE_IFBLK:
        *ret = SPC_NODE_DEVICE;
        return 0;
    default:
        return -EBADMSG;
    }
}

static int node_attr(struct archive_entry *entry, struct spc_node_attr *ret)
{
    int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
    // (uid_t)-1 means "leave as it is" to chown(2).
    if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
        return -EBADMSG;
    long nsec = archive_entry_mtime_nsec(entry);
    *ret = (struct spc_node_attr){
        .mode = archive_entry_mode(entry),
        .uid = (uid_t)uid,
        .gid = (gid_t)gid,
        .rdev = archive_entry_rdev(entry),
        .mtime = {archive_entry_mtime(entry), nsec >= 0 && nsec < 1000000000 ? nsec : 0},
    };
    return 0;
}

static int copy_xattrs(struct archive_entry *entry, struct spc_tree *tree, struct spc_err *err)
{
    const char *name;
    const void *value;
    size_t len;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
        int r = spc_tree_xattr(tree, name, value, len, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int charge(struct spc_image_limits *limits, uint64_t bytes, struct spc_err *err)
{
    if (limits->entries == 0)
        return spc_err_say(err, -EFBIG, "image has too many files: refused");
    if (bytes > limits->bytes)
        return spc_err_say(err, -EFBIG, "image is too large unpacked: refused");
    limits->entries--;
    limits->bytes -= bytes;
    return 0;
}

static int add_entry(struct archive *ar, struct archive_entry *entry, struct spc_tree *tree,
                     struct spc_image_limits *limits, struct reader *reader)
{
    struct spc_err *err = reader->err;
    const char *path = archive_entry_pathname(entry);
    struct spc_node_attr attr;
    enum spc_node_type type;
    if (!path)
        return spc_err_say(err, -EBADMSG, "entry without a name: refused");
    if (node_type(entry, &type) < 0 || node_attr(entry, &attr) < 0)
        return spc_err_say(err, -EBADMSG, "entry '%.200s' has no valid type or owner: refused",
                           path);
    int64_t size = type == SPC_NODE_FILE ? archive_entry_size(entry) : 0;
    int r = size < 0 ? -EBADMSG : charge(limits, (uint64_t)size, err);
    if (r < 0)
        return r;
    attr.link =
        type == SPC_NODE_HARDLINK ? archive_entry_hardlink(entry) : archive_entry_symlink(entry);
    int fd;
    r = spc_tree_add(tree, path, type, &attr, &fd, err);
    if (r == 0)
        r = copy_xattrs(entry, tree, err);
    if (r == 0 && fd >= 0)
        r = copy_data(ar, reader, fd, path, size);
    return r < 0 ? r : spc_tree_close_node(tree, (uint64_t)size, err);
}

static int open_tar(struct spc_unpack *unpack, struct reader *reader, struct archive **ret)
{
    *ret = archive_read_new();
    if (!*ret)
        return spc_err_set(reader->err, -ENOMEM, "tar archive");
    *reader = (struct reader){.unpack = unpack, .err = reader->err};
    archive_read_support_format_tar(*ret);
    archive_read_support_format_empty(*ret); // a layer that changes nothing may be 0 bytes long
    return archive_read_open(*ret, reader, NULL, read_piece, NULL) == ARCHIVE_OK
               ? 0
               : broken(*ret, reader);
}

// 1: an entry; 0: the end.
static int next_entry(struct archive *ar, struct reader *reader, struct archive_entry **ret)
{
    int r = archive_read_next_header(ar, ret);
    if (r == ARCHIVE_EOF)
        return reader->failed;
    // A warning is about characters that the locale does not have: names are bytes to us.
    return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 1 : broken(ar, reader);
}

int spc_layer_unpack(struct spc_unpack *unpack, struct spc_tree *tree,
                     struct spc_image_limits *limits, struct spc_err *err)
{
    struct reader reader = {.err = err};
    auto_archive struct archive *ar = NULL;
    int r = open_tar(unpack, &reader, &ar);
    if (r < 0)
        return r;
    struct archive_entry *entry;
    while ((r = next_entry(ar, &reader, &entry)) > 0) {
        r = add_entry(ar, entry, tree, limits, &reader);
        if (r < 0)
            return r;
    }
    return r;
}

int spc_tar_names(int fd, int (*each)(const char *name, void *arg), void *arg, struct spc_err *err)
{
    spc_auto_unpack struct spc_unpack *unpack = NULL;
    struct reader reader = {.err = err};
    auto_archive struct archive *ar = NULL;
    int r = spc_unpack_open(fd, &spc_image_default_limits, &unpack, err);
    if (r == 0)
        r = open_tar(unpack, &reader, &ar);
    if (r < 0)
        return r;
    struct archive_entry *entry;
    while ((r = next_entry(ar, &reader, &entry)) > 0) {
        const char *path = archive_entry_pathname(entry);
        r = path ? each(path, arg) : 0;
        if (r != 0)
            return r;
    }
    return r;
}
