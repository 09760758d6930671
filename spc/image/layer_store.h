// SPDX-License-Identifier: BSD-2-Clause
// Unpacked layers of the store: making, describing and checking them.
#pragma once

#include "store.h"
#include "tree.h"
#include "unpack.h"

// What `info` beside a layer's "fs" says.
struct spc_layer_info {
    struct spc_digest blob; // what it was unpacked from
    struct spc_tree_stats stats;
    // A tree is not synced when it is made: thousands of files, on a disk that may be busy with
    // what the administrator came to look at. In the boot that made it, it is as good as written;
    // its first use in another boot compares it with its blob, which was synced.
    char boot[40];
    bool is_checked; // that comparison was made
};

// -ENOENT when there is no such layer.
int spc_layer_info_read(struct spc_store *store, const char *key, struct spc_layer_info *ret);

struct spc_unpack_job {
    const struct spc_digest *blob; // staged or in the store
    const struct spc_digest *want; // what the unpacked bytes must be, or NULL
    bool with_devices;
    struct spc_image_limits *limits; // count down
};

// Unpack a blob into stage/layers/KEY. *ret: what its unpacked bytes are.
int spc_stage_unpack(struct spc_stage *stage, const struct spc_unpack_job *job,
                     struct spc_digest *ret, struct spc_err *err);
// Size and counts of a layer that was just staged or was in the store before.
int spc_stage_layer_info(struct spc_stage *stage, const char *key, struct spc_layer_info *ret);

// Unpack the layer's blob again and compare: -EBADMSG when the tree is another.
// With `repair`, a damaged tree is replaced by the new one.
int spc_layer_verify(struct spc_stage *stage, const struct spc_digest *diff_id, bool with_devices,
                     bool repair, struct spc_err *err);
// True where the tree could have been cut short by a crash and was not looked at since.
bool spc_layer_is_doubtful(struct spc_store *store, const char *key);

// The media type of OCI for a stream's compression.
const char *spc_layer_media_type(const struct spc_unpack *unpack);
