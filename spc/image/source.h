// SPDX-License-Identifier: BSD-2-Clause
// Where images come from: everything that is not our store yet.
#pragma once

#include <spc/buf.h>

#include "store.h"
#include "unpack.h"

// One blob that is to be brought in.
struct spc_part {
    char *path;               // below the source's directory
    int fd;                   // already open, or SPC_NOFD
    struct spc_digest digest; // what it must be; empty where the source does not say
};

struct spc_source {
    int dir;                 // what paths are relative to
    char *name;              // the image's own name, or NULL
    struct spc_buf manifest; // its bytes; empty: to be made from the parts
    struct spc_part config_part;
    struct spc_part *layers; // bottom first
    size_t layer_count;
    bool is_erofs;  // layers[0] is an EROFS file, and there is nothing else
    bool is_rootfs; // the config is ours: made from what the layer turns out to be
};

#define SPC_SOURCE_NONE                                                                            \
    {                                                                                              \
        .dir = SPC_NOFD, .config_part.fd = SPC_NOFD                                                \
    }
void spc_source_free(struct spc_source *source);
#define spc_auto_source SPC_CLEANUP(spc_source_free)
int spc_source_add_layer(struct spc_source *source, const char *path,
                         const struct spc_digest *digest);

// Find out what `spec` is and prepare it; what has to be copied or fetched for that goes to
// `stage`.
int spc_source_open(const char *spec, struct spc_stage *stage, struct spc_source *ret,
                    struct spc_err *err);

// A directory that is an OCI layout (`ref`: which of its images, or NULL) or an unpacked
// docker-archive. Takes source->dir as given.
bool spc_is_oci_layout(int dirfd);
bool spc_is_docker_archive(int dirfd);
bool spc_is_erofs(int fd);
int spc_source_oci(struct spc_source *source, const char *ref, struct spc_err *err);
int spc_source_docker_archive(struct spc_source *source, const char *ref, struct spc_err *err);
