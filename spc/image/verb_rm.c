// SPDX-License-Identifier: BSD-2-Clause
// `spc image rm`.
#include <stdio.h>

#include "image_verbs.h"
#include "store.h"

struct config {
    struct spc_image_common common;
};

static const struct spc_opt options[] = {
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static int remove_one(struct spc_store *store, const char *ref, struct spc_err *err)
{
    spc_auto_record struct spc_image_record record = {0};
    int r = spc_store_find(store, ref, &record, err);
    return r < 0 ? r : spc_store_remove_ref(store, record.name, err);
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc == 0)
        return spc_err_usage(err, "rm needs the name of an IMAGE");
    spc_auto_store struct spc_store *store = NULL;
    int r = spc_store_open(spc_image_root(&config->common), true, &store, err);
    for (int i = 0; r == 0 && i < argc; i++)
        r = remove_one(store, argv[i], err);
    if (r == 0)
        r = spc_store_sweep(store, NULL, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

static const struct spc_example examples[] = {
    {"spc image rm tools", "forget 'tools'; what no other image uses goes from the disk"},
    {0},
};

const struct spc_cmd spc_image_rm_cmd = {
    .name = "spc image rm",
    .operands = "IMAGE...",
    .description = "Remove images from the store, and what no other image needs. What a running "
                   "'spc run' uses stays until it ends and the next import or rm.",
    .opts = options,
    .examples = examples,
    .run = run,
    .config_size = sizeof(struct config),
};
