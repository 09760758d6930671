// SPDX-License-Identifier: BSD-2-Clause
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <spc/fd.h>
#include <spc/json.h>
#include <spc/json_writer.h>

#include "layer_store.h"
#include "manifest.h"

// One import in progress.
struct job {
    struct spc_store *store;
    struct spc_stage *stage;
    const struct spc_import *import;
    struct spc_source *source;
    struct spc_image_limits limits; // what is left of them
    struct spc_manifest manifest;   // as it will be
    struct spc_image_config config;
    uint64_t size; // unpacked
};

static void job_free(struct job *job)
{
    spc_manifest_free(&job->manifest);
    spc_image_config_free(&job->config);
}

static int open_part(const struct job *job, const struct spc_part *part, struct spc_err *err)
{
    if (part->fd >= 0) {
        int fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? spc_err_set(err, -errno, "'%.200s'", part->path) : fd;
    }
    // O_NONBLOCK: a FIFO in the place of a file must not stop us; its type is refused below.
    spc_auto_close int fd = spc_open_in_root(job->source->dir, part->path, O_RDONLY | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return spc_err_set(err, fd, "open '%.200s' of the image", part->path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return spc_err_say(err, -EBADMSG, "'%.200s' of the image is no regular file", part->path);
    return SPC_TAKE_FD(fd);
}

// The bytes of a part into the stage; content that is known and already there is not read again.
static int bring(struct job *job, const struct spc_part *part, struct spc_descriptor *ret,
                 struct spc_err *err)
{
    bool is_known = part->digest.hex[0] != '\0';
    if (is_known && spc_store_has_blob(job->store, &part->digest)) {
        ret->digest = part->digest;
        return 0;
    }
    spc_auto_close int fd = open_part(job, part, err);
    if (fd < 0)
        return fd;
    int r = spc_stage_copy(job->stage, fd, is_known ? &part->digest : NULL, &ret->digest,
                           &ret->size, err);
    if (r < 0)
        spc_err_wrap(err, "'%.200s'", part->path);
    return r;
}

// The config of an image that is nothing but a root file system.
static int make_config(struct job *job, const struct spc_digest *diff_id, struct spc_err *err)
{
    spc_auto_buf struct spc_buf text = {0};
    struct spc_json json = {.buf = &text};
    char digest[80];
    snprintf(digest, sizeof(digest), "sha256:%s", diff_id->hex);
    spc_json_object(&json, NULL);
    spc_json_str(&json, "architecture", spc_image_arch());
    spc_json_str(&json, "os", "linux");
    spc_json_object(&json, "config");
    spc_json_object_end(&json);
    spc_json_object(&json, "rootfs");
    spc_json_str(&json, "type", "layers");
    spc_json_array(&json, "diff_ids");
    spc_json_str(&json, NULL, digest);
    spc_json_array_end(&json);
    spc_json_object_end(&json);
    spc_json_object_end(&json);
    int r = spc_buf_check(&text);
    if (r < 0)
        return spc_err_set(err, r, "config");
    job->manifest.config.size = text.len;
    return spc_stage_add(job->stage, text.data, text.len, &job->manifest.config.digest, err);
}

// What a source without a manifest does not say.
static int set_media_type(struct job *job, struct spc_descriptor *layer, struct spc_err *err)
{
    spc_auto_unpack struct spc_unpack *unpack = NULL;
    spc_auto_close int fd = spc_stage_open_blob(job->stage, &layer->digest, err);
    int r = fd < 0 ? fd : spc_unpack_open(fd, &job->limits, &unpack, err);
    if (r < 0)
        return r;
    layer->media_type = strdup(spc_layer_media_type(unpack));
    return layer->media_type ? 0 : spc_err_set(err, -ENOMEM, "layer");
}

// Whether the store has just this tree, from just this blob: then there is nothing to check.
static bool is_unpacked(struct job *job, const char *key, const struct spc_digest *blob)
{
    struct spc_layer_info info;
    return spc_layer_info_read(job->store, key, &info) == 0 && spc_digest_equal(&info.blob, blob) &&
           spc_store_has_blob(job->store, blob) && !spc_layer_is_doubtful(job->store, key);
}

static int import_layer(struct job *job, size_t i, struct spc_err *err)
{
    struct spc_descriptor *layer = &job->manifest.layers[i];
    const struct spc_digest *want = job->source->is_rootfs ? NULL : &job->config.diff_ids[i];
    struct spc_digest got;
    struct spc_layer_info info;
    char key[80] = "";
    int r = bring(job, &job->source->layers[i], layer, err);
    if (r == 0)
        r = set_media_type(job, layer, err);
    if (want)
        spc_layer_key(want, job->import->with_devices, key);
    if (r == 0 && !(want && is_unpacked(job, key, &layer->digest))) {
        const struct spc_unpack_job unpack = {&layer->digest, want, job->import->with_devices,
                                              &job->limits};
        r = spc_stage_unpack(job->stage, &unpack, &got, err);
        if (r == 0)
            spc_layer_key(&got, job->import->with_devices, key);
    }
    if (r < 0) {
        spc_err_wrap(err, "layer %zu (%.80s)", i + 1, job->source->layers[i].path);
        return r;
    }
    if (spc_stage_layer_info(job->stage, key, &info) == 0)
        job->size += info.stats.bytes;
    return want ? 0 : make_config(job, &got, err);
}

static int read_config(struct job *job, struct spc_err *err)
{
    struct spc_source *source = job->source;
    spc_auto_close int fd = SPC_NOFD;
    int r = bring(job, &source->config_part, &job->manifest.config, err);
    if (r == 0)
        r = fd = spc_stage_open_blob(job->stage, &job->manifest.config.digest, err);
    if (r < 0)
        return r;
    spc_auto_free char *data = NULL;
    size_t len;
    r = spc_read_fd(fd, SPC_MANIFEST_MAX, &data, &len);
    if (r < 0)
        return spc_err_set(err, r, "config '%.200s'", source->config_part.path);
    r = spc_image_config_parse(data, len, &job->config, err);
    if (r < 0)
        return r;
    if (job->config.layer_count != source->layer_count)
        return spc_err_say(err, -EBADMSG, "the manifest has %zu layers, the config %zu",
                           source->layer_count, job->config.layer_count);
    if (job->config.os && strcmp(job->config.os, "linux") != 0)
        return spc_err_say(err, -EBADMSG, "the image is for %s, not for linux", job->config.os);
    return 0;
}

static int stage_manifest(struct job *job, struct spc_digest *ret, struct spc_err *err)
{
    spc_auto_buf struct spc_buf made = {0};
    const struct spc_buf *bytes = &job->source->manifest;
    if (bytes->len == 0) {
        spc_auto_free char *type = strdup("application/vnd.oci.image.config.v1+json");
        if (!type)
            return spc_err_set(err, -ENOMEM, "manifest");
        free(job->manifest.config.media_type);
        job->manifest.config.media_type = SPC_TAKE_PTR(type);
        spc_manifest_write(&job->manifest, &made);
        bytes = &made;
    }
    int r = spc_buf_check(bytes);
    return r < 0 ? spc_err_set(err, r, "manifest")
                 : spc_stage_add(job->stage, bytes->data, bytes->len, ret, err);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// The last part of the source's path: what "./images/tools" or "tools.tar.gz" would be called.
static char *name_from_path(const char *spec)
{
    const char *slash = strrchr(spec, '/');
    size_t len = strcspn(slash && slash[1] ? slash + 1 : spec, "/");
    spc_auto_free char *name = strndup(slash && slash[1] ? slash + 1 : spec, len);
    static const char *const endings[] = {".gz", ".zst", ".tgz", ".tar", ".erofs"};
    for (size_t i = 0; name && i < SPC_ARRAY_SIZE(endings); i++) {
        size_t end = strlen(endings[i]), all = strlen(name);
        if (all > end && strcmp(name + all - end, endings[i]) == 0)
            name[all - end] = '\0';
    }
    return SPC_TAKE_PTR(name);
}

static int make_record(struct job *job, const struct spc_digest *manifest,
                       struct spc_image_record *ret, struct spc_err *err)
{
    const char *name = job->import->name ? job->import->name : job->source->name;
    spc_auto_record struct spc_image_record record = {
        .name = name ? strdup(name) : name_from_path(job->import->source),
        .kind = job->source->is_erofs ? SPC_IMAGE_EROFS : SPC_IMAGE_LAYERS,
        .manifest = *manifest,
        .config = job->manifest.config.digest,
        .source = strdup(job->import->source),
        .layers = job->source->layer_count,
        .size = job->size,
        .created_ns = job->config.created_ns,
        .imported_ns = now_ns(),
        .has_devices = job->import->with_devices,
    };
    if (!record.name || !record.source)
        return spc_err_set(err, -ENOMEM, "image record");
    *ret = record;
    record = (struct spc_image_record){0};
    return 0;
}

static int import_erofs(struct job *job, struct spc_digest *ret, struct spc_err *err)
{
    struct spc_descriptor blob SPC_CLEANUP(spc_descriptor_free) = {0};
    int r = bring(job, &job->source->layers[0], &blob, err);
    *ret = blob.digest;
    job->size = blob.size;
    return r;
}

static int import_layers(struct job *job, struct spc_digest *ret, struct spc_err *err)
{
    size_t count = job->source->layer_count;
    job->manifest.layers = calloc(count ? count : 1, sizeof(job->manifest.layers[0]));
    if (!job->manifest.layers)
        return spc_err_set(err, -ENOMEM, "manifest");
    job->manifest.layer_count = count;
    int r = job->source->is_rootfs ? 0 : read_config(job, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = import_layer(job, i, err);
    return r < 0 ? r : stage_manifest(job, ret, err);
}

static int run_job(struct job *job, struct spc_image_record *ret, struct spc_err *err)
{
    struct spc_digest manifest;
    spc_auto_record struct spc_image_record record = {0};
    int r = job->source->is_erofs ? import_erofs(job, &manifest, err)
                                  : import_layers(job, &manifest, err);
    if (r == 0)
        r = make_record(job, &manifest, &record, err);
    if (r == 0)
        r = spc_stage_commit(job->stage, err);
    if (r == 0)
        r = spc_store_set_ref(job->store, &record, err);
    return r < 0 ? r : spc_store_find(job->store, record.name, ret, err);
}

int spc_image_import(struct spc_store *store, const struct spc_import *import,
                     struct spc_image_record *ret, struct spc_err *err)
{
    spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
    spc_auto_source struct spc_source source = SPC_SOURCE_NONE;
    struct job job SPC_CLEANUP(job_free) = {.store = store,
                                            .stage = &stage,
                                            .import = import,
                                            .source = &source,
                                            .limits = spc_image_default_limits};
    if (import->max_bytes)
        job.limits.bytes = import->max_bytes;
    int r = spc_stage_begin(store, &stage, err);
    if (r < 0)
        return r;
    stage.progress = import->progress;
    r = spc_source_open(import->source, &stage, &source, err);
    if (r == 0)
        r = run_job(&job, ret, err);
    if (r < 0)
        spc_err_wrap(err, "import '%s'", import->source);
    return r;
}
