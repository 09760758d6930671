// SPDX-License-Identifier: BSD-2-Clause
// Manifests, indexes and configs (OCI image-spec 1.0/1.1, Docker schema 2), read from bytes that
// somebody else wrote.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <spc/buf.h>

#include "digest.h"

#define SPC_MANIFEST_MAX (4 * 1024 * 1024) // bytes of a manifest or config
#define SPC_LAYERS_MAX   1000

struct spc_descriptor {
    struct spc_digest digest;
    uint64_t size;
    char *media_type; // as written, or NULL
};

struct spc_manifest {
    char *media_type; // as written, or NULL
    struct spc_descriptor config;
    struct spc_descriptor *layers;
    size_t layer_count;
};

void spc_manifest_free(struct spc_manifest *manifest);
#define spc_auto_manifest SPC_CLEANUP(spc_manifest_free)
int spc_manifest_parse(const char *data, size_t len, struct spc_manifest *ret, struct spc_err *err);
// What an index has to call it.
const char *spc_manifest_media_type(const struct spc_manifest *manifest);
// The bytes of a new one.
void spc_manifest_write(const struct spc_manifest *manifest, struct spc_buf *out);

// One line of an image's history.
struct spc_history_item {
    char *created_by, *comment;
    uint64_t created_ns;
    bool is_empty; // has no layer
};

struct spc_image_config {
    char *architecture, *os, *variant;
    uint64_t created_ns;
    struct spc_strv env, cmd, entrypoint;
    char *workdir, *user, *stop_signal; // or NULL
    struct spc_strv label_keys, label_values;
    struct spc_digest *diff_ids; // bottom layer first
    size_t layer_count;
    struct spc_history_item *history;
    size_t history_count;
};

void spc_image_config_free(struct spc_image_config *config);
#define spc_auto_config SPC_CLEANUP(spc_image_config_free)
int spc_image_config_parse(const char *data, size_t len, struct spc_image_config *ret,
                           struct spc_err *err);

// From an OCI index: the manifest for `ref` (a tag or full name; NULL: the only one there is) and
// this machine.
struct spc_index_item {
    struct spc_descriptor descriptor;
    char *name;    // in the index, or NULL
    bool is_index; // it leads to another index
};
void spc_index_item_free(struct spc_index_item *item);
int spc_index_pick(const char *data, size_t len, const char *ref, struct spc_index_item *ret,
                   struct spc_err *err);
void spc_descriptor_free(struct spc_descriptor *descriptor);

// This machine in the words of the OCI specification: "amd64".
const char *spc_image_arch(void);
// RFC 3339 to nanoseconds since the epoch; 0 when it is none.
uint64_t spc_image_time(const char *text);
