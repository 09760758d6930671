// SPDX-License-Identifier: BSD-2-Clause
// The refs of the store: names of images, and their records.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <spc/fd.h>
#include <spc/json.h>
#include <spc/json_writer.h>

#include "store.h"

#define MAX_RECORD (64 * 1024)

static const char *const kind_names[] = {
    [SPC_IMAGE_LAYERS] = "layers",
    [SPC_IMAGE_EROFS] = "erofs",
};
static_assert(SPC_ARRAY_SIZE(kind_names) == _SPC_IMAGE_KIND_MAX, "a kind has no name");

const char *spc_image_kind_name(enum spc_image_kind kind)
{
    return kind_names[kind];
}

void spc_image_record_free(struct spc_image_record *record)
{
    free(record->name);
    free(record->id);
    free(record->digest);
    free(record->source);
    *record = (struct spc_image_record){0};
}

void spc_image_records_free(struct spc_image_records *list)
{
    for (size_t i = 0; i < list->count; i++)
        spc_image_record_free(&list->items[i]);
    free(list->items);
    *list = (struct spc_image_records){0};
}

// A name of an image as a file name: what is no plain character becomes %XX.
static int file_name(const char *name, char ret[static NAME_MAX + 1], struct spc_err *err)
{
    size_t len = 0;
    for (const char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && p > name);
        if (c < ' ' || c == 0x7f)
            return spc_err_say(err, -EINVAL, "image name '%.80s' has control characters", name);
        if (len + 4 > NAME_MAX)
            return spc_err_say(err, -ENAMETOOLONG, "image name '%.80s' is too long", name);
        len += (size_t)snprintf(ret + len, 4, is_plain ? "%c" : "%%%02x", c);
    }
    ret[len] = '\0';
    return len == 0 ? spc_err_say(err, -EINVAL, "an image needs a name") : 0;
}

static void put_digest(struct spc_json *json, const char *key, const struct spc_digest *digest)
{
    char text[80];
    snprintf(text, sizeof(text), "sha256:%s", digest->hex);
    spc_json_str(json, key, digest->hex[0] ? text : NULL);
}

static void put_record(const struct spc_image_record *record, struct spc_buf *out)
{
    struct spc_json json = {.buf = out};
    spc_json_object(&json, NULL);
    spc_json_str(&json, "name", record->name);
    spc_json_str(&json, "kind", kind_names[record->kind]);
    put_digest(&json, "digest", &record->manifest);
    put_digest(&json, "config", &record->config);
    spc_json_str(&json, "source", record->source);
    spc_json_u64(&json, "layers", record->layers);
    spc_json_u64(&json, "size", record->size);
    spc_json_u64(&json, "created", record->created_ns);
    spc_json_u64(&json, "imported", record->imported_ns);
    spc_json_bool(&json, "devices", record->has_devices);
    spc_json_object_end(&json);
}

// Written beside, synced, renamed: a reader sees the old or the new one.
static int write_ref(struct spc_store *store, const char *file, const struct spc_buf *text)
{
    char tmp[64];
    snprintf(tmp, sizeof(tmp), "ref.%d", (int)getpid());
    spc_auto_close int fd =
        openat(store->tmp, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = spc_write_all(fd, text->data, text->len);
    if (r == 0 && (fsync(fd) < 0 || renameat(store->tmp, tmp, store->refs, file) < 0 ||
                   fsync(store->refs) < 0))
        r = -errno;
    if (r < 0)
        unlinkat(store->tmp, tmp, 0);
    return r;
}

int spc_store_set_ref(struct spc_store *store, const struct spc_image_record *record,
                      struct spc_err *err)
{
    char file[NAME_MAX + 1];
    int r = file_name(record->name, file, err);
    if (r < 0)
        return r;
    spc_auto_buf struct spc_buf text = {0};
    put_record(record, &text);
    r = spc_buf_check(&text);
    if (r == 0)
        r = write_ref(store, file, &text);
    return r < 0 ? spc_err_set(err, r, "name '%s' in image store %s", record->name, store->path)
                 : 0;
}

int spc_store_remove_ref(struct spc_store *store, const char *name, struct spc_err *err)
{
    char file[NAME_MAX + 1];
    int r = file_name(name, file, err);
    if (r < 0)
        return r;
    if (unlinkat(store->refs, file, 0) < 0 || fsync(store->refs) < 0)
        return spc_err_set(err, -errno, "remove '%s' from image store %s", name, store->path);
    return 0;
}

static int get_digests(const struct spc_jdoc *doc, struct spc_image_record *record,
                       struct spc_err *err)
{
    int r =
        spc_digest_parse(spc_jdoc_get_str(doc, "digest"), "image record", &record->manifest, err);
    if (r == 0 && record->kind == SPC_IMAGE_LAYERS)
        r = spc_digest_parse(spc_jdoc_get_str(doc, "config"), "image record", &record->config, err);
    if (r < 0)
        return r;
    const char *id = record->kind == SPC_IMAGE_LAYERS ? record->config.hex : record->manifest.hex;
    record->id = strndup(id, 12);
    if (!record->id || asprintf(&record->digest, "sha256:%s", record->manifest.hex) < 0) {
        record->digest = NULL;
        return spc_err_set(err, -ENOMEM, "image record");
    }
    return 0;
}

static int get_record(const struct spc_jdoc *doc, struct spc_image_record *record,
                      struct spc_err *err)
{
    const char *name = spc_jdoc_get_str(doc, "name"), *kind = spc_jdoc_get_str(doc, "kind");
    const char *source = spc_jdoc_get_str(doc, "source");
    record->kind = kind && strcmp(kind, "erofs") == 0 ? SPC_IMAGE_EROFS : SPC_IMAGE_LAYERS;
    record->kind_name = kind_names[record->kind];
    if (!name)
        return spc_err_say(err, -EBADMSG, "image record without a name");
    record->name = strdup(name);
    record->source = source ? strdup(source) : NULL;
    if (!record->name || (source && !record->source))
        return spc_err_set(err, -ENOMEM, "image record");
    record->layers = spc_jdoc_get_u64(doc, "layers");
    record->size = spc_jdoc_get_u64(doc, "size");
    record->created_ns = spc_jdoc_get_u64(doc, "created");
    record->imported_ns = spc_jdoc_get_u64(doc, "imported");
    record->has_devices = spc_jdoc_get_bool(doc, "devices");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    record->age_ns = record->created_ns && record->created_ns < now_ns ? now_ns - record->created_ns
                                                                       : UINT64_MAX;
    return get_digests(doc, record, err);
}

static int read_ref(struct spc_store *store, const char *file, struct spc_image_record *ret,
                    struct spc_err *err)
{
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = spc_jdoc_read(store->refs, file, MAX_RECORD, &doc);
    if (r < 0)
        return spc_err_set(err, r, "image record %s/refs/%s", store->path, file);
    spc_auto_record struct spc_image_record record = {0};
    r = get_record(doc, &record, err);
    if (r < 0) {
        spc_err_wrap(err, "%s/refs/%s", store->path, file);
        return r;
    }
    *ret = record;
    record = (struct spc_image_record){0};
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct spc_image_record *)a)->name,
                  ((const struct spc_image_record *)b)->name);
}

static int append(struct spc_image_records *list, struct spc_image_record *record)
{
    struct spc_image_record *more = reallocarray(list->items, list->count + 1, sizeof(*more));
    if (!more)
        return -ENOMEM;
    list->items = more;
    list->items[list->count++] = *record;
    *record = (struct spc_image_record){0};
    return 0;
}

int spc_store_list(struct spc_store *store, struct spc_image_records *ret, struct spc_err *err)
{
    spc_auto_records struct spc_image_records list = {0};
    int fd = openat(store->refs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        spc_close(fd);
        return spc_err_set(err, -errno, "read image store %s/refs", store->path);
    }
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        spc_auto_record struct spc_image_record record = {0};
        int r = read_ref(store, entry->d_name, &record, err);
        if (r == -ENOENT) { // removed while we looked
            spc_err_clear(err);
            continue;
        }
        if (r == 0)
            r = append(&list, &record) < 0 ? spc_err_set(err, -ENOMEM, "list of images") : 0;
        if (r < 0)
            return r;
    }
    if (list.count > 1)
        qsort(list.items, list.count, sizeof(list.items[0]), compare_names);
    *ret = list;
    list = (struct spc_image_records){0};
    return 0;
}

static bool is_id_of(const struct spc_image_record *record, const char *ref)
{
    const char *hex = strncmp(ref, "sha256:", 7) == 0 ? ref + 7 : ref;
    size_t len = strlen(hex);
    if (len < 4 || strspn(hex, "0123456789abcdef") != len)
        return false;
    return strncmp(record->config.hex, hex, len) == 0 ||
           strncmp(record->manifest.hex, hex, len) == 0;
}

static bool is_name_of(const struct spc_image_record *record, const char *ref)
{
    size_t len = strlen(ref);
    return strcmp(record->name, ref) == 0 ||
           (strncmp(record->name, ref, len) == 0 && strcmp(record->name + len, ":latest") == 0);
}

static int not_found(const struct spc_image_records *list, const char *ref, struct spc_err *err)
{
    spc_err_say(err, -ENOENT, "no image '%s' in the store", ref);
    spc_err_exit(err, SPC_EXIT_TARGET);
    spc_err_hint(err, list->count ? "'spc image ls' lists them"
                                  : "the store is empty: see 'spc image import --help'");
    return -ENOENT;
}

int spc_store_find(struct spc_store *store, const char *ref, struct spc_image_record *ret,
                   struct spc_err *err)
{
    spc_auto_records struct spc_image_records list = {0};
    int r = spc_store_list(store, &list, err);
    if (r < 0)
        return r;
    struct spc_image_record *found = NULL;
    for (size_t i = 0; i < list.count && !found; i++)
        if (is_name_of(&list.items[i], ref))
            found = &list.items[i];
    for (size_t i = 0; i < list.count && (!found || !is_name_of(found, ref)); i++) {
        struct spc_image_record *item = &list.items[i];
        if (!is_id_of(item, ref))
            continue;
        // Two names of one image are no ambiguity.
        if (found && !spc_digest_equal(&found->manifest, &item->manifest)) {
            spc_err_say(err, -ENOTUNIQ, "'%s' is the ID of several images: '%s', '%s'", ref,
                        found->name, item->name);
            spc_err_exit(err, SPC_EXIT_TARGET);
            return -ENOTUNIQ;
        }
        found = found ? found : item;
    }
    if (!found)
        return not_found(&list, ref, err);
    *ret = *found;
    *found = (struct spc_image_record){0};
    return 0;
}
