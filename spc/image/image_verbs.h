// SPDX-License-Identifier: BSD-2-Clause
// The verbs behind `spc image`.
#pragma once

#include <spc/opt.h>

#include "store.h"

struct spc_image_verb {
    const char *name, *summary;
    const struct spc_cmd *cmd;
};
extern const struct spc_image_verb spc_image_verbs[]; // ended by an all-zero row

extern const struct spc_cmd spc_image_ls_cmd, spc_image_import_cmd, spc_image_rm_cmd,
    spc_image_history_cmd, spc_image_verify_cmd, spc_image_inspect_cmd, spc_image_export_cmd,
    spc_image_build_cmd;

// Options that every one of them has.
struct spc_image_common {
    const char *root; // of the store
    bool json;
};
const char *spc_image_root(const struct spc_image_common *common);
// Open the store for reading and find an image in it.
int spc_image_find(const struct spc_image_common *common, const char *ref,
                   struct spc_store **ret_store, struct spc_image_record *ret, struct spc_err *err);

#define SPC_IMAGE_COMMON_OPTS(config_type, member)                                                 \
    {.name = "root",                                                                               \
     .type = SPC_OPT_STR,                                                                          \
     .metavar = "DIR",                                                                             \
     SPC_OPT_AT(config_type, member.root),                                                         \
     .help = "Use the image store below DIR instead of /var/lib/spc."},                            \
    {                                                                                              \
        .name = "json", .type = SPC_OPT_FLAG, SPC_OPT_AT(config_type, member.json),                \
        .help = "Print one JSON object a line.",                                                   \
    }
