// SPDX-License-Identifier: BSD-2-Clause
// `spc image import`.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <spc/escape.h>
#include <spc/table.h>

#include "image_verbs.h"
#include "import.h"
#include "records.h"

struct config {
    struct spc_image_common common;
    bool with_devices;
    uint64_t max_size;
};

static const struct spc_opt options[] = {
    {.name = "devices",
     .type = SPC_OPT_FLAG,
     SPC_OPT_AT(struct config, with_devices),
     .help = "Make the device nodes that the image holds; they are left out otherwise."},
    {.name = "max-size",
     .type = SPC_OPT_U64,
     .metavar = "BYTES",
     SPC_OPT_AT(struct config, max_size),
     .help = "Refuse an image that unpacks to more than this (default: 32 GiB)."},
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static const struct spc_example examples[] = {
    {"spc image import ./layout", "an OCI layout, under its own name"},
    {"spc image import tools.tar.gz tools", "an archive, as 'tools'"},
    {"spc image import docker:debian:12", "what docker has, through 'docker save'"},
    {0},
};

static int print_record(const struct config *config, const struct spc_image_record *record,
                        struct spc_err *err)
{
    if (!config->common.json) {
        spc_auto_buf struct spc_buf line = {0};
        spc_escape_text(&line, record->name, strlen(record->name));
        printf("%s %s\n", record->id, spc_buf_str(&line));
        return fflush(stdout) == 0 ? 0 : spc_err_set(err, -errno, "write to standard output");
    }
    struct spc_table_options how = {.format = SPC_FORMAT_JSON};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    int r = spc_table_begin(stdout, &spc_image_kind_record, &how, &table, err);
    if (r == 0)
        r = spc_table_row(table, record, 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc < 1 || argc > 2)
        return spc_err_usage(err, "import needs SOURCE and may have NAME; see --help");
    spc_auto_store struct spc_store *store = NULL;
    int r = spc_store_open(spc_image_root(&config->common), true, &store, err);
    if (r < 0)
        return r;
    struct spc_import import = {.source = argv[0],
                                .name = argc > 1 ? argv[1] : NULL,
                                .with_devices = config->with_devices,
                                .max_bytes = config->max_size};
    spc_auto_record struct spc_image_record record = {0};
    struct spc_progress progress;
    spc_progress_begin(&progress, stderr, "importing", 0);
    import.progress = &progress;
    r = spc_image_import(store, &import, &record, err);
    spc_progress_end(&progress);
    if (r == 0)
        r = print_record(config, &record, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

const struct spc_cmd spc_image_import_cmd = {
    .name = "spc image import",
    .operands = "SOURCE [NAME]",
    .description = "Verify an image and unpack it into the store.",
    .opts = options,
    .examples = examples,
    .run = run,
    .config_size = sizeof(struct config),
};
