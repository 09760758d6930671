// SPDX-License-Identifier: BSD-2-Clause
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <spc/fd.h>

#include "import.h"
#include "layer_store.h"

void spc_image_free(struct spc_image *image)
{
    free(image->name);
    free(image->id);
    free(image->digest);
    for (size_t i = 0; i < image->layer_count; i++)
        spc_close(image->layers[i]);
    free(image->layers);
    spc_close(image->file);
    spc_image_config_free(&image->config);
    *image = (struct spc_image)SPC_IMAGE_NONE;
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

int spc_image_load(struct spc_store *store, const struct spc_image_record *record,
                   struct spc_manifest *ret_manifest, struct spc_image_config *ret_config,
                   struct spc_err *err)
{
    spc_auto_free char *manifest = NULL, *config = NULL;
    size_t len;
    int r = read_blob(store, &record->manifest, &manifest, &len, err);
    if (r == 0)
        r = spc_manifest_parse(manifest, len, ret_manifest, err);
    if (r == 0)
        r = read_blob(store, &ret_manifest->config.digest, &config, &len, err);
    return r < 0 ? r : spc_image_config_parse(config, len, ret_config, err);
}

// Layers that a power failure may have cut short are looked at before their first use.
static int check_doubtful(const char *root, const struct spc_image *image, bool has_devices,
                          struct spc_store *store, struct spc_err *err)
{
    spc_auto_store struct spc_store *writer = NULL;
    for (size_t i = 0; i < image->config.layer_count; i++) {
        char key[80];
        spc_layer_key(&image->config.diff_ids[i], has_devices, key);
        if (!spc_layer_is_doubtful(store, key))
            continue;
        int r = writer ? 0 : spc_store_open(root, true, &writer, err);
        spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
        if (r == 0)
            r = spc_stage_begin(writer, &stage, err);
        if (r == 0)
            r = spc_layer_verify(&stage, &image->config.diff_ids[i], has_devices, true, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int open_layer(struct spc_store *store, const struct spc_digest *diff_id, bool has_devices,
                      struct spc_err *err)
{
    char key[80], path[96];
    spc_layer_key(diff_id, has_devices, key);
    snprintf(path, sizeof(path), "%s/fs", key);
    spc_auto_close int fd =
        openat(store->layers, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_SH) < 0)
        return spc_err_set(err, -errno, "layer %s", key);
    return SPC_TAKE_FD(fd);
}

static int open_layers(struct spc_store *store, const struct spc_image_record *record,
                       struct spc_image *image, struct spc_err *err)
{
    size_t count = image->config.layer_count;
    image->layers = calloc(count ? count : 1, sizeof(image->layers[0]));
    if (!image->layers)
        return spc_err_set(err, -ENOMEM, "image");
    for (size_t i = 0; i < count; i++) {
        int fd =
            open_layer(store, &image->config.diff_ids[count - 1 - i], record->has_devices, err);
        if (fd < 0)
            return fd;
        image->layers[image->layer_count++] = fd;
    }
    image->has_user_xattr = geteuid() != 0;
    return 0;
}

static int open_erofs(struct spc_store *store, const struct spc_image_record *record,
                      struct spc_image *image, struct spc_err *err)
{
    image->form = SPC_FORM_EROFS;
    image->file = spc_store_open_blob(store, &record->manifest, err);
    if (image->file < 0)
        return image->file;
    return flock(image->file, LOCK_SH) < 0 ? spc_err_set(err, -errno, "lock the image") : 0;
}

static int open_record(const char *root, struct spc_store *store, struct spc_image_record *record,
                       struct spc_image *image, struct spc_err *err)
{
    image->name = SPC_TAKE_PTR(record->name);
    image->id = SPC_TAKE_PTR(record->id);
    image->digest = SPC_TAKE_PTR(record->digest);
    if (record->kind == SPC_IMAGE_EROFS)
        return open_erofs(store, record, image, err);
    spc_auto_manifest struct spc_manifest manifest = {0};
    int r = spc_image_load(store, record, &manifest, &image->config, err);
    if (r == 0)
        r = check_doubtful(root, image, record->has_devices, store, err);
    return r == 0 ? open_layers(store, record, image, err) : r;
}

// Something that is used where it lies: 1 when it was one.
static int open_in_place(const char *ref, struct spc_image *image, struct spc_err *err)
{
    if (!strchr(ref, '/'))
        return 0;
    spc_auto_close int fd = open(ref, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return 0;
    bool is_rootfs = S_ISDIR(st.st_mode) && !spc_is_oci_layout(fd) && !spc_is_docker_archive(fd);
    if (!is_rootfs && !(S_ISREG(st.st_mode) && spc_is_erofs(fd)))
        return 0;
    image->name = strdup(ref);
    image->form = is_rootfs ? SPC_FORM_DIR : SPC_FORM_EROFS;
    image->layers = calloc(1, sizeof(image->layers[0]));
    if (!image->name || !image->layers)
        return spc_err_set(err, -ENOMEM, "image");
    if (is_rootfs)
        image->layers[image->layer_count++] = SPC_TAKE_FD(fd);
    else
        image->file = SPC_TAKE_FD(fd);
    return 1;
}

static bool is_source(const char *ref)
{
    static const char *const prefixes[] = {"docker:", "podman:", "oci:"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(prefixes); i++)
        if (strncmp(ref, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    // "./x" and "/x" are paths; "a/b" may be a name, but not one that we have.
    return strchr(ref, '/') && (ref[0] == '.' || ref[0] == '/');
}

static int find_or_import(const char *root, const char *ref, struct spc_store **store,
                          struct spc_image_record *ret, struct spc_err *err)
{
    int r = spc_store_open(root, false, store, err);
    if (r == 0)
        r = spc_store_find(*store, ref, ret, err);
    if (r != -ENOENT)
        return r;
    if (!is_source(ref)) {
        if (!*store) {
            spc_err_say(err, -ENOENT, "no image '%s' in the store", ref);
            spc_err_exit(err, SPC_EXIT_TARGET);
            spc_err_hint(err, "the store is empty: see 'spc image import --help'");
        }
        return r;
    }
    spc_err_clear(err);
    if (*store)
        spc_store_free(*store);
    *store = NULL;
    r = spc_store_open(root, true, store, err);
    const struct spc_import import = {.source = ref};
    return r < 0 ? r : spc_image_import(*store, &import, ret, err);
}

int spc_image_open(const char *root, const char *ref, struct spc_image *ret, struct spc_err *err)
{
    spc_auto_image struct spc_image image = SPC_IMAGE_NONE;
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_record struct spc_image_record record = {0};
    root = root ? root : SPC_STORE_ROOT;
    int r = open_in_place(ref, &image, err);
    bool is_ours = r == 0;
    if (is_ours)
        r = find_or_import(root, ref, &store, &record, err);
    if (is_ours && r == 0)
        r = open_record(root, store, &record, &image, err);
    if (r < 0)
        return r;
    *ret = image;
    image = (struct spc_image)SPC_IMAGE_NONE;
    return 0;
}
