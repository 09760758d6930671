// SPDX-License-Identifier: BSD-2-Clause
// An import in progress: made in tmp, renamed at the end.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <spc/fd.h>

#include "store.h"
#include "tree.h"

static int random_name(char ret[static 16])
{
    uint64_t number;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        return -errno;
    snprintf(ret, 16, "%012llx", (unsigned long long)(number & 0xffffffffffff));
    return 0;
}

static int make_dir(int dirfd, const char *name)
{
    if (mkdirat(dirfd, name, 0700) < 0)
        return -errno;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int spc_stage_begin(struct spc_store *store, struct spc_stage *ret, struct spc_err *err)
{
    spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
    int r = random_name(stage.name);
    if (r == 0)
        r = stage.dir = make_dir(store->tmp, stage.name);
    if (r >= 0) {
        stage.store = store;
        r = stage.blobs = make_dir(stage.dir, "blobs");
    }
    if (r >= 0)
        r = stage.layers = make_dir(stage.dir, "layers");
    if (r < 0)
        return spc_err_set(err, r, "image store %s/tmp", store->path);
    *ret = stage;
    stage = (struct spc_stage)SPC_STAGE_NONE;
    return 0;
}

void spc_stage_end(struct spc_stage *stage)
{
    if (stage->store)
        spc_remove_tree(stage->store->tmp, stage->name);
    spc_close(stage->blobs);
    spc_close(stage->layers);
    spc_close(stage->dir);
}

// Blobs only: trees can be made again from them (struct spc_layer_info), and syncing the whole file
// system would wait for what everybody else wrote.
static int sync_blobs(const struct spc_stage *stage)
{
    int fd = openat(stage->blobs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        spc_close(fd);
        return -errno;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry)
            return -errno;
        if (entry->d_name[0] == '.')
            continue;
        spc_auto_close int blob =
            openat(stage->blobs, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (blob < 0 || fdatasync(blob) < 0)
            return -errno;
    }
}

// Move every entry of `from` to `to`; whoever was first stays.
static int move_all(int from, int to)
{
    int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        spc_close(fd);
        return -errno;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry)
            return -errno;
        const char *name = entry->d_name;
        if (name[0] == '.')
            continue;
        long r = syscall(SYS_renameat2, from, name, to, name, RENAME_NOREPLACE);
        // EINVAL: a file system without RENAME_NOREPLACE. Both have the same content.
        if (r < 0 && errno == EINVAL)
            r = renameat(from, name, to, name);
        if (r < 0 && errno != EEXIST && errno != ENOTEMPTY)
            return -errno;
    }
}

int spc_stage_commit(struct spc_stage *stage, struct spc_err *err)
{
    struct spc_store *store = stage->store;
    int r = sync_blobs(stage);
    if (r == 0)
        r = move_all(stage->blobs, store->blobs);
    if (r == 0)
        r = move_all(stage->layers, store->layers);
    if (r == 0 && (fsync(store->blobs) < 0 || fsync(store->layers) < 0))
        r = -errno;
    return r < 0 ? spc_err_set(err, r, "commit to image store %s", store->path) : 0;
}

int spc_stage_open_blob(struct spc_stage *stage, const struct spc_digest *digest,
                        struct spc_err *err)
{
    int fd = openat(stage->blobs, digest->hex, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd >= 0 ? fd : spc_store_open_blob(stage->store, digest, err);
}

static int make_file(struct spc_stage *stage, char name[static 16])
{
    int r = random_name(name);
    if (r < 0)
        return r;
    int fd = openat(stage->blobs, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

int spc_stage_add(struct spc_stage *stage, const void *data, size_t len, struct spc_digest *ret,
                  struct spc_err *err)
{
    spc_digest_of(data, len, ret);
    char name[16];
    spc_auto_close int fd = make_file(stage, name);
    int r = fd < 0 ? fd : spc_write_all(fd, data, len);
    if (r == 0 && renameat(stage->blobs, name, stage->blobs, ret->hex) < 0)
        r = -errno;
    return r < 0 ? spc_err_set(err, r, "write to image store %s", stage->store->path) : 0;
}

// Digest and copy in one pass, so that what was checked is what is kept.
static int copy_all(int from, int to, struct spc_progress *progress, struct spc_digest *ret,
                    uint64_t *ret_size)
{
    enum { CHUNK = 512 * 1024 };
    spc_auto_free char *buf = malloc(CHUNK);
    if (!buf)
        return -ENOMEM;
    struct spc_sha256 sha;
    spc_sha256_begin(&sha);
    uint64_t size = 0;
    for (;;) {
        ssize_t n = pread(from, buf, CHUNK, (off_t)size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 && n != 0)
            return -errno;
        if (n == 0)
            break;
        spc_sha256_add(&sha, buf, (size_t)n);
        int r = spc_write_all(to, buf, (size_t)n);
        if (r < 0)
            return r;
        // Start writing now what the commit waits for; failing costs nothing but time.
        sync_file_range(to, (off_t)size, n, SYNC_FILE_RANGE_WRITE);
        size += (size_t)n;
        spc_progress_add(progress, (size_t)n);
    }
    spc_sha256_end(&sha, ret->hex);
    *ret_size = size;
    return 0;
}

int spc_stage_copy(struct spc_stage *stage, int from, const struct spc_digest *want,
                   struct spc_digest *ret, uint64_t *ret_size, struct spc_err *err)
{
    char name[16];
    spc_auto_close int fd = make_file(stage, name);
    int r = fd < 0 ? fd : copy_all(from, fd, stage->progress, ret, ret_size);
    if (r < 0)
        return spc_err_set(err, r, "copy to image store %s", stage->store->path);
    if (want && !spc_digest_equal(want, ret))
        return spc_err_say(err, -EBADMSG, "content is sha256:%s, not sha256:%s as its name says",
                           ret->hex, want->hex);
    if (renameat(stage->blobs, name, stage->blobs, ret->hex) < 0)
        return spc_err_set(err, -errno, "rename in image store %s", stage->store->path);
    return 0;
}
