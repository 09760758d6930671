// SPDX-License-Identifier: BSD-2-Clause
// `spc image export`: an OCI layout that is a docker-archive as well (it has docker's
// manifest.json), as a directory or as a tar file.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/json_writer.h>

#include "image.h"
#include "image_verbs.h"
#include "pack.h"

struct config {
    struct spc_image_common common;
};

static const struct spc_opt options[] = {
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

struct out {
    struct spc_store *store;
    const struct spc_image_record *record;
    const struct spc_manifest *manifest;
    int dir, blobs;
};

static int write_file(int dir, const char *name, const void *data, size_t len, struct spc_err *err)
{
    spc_auto_close int fd =
        openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int r = fd < 0 ? -errno : spc_write_all(fd, data, len);
    return r < 0 ? spc_err_set(err, r, "write '%s'", name) : 0;
}

static int copy_fd(int from, int to)
{
    for (;;) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
        if (n > 0)
            continue;
        if (n == 0)
            return 0;
        if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
            return -errno;
        break;
    }
    char buf[64 * 1024];
    ssize_t n;
    while ((n = read(from, buf, sizeof(buf))) > 0) {
        int r = spc_write_all(to, buf, (size_t)n);
        if (r < 0)
            return r;
    }
    return n < 0 ? -errno : 0;
}

static int put_blob(const struct out *out, const struct spc_digest *digest, struct spc_err *err)
{
    spc_auto_close int from = spc_store_open_blob(out->store, digest, err);
    if (from < 0)
        return from;
    spc_auto_close int to =
        openat(out->blobs, digest->hex, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (to < 0 && errno == EEXIST) // the same layer twice
        return 0;
    int r = to < 0 ? -errno : copy_fd(from, to);
    return r < 0 ? spc_err_set(err, r, "write blob sha256:%s", digest->hex) : 0;
}

static int put_blobs(const struct out *out, struct spc_err *err)
{
    int r = put_blob(out, &out->record->manifest, err);
    if (r == 0)
        r = put_blob(out, &out->record->config, err);
    for (size_t i = 0; r == 0 && i < out->manifest->layer_count; i++)
        r = put_blob(out, &out->manifest->layers[i].digest, err);
    return r;
}

// docker wants NAME:TAG; a name that is not ours to judge goes without.
static bool is_tagged(const char *name)
{
    const char *slash = strrchr(name, '/'), *colon = strrchr(name, ':');
    return colon && (!slash || colon > slash) && !strchr(name, '@');
}

static void put_path(struct spc_json *json, const char *key, const struct spc_digest *digest)
{
    char path[96];
    snprintf(path, sizeof(path), "blobs/sha256/%s", digest->hex);
    spc_json_str(json, key, path);
}

static int put_docker_manifest(const struct out *out, struct spc_err *err)
{
    spc_auto_buf struct spc_buf text = {0};
    struct spc_json json = {.buf = &text};
    char tag[300];
    snprintf(tag, sizeof(tag), "%.255s%s", out->record->name,
             is_tagged(out->record->name) ? "" : ":latest");
    spc_json_array(&json, NULL);
    spc_json_object(&json, NULL);
    put_path(&json, "Config", &out->record->config);
    spc_json_array(&json, "RepoTags");
    spc_json_str(&json, NULL, tag);
    spc_json_array_end(&json);
    spc_json_array(&json, "Layers");
    for (size_t i = 0; i < out->manifest->layer_count; i++)
        put_path(&json, NULL, &out->manifest->layers[i].digest);
    spc_json_array_end(&json);
    spc_json_object_end(&json);
    spc_json_array_end(&json);
    int r = spc_buf_check(&text);
    return r < 0 ? spc_err_set(err, r, "manifest.json")
                 : write_file(out->dir, "manifest.json", text.data, text.len, err);
}

static int put_index(const struct out *out, struct spc_err *err)
{
    spc_auto_buf struct spc_buf text = {0};
    struct spc_json json = {.buf = &text};
    struct stat st = {0};
    spc_auto_close int fd = spc_store_open_blob(out->store, &out->record->manifest, err);
    if (fd < 0 || fstat(fd, &st) < 0)
        return fd < 0 ? fd : spc_err_set(err, -errno, "manifest");
    spc_json_object(&json, NULL);
    spc_json_u64(&json, "schemaVersion", 2);
    spc_json_array(&json, "manifests");
    spc_json_object(&json, NULL);
    spc_json_str(&json, "mediaType", spc_manifest_media_type(out->manifest));
    spc_json_str(&json, "digest", out->record->digest);
    spc_json_u64(&json, "size", (uint64_t)st.st_size);
    spc_json_object(&json, "annotations");
    spc_json_str(&json, "org.opencontainers.image.ref.name", out->record->name);
    spc_json_object_end(&json);
    spc_json_object_end(&json);
    spc_json_array_end(&json);
    spc_json_object_end(&json);
    int r = spc_buf_check(&text);
    return r < 0 ? spc_err_set(err, r, "index.json")
                 : write_file(out->dir, "index.json", text.data, text.len, err);
}

static int make_dir(int dirfd, const char *name, struct spc_err *err)
{
    if (mkdirat(dirfd, name, 0755) < 0)
        return spc_err_set(err, -errno, "make directory '%s'", name);
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? spc_err_set(err, -errno, "open directory '%s'", name) : fd;
}

static int put_layout(struct out *out, struct spc_err *err)
{
    static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
    spc_auto_close int parent = make_dir(out->dir, "blobs", err);
    if (parent < 0)
        return parent;
    spc_auto_close int blobs = make_dir(parent, "sha256", err);
    if (blobs < 0)
        return blobs;
    out->blobs = blobs;
    int r = put_blobs(out, err);
    if (r == 0)
        r = put_index(out, err);
    if (r == 0)
        r = put_docker_manifest(out, err);
    return r < 0 ? r : write_file(out->dir, "oci-layout", layout, sizeof(layout) - 1, err);
}

static int write_fd(void *arg, const void *data, size_t len)
{
    return spc_write_all(*(int *)arg, data, len);
}

// The layout is made in the stage (blobs are shared with the store where the file system can).
static int export_tar(struct out *out, const char *path, struct spc_err *err)
{
    spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
    int r = spc_stage_begin(out->store, &stage, err);
    spc_auto_close int dir = r < 0 ? r : make_dir(stage.dir, "layout", err);
    if (dir < 0)
        return dir;
    out->dir = dir;
    r = put_layout(out, err);
    if (r < 0)
        return r;
    bool is_stdout = strcmp(path, "-") == 0;
    spc_auto_close int fd = is_stdout ? fcntl(1, F_DUPFD_CLOEXEC, 3)
                                      : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return spc_err_set(err, -errno, "open '%s'", path);
    const struct spc_pack_sink sink = {write_fd, &fd};
    return spc_pack_tree(dir, false, &sink, err);
}

static int export_dir(struct out *out, const char *path, struct spc_err *err)
{
    if (mkdir(path, 0755) < 0)
        return spc_err_set(err, -errno, "make directory '%s'", path);
    spc_auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return spc_err_set(err, -errno, "open '%s'", path);
    out->dir = dir;
    return put_layout(out, err);
}

static int export_erofs(struct spc_store *store, const struct spc_image_record *record,
                        const char *path, struct spc_err *err)
{
    spc_auto_close int from = spc_store_open_blob(store, &record->manifest, err);
    if (from < 0)
        return from;
    spc_auto_close int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int r = to < 0 ? -errno : copy_fd(from, to);
    return r < 0 ? spc_err_set(err, r, "write '%s'", path) : 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc != 2)
        return spc_err_usage(err, "export needs an IMAGE and a DESTINATION");
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_record struct spc_image_record record = {0};
    spc_auto_manifest struct spc_manifest manifest = {0};
    spc_auto_config struct spc_image_config image = {0};
    int r = spc_store_open(spc_image_root(&config->common), true, &store, err);
    if (r == 0)
        r = spc_store_find(store, argv[0], &record, err);
    if (r != 0)
        return r;
    if (record.kind == SPC_IMAGE_EROFS) {
        r = export_erofs(store, &record, argv[1], err);
        return r < 0 ? r : SPC_EXIT_OK;
    }
    r = spc_image_load(store, &record, &manifest, &image, err);
    struct out out = {.store = store, .record = &record, .manifest = &manifest};
    if (r == 0 && (ends_with(argv[1], ".tar") || strcmp(argv[1], "-") == 0))
        r = export_tar(&out, argv[1], err);
    else if (r == 0)
        r = export_dir(&out, argv[1], err);
    return r < 0 ? r : SPC_EXIT_OK;
}

static const struct spc_example examples[] = {
    {"spc image export tools tools.tar", "an archive for 'docker load', 'podman load', skopeo"},
    {"spc image export tools ./layout", "an OCI layout directory"},
    {"spc image export tools - | docker load", "without a file"},
    {0},
};

const struct spc_cmd spc_image_export_cmd = {
    .name = "spc image export",
    .operands = "IMAGE DESTINATION",
    .description =
        "Write an image as an OCI layout, with the blobs it came with: a tar archive when "
        "DESTINATION ends in .tar or is -, else a new directory. Both hold docker's manifest.json "
        "too, so that old versions of docker read them. An EROFS image is written as it is.",
    .opts = options,
    .examples = examples,
    .run = run,
    .config_size = sizeof(struct config),
};
