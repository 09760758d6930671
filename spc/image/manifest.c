// SPDX-License-Identifier: BSD-2-Clause
#include "manifest.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <spc/json.h>
#include <spc/json_writer.h>

void spc_descriptor_free(struct spc_descriptor *descriptor)
{
    free(descriptor->media_type);
    *descriptor = (struct spc_descriptor){0};
}

void spc_manifest_free(struct spc_manifest *manifest)
{
    free(manifest->media_type);
    spc_descriptor_free(&manifest->config);
    for (size_t i = 0; i < manifest->layer_count; i++)
        spc_descriptor_free(&manifest->layers[i]);
    free(manifest->layers);
    *manifest = (struct spc_manifest){0};
}

static int get_descriptor(const struct spc_jdoc *doc, const char *what, struct spc_descriptor *ret,
                          struct spc_err *err)
{
    int r = spc_digest_parse(spc_jdoc_get_str(doc, "digest"), what, &ret->digest, err);
    if (r < 0)
        return r;
    ret->size = spc_jdoc_get_u64(doc, "size");
    const char *type = spc_jdoc_get_str(doc, "mediaType");
    if (type && !(ret->media_type = strdup(type)))
        return spc_err_set(err, -ENOMEM, "%s", what);
    return 0;
}

static int get_layers(const struct spc_jdoc *list, struct spc_manifest *manifest,
                      struct spc_err *err)
{
    size_t count = spc_jdoc_len(list);
    if (count > SPC_LAYERS_MAX)
        return spc_err_say(err, -EFBIG, "manifest has %zu layers: refused", count);
    manifest->layers = calloc(count ? count : 1, sizeof(manifest->layers[0]));
    if (!manifest->layers)
        return spc_err_set(err, -ENOMEM, "manifest");
    for (; manifest->layer_count < count; manifest->layer_count++) {
        size_t i = manifest->layer_count;
        char what[32];
        snprintf(what, sizeof(what), "layer %zu", i + 1);
        int r = get_descriptor(spc_jdoc_at(list, i), what, &manifest->layers[i], err);
        if (r < 0) {
            spc_descriptor_free(&manifest->layers[i]);
            return r;
        }
    }
    return 0;
}

int spc_manifest_parse(const char *data, size_t len, struct spc_manifest *ret, struct spc_err *err)
{
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = len > SPC_MANIFEST_MAX ? -EFBIG : spc_jdoc_parse(data, len, &doc);
    if (r < 0)
        return spc_err_set(err, r, "manifest");
    if (!spc_jdoc_get(doc, "config") || !spc_jdoc_get(doc, "layers"))
        return spc_err_say(err, -EBADMSG, "no image manifest: config or layers are missing");
    spc_auto_manifest struct spc_manifest manifest = {0};
    const char *type = spc_jdoc_get_str(doc, "mediaType");
    manifest.media_type = type ? strdup(type) : NULL;
    r = get_descriptor(spc_jdoc_get(doc, "config"), "config", &manifest.config, err);
    if (r == 0)
        r = get_layers(spc_jdoc_get(doc, "layers"), &manifest, err);
    if (r < 0)
        return r;
    *ret = manifest;
    manifest = (struct spc_manifest){0};
    return 0;
}

const char *spc_manifest_media_type(const struct spc_manifest *manifest)
{
    // The field is optional in OCI manifests, and required in docker's.
    return manifest->media_type ? manifest->media_type
                                : "application/vnd.oci.image.manifest.v1+json";
}

static void put_descriptor(struct spc_json *json, const char *key,
                           const struct spc_descriptor *descriptor)
{
    char digest[80];
    snprintf(digest, sizeof(digest), "sha256:%s", descriptor->digest.hex);
    spc_json_object(json, key);
    spc_json_str(json, "mediaType", descriptor->media_type);
    spc_json_str(json, "digest", digest);
    spc_json_u64(json, "size", descriptor->size);
    spc_json_object_end(json);
}

void spc_manifest_write(const struct spc_manifest *manifest, struct spc_buf *out)
{
    struct spc_json json = {.buf = out};
    spc_json_object(&json, NULL);
    spc_json_u64(&json, "schemaVersion", 2);
    spc_json_str(&json, "mediaType", "application/vnd.oci.image.manifest.v1+json");
    put_descriptor(&json, "config", &manifest->config);
    spc_json_array(&json, "layers");
    for (size_t i = 0; i < manifest->layer_count; i++)
        put_descriptor(&json, NULL, &manifest->layers[i]);
    spc_json_array_end(&json);
    spc_json_object_end(&json);
}

const char *spc_image_arch(void)
{
    static const struct {
        const char *machine, *arch;
    } table[] = {{"x86_64", "amd64"},    {"aarch64", "arm64"},      {"armv7l", "arm"},
                 {"ppc64le", "ppc64le"}, {"s390x", "s390x"},        {"riscv64", "riscv64"},
                 {"i686", "386"},        {"loongarch64", "loong64"}};
    struct utsname un;
    if (uname(&un) == 0)
        for (size_t i = 0; i < SPC_ARRAY_SIZE(table); i++)
            if (strcmp(un.machine, table[i].machine) == 0)
                return table[i].arch;
    return "unknown";
}

// Where annotations put the name: the specification's, and what containerd and podman write.
static const char *index_name(const struct spc_jdoc *item)
{
    const struct spc_jdoc *notes = spc_jdoc_get(item, "annotations");
    const char *name = spc_jdoc_get_str(notes, "io.containerd.image.name");
    return name ? name : spc_jdoc_get_str(notes, "org.opencontainers.image.ref.name");
}

static bool is_wanted(const struct spc_jdoc *item, const char *ref)
{
    const struct spc_jdoc *notes = spc_jdoc_get(item, "annotations");
    const char *names[] = {spc_jdoc_get_str(notes, "org.opencontainers.image.ref.name"),
                           spc_jdoc_get_str(notes, "io.containerd.image.name"),
                           spc_jdoc_get_str(item, "digest")};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(names) && ref; i++)
        if (names[i] && strcmp(names[i], ref) == 0)
            return true;
    return !ref;
}

static bool is_for_here(const struct spc_jdoc *item)
{
    const struct spc_jdoc *platform = spc_jdoc_get(item, "platform");
    const char *arch = spc_jdoc_get_str(platform, "architecture");
    const char *os = spc_jdoc_get_str(platform, "os");
    return (!arch || strcmp(arch, spc_image_arch()) == 0) && (!os || strcmp(os, "linux") == 0);
}

static int nothing_fits(const struct spc_jdoc *list, const char *ref, struct spc_err *err)
{
    spc_auto_buf struct spc_buf names = {0};
    for (size_t i = 0; i < spc_jdoc_len(list) && i < 20; i++) {
        const char *name = index_name(spc_jdoc_at(list, i));
        if (name)
            spc_buf_printf(&names, "%s%s", names.len ? ", " : "", name);
    }
    spc_err_say(err, -ENOENT, "no image %s%s%sfor linux/%s in the index%s%s", ref ? "'" : "",
                ref ? ref : "", ref ? "' " : "", spc_image_arch(), names.len ? "; it has: " : "",
                spc_buf_str(&names));
    spc_err_exit(err, SPC_EXIT_TARGET);
    return -ENOENT;
}

void spc_index_item_free(struct spc_index_item *item)
{
    free(item->name);
    spc_descriptor_free(&item->descriptor);
    *item = (struct spc_index_item){0};
}

int spc_index_pick(const char *data, size_t len, const char *ref, struct spc_index_item *ret,
                   struct spc_err *err)
{
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = len > SPC_MANIFEST_MAX ? -EFBIG : spc_jdoc_parse(data, len, &doc);
    if (r < 0)
        return spc_err_set(err, r, "index");
    const struct spc_jdoc *list = spc_jdoc_get(doc, "manifests"), *found = NULL;
    for (size_t i = 0; i < spc_jdoc_len(list); i++) {
        const struct spc_jdoc *item = spc_jdoc_at(list, i);
        if (!is_wanted(item, ref) || !is_for_here(item))
            continue;
        const char *a = spc_jdoc_get_str(found, "digest"), *b = spc_jdoc_get_str(item, "digest");
        if (found && a && b && strcmp(a, b) != 0) {
            spc_err_say(err, -ENOTUNIQ, "several images: '%s', '%s'",
                        index_name(found) ? index_name(found) : a,
                        index_name(item) ? index_name(item) : b);
            spc_err_hint(err, "choose one with SOURCE:NAME");
            return -ENOTUNIQ;
        }
        found = item;
    }
    if (!found)
        return nothing_fits(list, ref, err);
    struct spc_index_item item SPC_CLEANUP(spc_index_item_free) = {0};
    r = get_descriptor(found, "manifest in the index", &item.descriptor, err);
    if (r < 0)
        return r;
    const char *name = index_name(found), *type = item.descriptor.media_type;
    item.name = name ? strdup(name) : NULL;
    item.is_index = type && (strstr(type, "image.index") || strstr(type, "manifest.list"));
    *ret = item;
    item = (struct spc_index_item){0};
    return 0;
}
