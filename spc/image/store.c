// SPDX-License-Identifier: BSD-2-Clause
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <spc/fd.h>

#include "tree.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY)

static int open_or_make(int dirfd, const char *name, bool write)
{
    // Not for others: unpacked images hold setuid programs of unknown age.
    if (write && mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = openat(dirfd, name, DIR_FLAGS | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int make_root(const char *root)
{
    spc_auto_free char *path = strdup(root);
    if (!path)
        return -ENOMEM;
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return -errno;
        *p = '/';
    }
    return mkdir(root, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

// Everything that is in the store runs with our privileges later on.
static int check_owner(const struct spc_store *store, struct spc_err *err)
{
    struct stat st;
    if (fstat(store->dir, &st) < 0)
        return spc_err_set(err, -errno, "stat %s", store->path);
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022))
        return spc_err_say(err, -EPERM,
                           "image store %s belongs to somebody else or may be written by others",
                           store->path);
    return 0;
}

static int open_dirs(struct spc_store *store, bool write, struct spc_err *err)
{
    const struct {
        const char *name;
        int *fd;
    } dirs[] = {{"blobs", &store->blobs},
                {"layers", &store->layers},
                {"refs", &store->refs},
                {"tmp", &store->tmp}};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(dirs); i++) {
        *dirs[i].fd = open_or_make(store->dir, dirs[i].name, write);
        if (*dirs[i].fd < 0)
            return spc_err_set(err, *dirs[i].fd, "image store %s/%s", store->path, dirs[i].name);
    }
    return 0;
}

static int lock_store(struct spc_store *store, struct spc_err *err)
{
    store->lock = openat(store->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0)
        return spc_err_set(err, -errno, "image store %s/lock", store->path);
    return spc_store_sweep(store, NULL, err);
}

static int open_store(struct spc_store *store, const char *root, bool write, struct spc_err *err)
{
    int r = write ? make_root(root) : 0;
    spc_auto_close int fd = r < 0 ? r : open(root, DIR_FLAGS | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, r < 0 ? r : -errno, "image store %s", root);
    store->dir = open_or_make(fd, "images", write);
    if (store->dir < 0)
        return spc_err_set(err, store->dir, "image store %s", store->path);
    r = check_owner(store, err);
    if (r == 0)
        r = open_dirs(store, write, err);
    if (r == 0 && write)
        return lock_store(store, err);
    // A reader keeps the sweeper away while it looks; without permission to, it goes without.
    store->lock = openat(store->dir, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (r == 0 && store->lock >= 0)
        flock(store->lock, LOCK_SH);
    return r;
}

int spc_store_open(const char *root, bool write, struct spc_store **ret, struct spc_err *err)
{
    spc_auto_store struct spc_store *store = calloc(1, sizeof(*store));
    if (!store)
        return spc_err_set(err, -ENOMEM, "image store");
    store->dir = store->blobs = store->layers = store->refs = store->tmp = store->lock = SPC_NOFD;
    if (asprintf(&store->path, "%s/images", root) < 0) {
        store->path = NULL;
        return spc_err_set(err, -ENOMEM, "image store");
    }
    int r = open_store(store, root, write, err);
    if (r < 0) {
        if (r == -EACCES || r == -EPERM)
            spc_err_hint(err, "run as root, or use a store of your own with --root DIR");
        return r;
    }
    *ret = SPC_TAKE_PTR(store);
    return 0;
}

void spc_store_free(struct spc_store *store)
{
    free(store->path);
    const int fds[] = {store->dir,  store->blobs, store->layers,
                       store->refs, store->tmp,   store->lock};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(fds); i++)
        spc_close(fds[i]);
    free(store);
}

bool spc_store_has_blob(struct spc_store *store, const struct spc_digest *digest)
{
    return faccessat(store->blobs, digest->hex, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int spc_store_open_blob(struct spc_store *store, const struct spc_digest *digest,
                        struct spc_err *err)
{
    int fd = openat(store->blobs, digest->hex, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? spc_err_set(err, -errno, "blob sha256:%s in %s", digest->hex, store->path) : fd;
}

void spc_layer_key(const struct spc_digest *diff_id, bool has_devices, char ret[static 80])
{
    snprintf(ret, 80, "%s%s", diff_id->hex, has_devices ? ".dev" : "");
}
