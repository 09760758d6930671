// SPDX-License-Identifier: BSD-2-Clause
// What no ref leads to, and what dead imports left, goes.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <spc/fd.h>

#include "manifest.h"
#include "store.h"
#include "tree.h"

// Names that stay: blobs and layers of every ref.
struct live {
    struct spc_strv names;
    struct spc_store *store;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_live(const struct live *live, const char *name)
{
    return live->names.count > 0 && bsearch(&name, live->names.items, live->names.count,
                                            sizeof(live->names.items[0]), compare);
}

static int read_blob(struct spc_store *store, const struct spc_digest *digest, char **ret,
                     size_t *ret_len, struct spc_err *err)
{
    spc_auto_close int fd = spc_store_open_blob(store, digest, err);
    if (fd < 0)
        return fd;
    int r = spc_read_fd(fd, SPC_MANIFEST_MAX, ret, ret_len);
    return r < 0 ? spc_err_set(err, r, "blob sha256:%s", digest->hex) : 0;
}

static int mark_layers(struct live *live, const struct spc_image_record *record,
                       struct spc_err *err)
{
    spc_auto_free char *data = NULL;
    size_t len;
    spc_auto_config struct spc_image_config config = {0};
    int r = read_blob(live->store, &record->config, &data, &len, err);
    if (r == 0)
        r = spc_image_config_parse(data, len, &config, err);
    for (size_t i = 0; r == 0 && i < config.layer_count; i++) {
        char key[80];
        spc_layer_key(&config.diff_ids[i], record->has_devices, key);
        r = spc_strv_add(&live->names, key);
    }
    return r;
}

static int mark_image(struct live *live, const struct spc_image_record *record, struct spc_err *err)
{
    int r = spc_strv_add(&live->names, record->manifest.hex);
    if (r < 0 || record->kind == SPC_IMAGE_EROFS)
        return r;
    spc_auto_free char *data = NULL;
    size_t len;
    spc_auto_manifest struct spc_manifest manifest = {0};
    r = read_blob(live->store, &record->manifest, &data, &len, err);
    if (r == 0)
        r = spc_manifest_parse(data, len, &manifest, err);
    if (r == 0)
        r = spc_strv_add(&live->names, manifest.config.digest.hex);
    for (size_t i = 0; r == 0 && i < manifest.layer_count; i++)
        r = spc_strv_add(&live->names, manifest.layers[i].digest.hex);
    return r < 0 ? r : mark_layers(live, record, err);
}

static int mark_all(struct live *live, struct spc_err *err)
{
    spc_auto_records struct spc_image_records list = {0};
    int r = spc_store_list(live->store, &list, err);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        r = mark_image(live, &list.items[i], err);
    if (r == 0 && live->names.count > 1)
        qsort(live->names.items, live->names.count, sizeof(live->names.items[0]), compare);
    return r;
}

static uint64_t disk_usage(int dirfd, const char *name)
{
    struct stat st;
    return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

// Whoever runs from an image holds a shared lock on its file, or on "fs" of each layer.
static bool is_in_use(int dirfd, const char *name)
{
    char path[NAME_MAX + 4];
    snprintf(path, sizeof(path), "%s/fs", name);
    spc_auto_close int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static int sweep_dir(int dirfd, const struct live *live, uint64_t *freed)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
        if (name[0] == '.' || (live && (is_live(live, name) || is_in_use(dirfd, name))))
            continue;
        uint64_t bytes = disk_usage(dirfd, name);
        int r = spc_remove_tree(dirfd, name);
        if (r < 0)
            return r;
        *freed += bytes;
    }
}

static int sweep_locked(struct spc_store *store, uint64_t *freed, struct spc_err *err)
{
    struct live live = {.store = store};
    int r = mark_all(&live, err);
    if (r == 0) {
        r = sweep_dir(store->tmp, NULL, freed);
        if (r == 0)
            r = sweep_dir(store->layers, &live, freed);
        if (r == 0)
            r = sweep_dir(store->blobs, &live, freed);
        if (r < 0)
            spc_err_set(err, r, "sweep image store %s", store->path);
    } else {
        // Not knowing what is in use, nothing goes.
        spc_err_wrap(err, "image store %s is damaged", store->path);
    }
    spc_strv_free(&live.names);
    return r;
}

int spc_store_sweep(struct spc_store *store, uint64_t *ret_bytes, struct spc_err *err)
{
    uint64_t freed = 0;
    // Converting a lock is no atomic step, but whoever slips in between finds a whole store.
    int r = 0;
    if (flock(store->lock, LOCK_EX | LOCK_NB) == 0)
        r = sweep_locked(store, &freed, err);
    else if (errno != EWOULDBLOCK && errno != EINTR)
        r = spc_err_set(err, -errno, "lock image store %s", store->path);
    if (flock(store->lock, LOCK_SH) < 0 && r == 0)
        r = spc_err_set(err, -errno, "lock image store %s", store->path);
    if (ret_bytes)
        *ret_bytes = freed;
    return r;
}
