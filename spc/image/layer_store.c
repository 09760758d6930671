// SPDX-License-Identifier: BSD-2-Clause
#include "layer_store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <spc/fd.h>
#include <spc/json.h>
#include <spc/json_writer.h>

#include "layer.h"
#include "pack.h"

static void boot_id(char ret[static 40])
{
    ssize_t n = spc_read_small(AT_FDCWD, "/proc/sys/kernel/random/boot_id", ret, 40);
    ret[n > 0 ? strcspn(ret, "\n") : 0] = '\0';
}

static int write_info(int dirfd, const struct spc_layer_info *info, struct spc_err *err)
{
    spc_auto_buf struct spc_buf text = {0};
    struct spc_json json = {.buf = &text};
    char digest[80];
    snprintf(digest, sizeof(digest), "sha256:%s", info->blob.hex);
    spc_json_object(&json, NULL);
    spc_json_str(&json, "blob", digest);
    spc_json_u64(&json, "entries", info->stats.entries);
    spc_json_u64(&json, "size", info->stats.bytes);
    spc_json_u64(&json, "devices_left_out", info->stats.devices_left_out);
    spc_json_u64(&json, "xattrs_left_out", info->stats.xattrs_left_out);
    spc_json_str(&json, "boot", info->boot);
    spc_json_bool(&json, "checked", info->is_checked);
    spc_json_object_end(&json);
    spc_auto_close int fd =
        openat(dirfd, "info.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : spc_buf_check(&text);
    if (r == 0)
        r = spc_write_all(fd, text.data, text.len);
    if (r == 0 && renameat(dirfd, "info.new", dirfd, "info") < 0)
        r = -errno;
    return r < 0 ? spc_err_set(err, r, "write the layer's info") : 0;
}

static int read_info(int dirfd, const char *key, struct spc_layer_info *ret)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/info", key);
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = spc_jdoc_read(dirfd, path, 4096, &doc);
    if (r < 0)
        return r;
    *ret = (struct spc_layer_info){
        .stats = {.entries = spc_jdoc_get_u64(doc, "entries"),
                  .bytes = spc_jdoc_get_u64(doc, "size"),
                  .devices_left_out = spc_jdoc_get_u64(doc, "devices_left_out"),
                  .xattrs_left_out = spc_jdoc_get_u64(doc, "xattrs_left_out")},
        .is_checked = spc_jdoc_get_bool(doc, "checked"),
    };
    const char *boot = spc_jdoc_get_str(doc, "boot");
    snprintf(ret->boot, sizeof(ret->boot), "%s", boot ? boot : "");
    return spc_digest_parse(spc_jdoc_get_str(doc, "blob"), "info", &ret->blob, NULL);
}

int spc_layer_info_read(struct spc_store *store, const char *key, struct spc_layer_info *ret)
{
    return read_info(store->layers, key, ret);
}

int spc_stage_layer_info(struct spc_stage *stage, const char *key, struct spc_layer_info *ret)
{
    int r = read_info(stage->layers, key, ret);
    return r == -ENOENT ? read_info(stage->store->layers, key, ret) : r;
}

bool spc_layer_is_doubtful(struct spc_store *store, const char *key)
{
    struct spc_layer_info info;
    char boot[40];
    boot_id(boot);
    // A record that cannot be read was itself cut short.
    return read_info(store->layers, key, &info) < 0 ||
           (!info.is_checked && (!boot[0] || strcmp(info.boot, boot) != 0));
}

const char *spc_layer_media_type(const struct spc_unpack *unpack)
{
    const char *name = spc_unpack_name(unpack);
    if (strcmp(name, "gzip") == 0)
        return "application/vnd.oci.image.layer.v1.tar+gzip";
    if (strcmp(name, "zstd") == 0)
        return "application/vnd.oci.image.layer.v1.tar+zstd";
    return "application/vnd.oci.image.layer.v1.tar";
}

static int make_dir(int dirfd, const char *name, struct spc_err *err)
{
    if (mkdirat(dirfd, name, 0755) < 0)
        return spc_err_set(err, -errno, "make directory '%s' for a layer", name);
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? spc_err_set(err, -errno, "open directory '%s' for a layer", name) : fd;
}

static int unpack_into(struct spc_unpack *unpack, int dirfd, const struct spc_unpack_job *job,
                       struct spc_tree_stats *ret, struct spc_err *err)
{
    spc_auto_close int fs = make_dir(dirfd, "fs", err);
    if (fs < 0)
        return fs;
    spc_auto_tree struct spc_tree *tree = NULL;
    unsigned flags = SPC_TREE_WHITEOUTS | (job->with_devices ? SPC_TREE_DEVICES : 0);
    int r = spc_tree_open(fs, flags, &tree, err);
    if (r == 0)
        r = spc_layer_unpack(unpack, tree, job->limits, err);
    return r == 0 ? spc_tree_finish(tree, ret, err) : r;
}

// A finished directory gets its name; the same layer twice in one image is made once.
static int name_layer(struct spc_stage *stage, const char *key, struct spc_err *err)
{
    if (renameat(stage->layers, ".new", stage->layers, key) == 0)
        return 0;
    int r = errno == ENOTEMPTY || errno == EEXIST ? spc_remove_tree(stage->layers, ".new") : -errno;
    return r < 0 ? spc_err_set(err, r, "layer %s", key) : 0;
}

int spc_stage_unpack(struct spc_stage *stage, const struct spc_unpack_job *job,
                     struct spc_digest *ret, struct spc_err *err)
{
    struct spc_layer_info info = {.blob = *job->blob};
    boot_id(info.boot);
    spc_auto_unpack struct spc_unpack *unpack = NULL;
    spc_auto_close int fd = spc_stage_open_blob(stage, job->blob, err);
    int r = fd < 0 ? fd : spc_unpack_open(fd, job->limits, &unpack, err);
    spc_auto_close int dir = r < 0 ? r : make_dir(stage->layers, ".new", err);
    if (dir < 0)
        return dir;
    spc_unpack_watch(unpack, stage->progress);
    r = unpack_into(unpack, dir, job, &info.stats, err);
    if (r == 0)
        r = spc_unpack_finish(unpack, ret, NULL, err);
    if (r == 0 && job->want && !spc_digest_equal(job->want, ret))
        r = spc_err_say(err, -EBADMSG, "unpacks to sha256:%s, but the config says sha256:%s",
                        ret->hex, job->want->hex);
    if (r == 0)
        r = write_info(dir, &info, err);
    if (r < 0)
        return r;
    char key[80];
    spc_layer_key(ret, job->with_devices, key);
    return name_layer(stage, key, err);
}

static int add_to_hash(void *arg, const void *data, size_t len)
{
    spc_sha256_add(arg, data, len);
    return 0;
}

static int tree_digest(int layers, const char *key, struct spc_digest *ret, struct spc_err *err)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/fs", key);
    spc_auto_close int fd = openat(layers, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, -errno, "open layer %s", key);
    struct spc_sha256 sha;
    spc_sha256_begin(&sha);
    const struct spc_pack_sink sink = {add_to_hash, &sha};
    int r = spc_pack_tree(fd, true, &sink, err);
    spc_sha256_end(&sha, ret->hex);
    return r;
}

static int replace(struct spc_stage *stage, const char *key, struct spc_err *err)
{
    long r = syscall(SYS_renameat2, stage->layers, key, stage->store->layers, key, RENAME_EXCHANGE);
    return r < 0 ? spc_err_set(err, -errno, "replace layer %s", key) : 0;
}

static int mark_checked(struct spc_store *store, const char *key, struct spc_layer_info *info,
                        struct spc_err *err)
{
    spc_auto_close int dir =
        openat(store->layers, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    info->is_checked = true;
    return dir < 0 ? spc_err_set(err, -errno, "layer %s", key) : write_info(dir, info, err);
}

int spc_layer_verify(struct spc_stage *stage, const struct spc_digest *diff_id, bool with_devices,
                     bool repair, struct spc_err *err)
{
    struct spc_store *store = stage->store;
    struct spc_layer_info info;
    char key[80];
    spc_layer_key(diff_id, with_devices, key);
    int r = read_info(store->layers, key, &info);
    if (r < 0)
        return spc_err_set(err, r, "info of layer %s", key);
    struct spc_image_limits limits = spc_image_default_limits;
    struct spc_digest got, old, new;
    const struct spc_unpack_job job = {&info.blob, diff_id, with_devices, &limits};
    r = spc_stage_unpack(stage, &job, &got, err);
    if (r == 0)
        r = tree_digest(stage->layers, key, &new, err);
    if (r == 0)
        r = tree_digest(store->layers, key, &old, err);
    bool is_same = r == 0 && spc_digest_equal(&old, &new);
    if (!is_same && repair)
        return replace(stage, key, err);
    if (r == 0 && !is_same)
        r = spc_err_say(err, -EBADMSG, "files of layer sha256:%s were changed", diff_id->hex);
    // In the boot that made it a tree is compared with what may be in memory only.
    char boot[40];
    boot_id(boot);
    if (r == 0 && !info.is_checked && strcmp(boot, info.boot) != 0)
        r = mark_checked(store, key, &info, err);
    int removed = spc_remove_tree(stage->layers, key);
    return r < 0 || removed == 0 ? r : spc_err_set(err, removed, "remove layer %s", key);
}
