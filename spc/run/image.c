// SPDX-License-Identifier: BSD-2-Clause
// What IMAGE is: the built-in one, a root file system directory, an unpacked bundle or OCI layout.
// Everything inside an image is foreign: read through its directory descriptor, with limits.
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/own.h>

#define MAX_JSON  (4u << 20)
#define BUILTIN   "tools"

#define auto_json SPC_CLEANUP(put_json_p)

static void put_json_p(struct json_object **p)
{
    if (*p)
        json_object_put(*p);
}

void spc_run_image_free(struct run_image *image)
{
    free(image->name);
    free(image->dir);
    free(image->sub);
    free(image->workdir);
    free(image->user);
    spc_strv_free(&image->env);
    spc_strv_free(&image->entrypoint);
    spc_strv_free(&image->cmd);
    *image = (struct run_image){0};
}

static bool exists(int dirfd, const char *path, mode_t type)
{
    struct stat st;
    spc_auto_close int fd = spc_open_in_root(dirfd, path, O_PATH);
    return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static int read_json(int dirfd, const char *path, struct json_object **ret, struct spc_err *err)
{
    spc_auto_free char *text = NULL;
    size_t len;
    int r = spc_read_in_root(dirfd, path, MAX_JSON, &text, &len);
    if (r < 0)
        return spc_err_set(err, r, "%s", path);
    // The tokener's own limit of 32 levels stands.
    enum json_tokener_error what;
    struct json_object *json = json_tokener_parse_verbose(text, &what);
    if (!json_object_is_type(json, json_type_object)) {
        json_object_put(json);
        return spc_err_say(err, -EBADMSG, "%s: not a JSON object", path);
    }
    *ret = json;
    return 0;
}

// NULL where the key is missing or not of that type.
static struct json_object *member(struct json_object *json, const char *key, enum json_type type)
{
    struct json_object *value;
    if (!json_object_is_type(json, json_type_object) ||
        !json_object_object_get_ex(json, key, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

static int take_string(struct json_object *json, const char *key, char **ret)
{
    struct json_object *value = member(json, key, json_type_string);
    const char *str = value ? json_object_get_string(value) : NULL;
    if (!str || !*str)
        return 0;
    char *copy = strdup(str);
    if (!copy)
        return -ENOMEM;
    free(*ret);
    *ret = copy;
    return 0;
}

static int take_strings(struct json_object *json, const char *key, struct spc_strv *ret)
{
    struct json_object *array = member(json, key, json_type_array);
    size_t count = array ? json_object_array_length(array) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(array, i);
        if (!json_object_is_type(item, json_type_string))
            continue;
        int r = spc_strv_add(ret, json_object_get_string(item));
        if (r < 0)
            return r;
    }
    return 0;
}

// "process" of a bundle's config.json (OCI runtime specification 1.0, config.md).
static int load_bundle_config(int dirfd, struct run_image *image, struct spc_err *err)
{
    struct json_object *json auto_json = NULL;
    int r = read_json(dirfd, "config.json", &json, err);
    if (r < 0)
        return r;
    struct json_object *process = member(json, "process", json_type_object);
    struct json_object *user = member(process, "user", json_type_object);
    struct json_object *uid = member(user, "uid", json_type_int);
    struct json_object *gid = member(user, "gid", json_type_int);
    if ((r = take_strings(process, "args", &image->cmd)) < 0 ||
        (r = take_strings(process, "env", &image->env)) < 0 ||
        (r = take_string(process, "cwd", &image->workdir)) < 0)
        return spc_err_set(err, r, "config.json");
    if (uid && json_object_get_int64(uid) != 0 &&
        asprintf(&image->user, "%lld:%lld", (long long)json_object_get_int64(uid),
                 gid ? (long long)json_object_get_int64(gid) : 0) < 0)
        return spc_err_set(err, -ENOMEM, "config.json");
    return 0;
}

// "sha256:<hex>" to "blobs/sha256/<hex>"; anything else never becomes a path (OCI image
// specification 1.0, descriptor.md).
static int blob_path(struct json_object *descriptor, char *buf, size_t size, struct spc_err *err)
{
    struct json_object *digest = member(descriptor, "digest", json_type_string);
    const char *str = digest ? json_object_get_string(digest) : "";
    const char *colon = strchr(str, ':');
    size_t algo = colon ? (size_t)(colon - str) : 0;
    if (!algo || strspn(str, "abcdefghijklmnopqrstuvwxyz0123456789") != algo ||
        strlen(colon + 1) < 32 || strlen(colon + 1) > 128 ||
        strspn(colon + 1, "0123456789abcdef") != strlen(colon + 1))
        return spc_err_say(err, -EBADMSG, "not a digest: '%.80s'", str);
    snprintf(buf, size, "blobs/%.*s/%s", (int)algo, str, colon + 1);
    return 0;
}

static int read_blob(int dirfd, struct json_object *descriptor, struct json_object **ret,
                     struct spc_err *err)
{
    char path[256];
    int r = blob_path(descriptor, path, sizeof(path), err);
    return r < 0 ? r : read_json(dirfd, path, ret, err);
}

// index.json -> manifest -> config of an OCI image layout (image-layout.md).
static int load_layout_config(int dirfd, struct run_image *image, struct spc_err *err)
{
    struct json_object *index auto_json = NULL, *manifest auto_json = NULL;
    int r = read_json(dirfd, "index.json", &index, err);
    if (r < 0)
        return r;
    struct json_object *manifests = member(index, "manifests", json_type_array);
    if (!manifests || json_object_array_length(manifests) == 0)
        return spc_err_say(err, -EBADMSG, "index.json: no manifest");
    r = read_blob(dirfd, json_object_array_get_idx(manifests, 0), &manifest, err);
    if (r < 0)
        return spc_err_wrap(err, "manifest");

    struct json_object *blob auto_json = NULL;
    r = read_blob(dirfd, member(manifest, "config", json_type_object), &blob, err);
    if (r < 0)
        return spc_err_wrap(err, "image configuration");
    struct json_object *config = member(blob, "config", json_type_object);
    if ((r = take_strings(config, "Env", &image->env)) < 0 ||
        (r = take_strings(config, "Entrypoint", &image->entrypoint)) < 0 ||
        (r = take_strings(config, "Cmd", &image->cmd)) < 0 ||
        (r = take_string(config, "WorkingDir", &image->workdir)) < 0 ||
        (r = take_string(config, "User", &image->user)) < 0)
        return spc_err_set(err, r, "image configuration");
    return 0;
}

static int load_dir(int dirfd, struct run_image *image, struct spc_err *err)
{
    bool is_layout = exists(dirfd, "oci-layout", S_IFREG) && exists(dirfd, "index.json", S_IFREG);
    bool is_bundle = exists(dirfd, "config.json", S_IFREG) && exists(dirfd, "rootfs", S_IFDIR);
    const char *sub = ".";
    int r = 0;
    if (is_bundle) {
        sub = "rootfs";
        r = load_bundle_config(dirfd, image, err);
    } else if (is_layout && exists(dirfd, "rootfs", S_IFDIR)) {
        sub = "rootfs";
        r = load_layout_config(dirfd, image, err);
    } else if (is_layout) {
        r = spc_err_say(err, -ENOTSUP, "an OCI layout whose layers are still packed");
        spc_err_hint(err, "unpack it first: umoci unpack --image %s BUNDLE", image->name);
    }
    if (r < 0)
        return r;
    image->sub = strdup(sub);
    return image->sub ? 0 : spc_err_set(err, -ENOMEM, "image");
}

static int not_a_directory(const char *word, int code, struct spc_err *err)
{
    if (strchr(word, '/')) {
        spc_err_set(err, code, "image %s", word);
        return spc_err_hint(err, "IMAGE is '" BUILTIN "' or a root file system directory");
    }
    spc_err_say(err, -ENOENT, "image %s: not known here", word);
    struct stat st;
    if (stat(word, &st) == 0 && S_ISDIR(st.st_mode))
        return spc_err_hint(err, "for the directory of that name say ./%s", word);
    return spc_err_hint(err, "IMAGE is '" BUILTIN "' or a directory such as ./%s", word);
}

int spc_run_image_open(const struct run_image *image, int *ret, struct spc_err *err)
{
    spc_auto_close int dir = open(image->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return spc_err_set(err, -errno, "image %s", image->name);
    int fd = spc_open_in_root(dir, image->sub, O_PATH | O_DIRECTORY);
    if (fd < 0)
        return spc_err_set(err, fd, "image %s: %s", image->name, image->sub);
    *ret = fd;
    return 0;
}

int spc_run_image_load(const char *word, struct run_image *ret, struct spc_err *err)
{
    struct run_image image SPC_CLEANUP(spc_run_image_free) = {0};
    image.name = strdup(word);
    if (!image.name)
        return spc_err_set(err, -ENOMEM, "image");

    if (strcmp(word, BUILTIN) == 0) {
        image.kind = RUN_IMAGE_BUILTIN;
    } else {
        image.kind = RUN_IMAGE_DIR;
        // As docker has it: a word without a slash is a name, never a path.
        spc_auto_close int dirfd =
            strchr(word, '/') || strcmp(word, ".") == 0 || strcmp(word, "..") == 0
                ? open(word, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                : -ENOENT;
        if (dirfd < 0)
            return not_a_directory(word, -errno, err);
        image.dir = realpath(word, NULL);
        if (!image.dir)
            return spc_err_set(err, -errno, "image %s", word);
        int r = load_dir(dirfd, &image, err);
        if (r < 0)
            return spc_err_wrap(err, "image %s", word);
    }
    *ret = image;
    image = (struct run_image){0};
    return 0;
}
