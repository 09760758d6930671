// SPDX-License-Identifier: BSD-2-Clause
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void spc_source_free(struct spc_source *source)
{
    spc_close(source->dir);
    free(source->name);
    spc_buf_free(&source->manifest);
    spc_buf_free(&source->config);
    free(source->config_part.path);
    for (size_t i = 0; i < source->layer_count; i++)
        free(source->layers[i].path);
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
    *part = (struct spc_part){.path = strdup(path)};
    if (!part->path)
        return -ENOMEM;
    if (digest)
        part->digest = *digest;
    source->layer_count++;
    return 0;
}

int spc_source_open(const char *spec, struct spc_stage *stage, struct spc_source *ret,
                    struct spc_err *err)
{
    (void)stage;
    ret->dir = open(spec, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ret->dir < 0)
        return spc_err_set(err, -errno, "open '%s'", spec);
    if (spc_is_oci_layout(ret->dir))
        return spc_source_oci(ret, NULL, err);
    return spc_source_docker_archive(ret, NULL, err);
}
