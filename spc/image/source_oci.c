// SPDX-License-Identifier: BSD-2-Clause
// OCI layouts (image-spec, image-layout.md) and docker-archives, as directories. Every look-up is
// made with the layout as its root: no link in it leads outside.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/json.h>

#include "manifest.h"
#include "source.h"

static bool has_file(int dirfd, const char *path)
{
    spc_auto_close int fd = spc_open_in_root(dirfd, path, O_PATH);
    struct stat st;
    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

bool spc_is_oci_layout(int dirfd)
{
    return has_file(dirfd, "oci-layout");
}

bool spc_is_docker_archive(int dirfd)
{
    return has_file(dirfd, "manifest.json");
}

static void blob_path(const struct spc_digest *digest, char ret[static 80])
{
    snprintf(ret, 80, "blobs/sha256/%s", digest->hex);
}

// Small blobs are read whole and checked here.
static int read_checked(int dirfd, const struct spc_digest *digest, struct spc_buf *ret,
                        struct spc_err *err)
{
    char path[80];
    blob_path(digest, path);
    spc_auto_free char *data = NULL;
    size_t len;
    int r = spc_read_in_root(dirfd, path, SPC_MANIFEST_MAX, &data, &len);
    if (r < 0)
        return spc_err_set(err, r, "read %s", path);
    struct spc_digest got;
    spc_digest_of(data, len, &got);
    if (!spc_digest_equal(digest, &got))
        return spc_err_say(err, -EBADMSG, "%s holds sha256:%s: damaged or forged", path, got.hex);
    spc_buf_reset(ret);
    spc_buf_add(ret, data, len);
    return spc_buf_check(ret);
}

// Indexes may lead to indexes; nobody nests them deeper.
static int find_manifest(struct spc_source *source, const char *ref, struct spc_err *err)
{
    spc_auto_free char *data = NULL;
    size_t len;
    int r = spc_read_in_root(source->dir, "index.json", SPC_MANIFEST_MAX, &data, &len);
    if (r < 0)
        return spc_err_set(err, r, "read index.json");
    spc_buf_add(&source->manifest, data, len);
    for (int level = 0; level < 4; level++) {
        struct spc_index_item found SPC_CLEANUP(spc_index_item_free) = {0};
        r = spc_index_pick(spc_buf_str(&source->manifest), source->manifest.len, level ? NULL : ref,
                           &found, err);
        if (r == 0)
            r = read_checked(source->dir, &found.descriptor.digest, &source->manifest, err);
        if (r < 0)
            return r;
        if (found.name && !source->name)
            source->name = SPC_TAKE_PTR(found.name);
        if (!found.is_index)
            return 0;
    }
    return spc_err_say(err, -EBADMSG, "indexes are nested too deeply");
}

static int set_part(struct spc_part *part, const struct spc_digest *digest)
{
    char path[80];
    blob_path(digest, path);
    part->digest = *digest;
    part->path = strdup(path);
    return part->path ? 0 : -ENOMEM;
}

int spc_source_oci(struct spc_source *source, const char *ref, struct spc_err *err)
{
    spc_auto_manifest struct spc_manifest manifest = {0};
    int r = find_manifest(source, ref, err);
    if (r == 0)
        r = spc_manifest_parse(spc_buf_str(&source->manifest), source->manifest.len, &manifest,
                               err);
    if (r < 0)
        return r;
    r = set_part(&source->config_part, &manifest.config.digest);
    for (size_t i = 0; r == 0 && i < manifest.layer_count; i++) {
        char path[80];
        blob_path(&manifest.layers[i].digest, path);
        r = spc_source_add_layer(source, path, &manifest.layers[i].digest);
    }
    return r < 0 ? spc_err_set(err, r, "manifest") : 0;
}

static bool has_tag(const struct spc_jdoc *item, const char *ref)
{
    const struct spc_jdoc *tags = spc_jdoc_get(item, "RepoTags");
    for (size_t i = 0; i < spc_jdoc_len(tags); i++) {
        const char *tag = spc_jdoc_str(spc_jdoc_at(tags, i));
        if (tag && strcmp(tag, ref) == 0)
            return true;
    }
    return false;
}

static int pick_item(const struct spc_jdoc *list, const char *ref, const struct spc_jdoc **ret,
                     struct spc_err *err)
{
    size_t count = spc_jdoc_len(list);
    *ret = NULL;
    for (size_t i = 0; i < count && ref && !*ret; i++)
        if (has_tag(spc_jdoc_at(list, i), ref))
            *ret = spc_jdoc_at(list, i);
    if (!ref && count == 1)
        *ret = spc_jdoc_at(list, 0);
    if (*ret)
        return 0;
    if (ref)
        spc_err_say(err, -ENOENT, "no image '%s' in the archive", ref);
    else
        spc_err_say(err, -ENOTUNIQ, "the archive holds %zu images", count);
    spc_err_hint(err, "choose one with SOURCE:NAME");
    spc_err_exit(err, SPC_EXIT_TARGET);
    return ref ? -ENOENT : -ENOTUNIQ;
}

int spc_source_docker_archive(struct spc_source *source, const char *ref, struct spc_err *err)
{
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = spc_jdoc_read(source->dir, "manifest.json", SPC_MANIFEST_MAX, &doc);
    if (r < 0)
        return spc_err_set(err, r, "read manifest.json");
    const struct spc_jdoc *item;
    r = pick_item(doc, ref, &item, err);
    if (r < 0)
        return r;
    const char *config = spc_jdoc_get_str(item, "Config");
    const char *tag = spc_jdoc_str(spc_jdoc_at(spc_jdoc_get(item, "RepoTags"), 0));
    const struct spc_jdoc *layers = spc_jdoc_get(item, "Layers");
    if (!config || spc_jdoc_len(layers) > SPC_LAYERS_MAX)
        return spc_err_say(err, -EBADMSG, "manifest.json names no config, or too many layers");
    source->config_part.path = strdup(config);
    source->name = tag ? strdup(tag) : NULL;
    r = source->config_part.path && (!tag || source->name) ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < spc_jdoc_len(layers); i++) {
        const char *path = spc_jdoc_str(spc_jdoc_at(layers, i));
        r = path ? spc_source_add_layer(source, path, NULL) : -EBADMSG;
    }
    return r < 0 ? spc_err_set(err, r, "manifest.json") : 0;
}
