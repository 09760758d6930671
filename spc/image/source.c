// SPDX-License-Identifier: BSD-2-Clause
#include "source.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>

#include "layer.h"
#include "pack.h"
#include "source_priv.h"

static void free_part(struct spc_part *part)
{
    free(part->path);
    spc_close(part->fd);
}

void spc_source_free(struct spc_source *source)
{
    spc_close(source->dir);
    free(source->name);
    spc_buf_free(&source->manifest);
    free_part(&source->config_part);
    for (size_t i = 0; i < source->layer_count; i++)
        free_part(&source->layers[i]);
    free(source->layers);
}

int spc_source_add_layer(struct spc_source *source, const char *path,
                         const struct spc_digest *digest)
{
    struct spc_part *more =
        reallocarray(source->layers, source->layer_count + 1, sizeof(source->layers[0]));
    if (!more)
        return -ENOMEM;
    source->layers = more;
    struct spc_part *part = &source->layers[source->layer_count];
    *part = (struct spc_part){.path = strdup(path), .fd = SPC_NOFD};
    if (!part->path)
        return -ENOMEM;
    if (digest)
        part->digest = *digest;
    source->layer_count++;
    return 0;
}

// A file of the stage becomes the only layer.
static int use_staged(struct spc_source *source, struct spc_stage *stage, const char *name,
                      struct spc_err *err)
{
    spc_close(source->dir);
    source->dir = openat(stage->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = source->dir < 0 ? -errno : spc_source_add_layer(source, name, NULL);
    return r < 0 ? spc_err_set(err, r, "image store") : 0;
}

int spc_source_unpack_archive(struct spc_source *source, int fd, struct spc_stage *stage,
                              struct spc_err *err)
{
    if (mkdirat(stage->dir, "archive", 0700) < 0)
        return spc_err_set(err, -errno, "image store");
    source->dir = openat(stage->dir, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source->dir < 0)
        return spc_err_set(err, -errno, "image store");
    struct spc_image_limits limits = spc_image_default_limits;
    spc_auto_unpack struct spc_unpack *unpack = NULL;
    spc_auto_tree struct spc_tree *tree = NULL;
    struct spc_tree_stats stats;
    int r = spc_unpack_open(fd, &limits, &unpack, err);
    if (r == 0)
        spc_unpack_watch(unpack, stage->progress);
    if (r == 0)
        r = spc_tree_open(source->dir, 0, &tree, err);
    if (r == 0)
        r = spc_layer_unpack(unpack, tree, &limits, err);
    return r == 0 ? spc_tree_finish(tree, &stats, err) : r;
}

struct marks {
    bool has_layout, has_manifest;
};

static int look_at_name(const char *name, void *arg)
{
    struct marks *marks = arg;
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    marks->has_layout |= strcmp(name, "oci-layout") == 0;
    marks->has_manifest |= strcmp(name, "manifest.json") == 0;
    return marks->has_layout || marks->has_manifest;
}

static int open_tar(struct spc_source *source, int fd, const char *ref, struct spc_stage *stage,
                    struct spc_err *err)
{
    struct marks marks = {0};
    int r = spc_tar_names(fd, look_at_name, &marks, err);
    if (r < 0)
        return r;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return spc_err_set(err, -errno, "rewind");
    if (!marks.has_manifest && !marks.has_layout) {
        source->is_rootfs = true;
        return 0;
    }
    r = spc_source_unpack_archive(source, fd, stage, err);
    if (r < 0)
        return r;
    return spc_is_oci_layout(source->dir) ? spc_source_oci(source, ref, err)
                                          : spc_source_docker_archive(source, ref, err);
}

// The superblock's magic number, at byte 1024 (Documentation/filesystems/erofs.rst).
bool spc_is_erofs(int fd)
{
    uint32_t magic;
    return pread(fd, &magic, sizeof(magic), 1024) == sizeof(magic) && le32toh(magic) == 0xe0f5e1e2;
}

static int open_file(struct spc_source *source, const char *path, int fd, const char *ref,
                     struct spc_stage *stage, struct spc_err *err)
{
    source->is_erofs = spc_is_erofs(fd);
    int r = source->is_erofs ? 0 : open_tar(source, fd, ref, stage, err);
    if (r < 0 || !(source->is_erofs || source->is_rootfs))
        return r;
    // The file itself is the only blob.
    r = spc_source_add_layer(source, path, NULL);
    if (r == 0)
        r = source->layers[0].fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return r < 0 ? spc_err_set(err, r == -1 ? -errno : r, "open '%s'", path) : 0;
}

static int write_fd(void *arg, const void *data, size_t len)
{
    return spc_write_all(*(int *)arg, data, len);
}

static int open_rootfs(struct spc_source *source, struct spc_stage *stage, struct spc_err *err)
{
    spc_auto_close int fd = openat(stage->dir, "rootfs.tar",
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return spc_err_set(err, -errno, "image store");
    const struct spc_pack_sink sink = {write_fd, &fd};
    int r = spc_pack_tree(source->dir, false, &sink, err);
    source->is_rootfs = true;
    return r < 0 ? r : use_staged(source, stage, "rootfs.tar", err);
}

static int open_dir(struct spc_source *source, const char *path, const char *ref,
                    struct spc_stage *stage, struct spc_err *err)
{
    source->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (source->dir < 0)
        return spc_err_set(err, -errno, "open '%s'", path);
    if (spc_is_oci_layout(source->dir))
        return spc_source_oci(source, ref, err);
    if (spc_is_docker_archive(source->dir))
        return spc_source_docker_archive(source, ref, err);
    return open_rootfs(source, stage, err);
}

static int open_path(struct spc_source *source, const char *path, const char *ref,
                     struct spc_stage *stage, struct spc_err *err)
{
    spc_auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return spc_err_set(err, -errno, "open '%s'", path);
    if (S_ISDIR(st.st_mode))
        return open_dir(source, path, ref, stage, err);
    if (!S_ISREG(st.st_mode))
        return spc_err_say(err, -EINVAL, "'%s' is neither a file nor a directory", path);
    return open_file(source, path, fd, ref, stage, err);
}

// PATH, or PATH:REF where no file has the whole name.
static int open_path_or_ref(struct spc_source *source, const char *spec, struct spc_stage *stage,
                            struct spc_err *err)
{
    if (access(spec, F_OK) < 0 && errno == ENOENT) {
        // A reference may hold a colon itself (PATH:NAME:TAG): the longest existing path counts.
        spc_auto_free char *path = strdup(spec);
        if (!path)
            return spc_err_set(err, -ENOMEM, "open '%s'", spec);
        for (char *colon; (colon = strrchr(path, ':'));) {
            *colon = '\0';
            if (access(path, F_OK) == 0)
                return open_path(source, path, spec + strlen(path) + 1, stage, err);
        }
    }
    return open_path(source, spec, NULL, stage, err);
}

int spc_source_open(const char *spec, struct spc_stage *stage, struct spc_source *ret,
                    struct spc_err *err)
{
    static const char registry[] = "docker://", oci[] = "oci:";
    if (strncmp(spec, registry, sizeof(registry) - 1) == 0)
        return spc_source_registry(ret, spec + sizeof(registry) - 1, stage, err);
    if (strncmp(spec, oci, sizeof(oci) - 1) == 0 && access(spec + sizeof(oci) - 1, F_OK) == 0)
        spec += sizeof(oci) - 1;
    static const char *const engines[] = {"docker", "podman"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(engines); i++) {
        size_t len = strlen(engines[i]);
        if (strncmp(spec, engines[i], len) == 0 && spec[len] == ':')
            return spc_source_engine(ret, engines[i], spec + len + 1, stage, err);
    }
    return open_path_or_ref(ret, spec, stage, err);
}
