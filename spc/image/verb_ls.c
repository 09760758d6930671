// SPDX-License-Identifier: BSD-2-Clause
// `spc image ls` and what prints an image's record.
#include <errno.h>
#include <stdio.h>

#include <spc/table.h>

#include "image_verbs.h"
#include "records.h"
#include "store.h"

#define FIELD(key, heading, kind, member, bits, text)                                              \
    {                                                                                              \
        .name = key, .title = heading, .type = kind,                                               \
        .offset = offsetof(struct spc_image_record, member), .flags = bits, .help = text           \
    }

static const struct spc_field fields[] = {
    FIELD("name", "NAME", SPC_TYPE_STR, name, 0, "name in the store"),
    FIELD("id", "ID", SPC_TYPE_STR, id, 0, "start of the digest of the config"),
    FIELD("digest", "DIGEST", SPC_TYPE_STR, digest, SPC_FIELD_WIDE,
          "digest of the manifest, or of the EROFS file"),
    FIELD("form", "FORM", SPC_TYPE_STR, kind_name, 0, "layers, or erofs (one file)"),
    FIELD("layers", "LAYERS", SPC_TYPE_U64, layers, SPC_FIELD_RIGHT, "number of layers"),
    FIELD("size", "SIZE", SPC_TYPE_U64, size, SPC_FIELD_RIGHT, "bytes, unpacked"),
    FIELD("age", "AGE", SPC_TYPE_DURATION, age_ns, SPC_FIELD_RIGHT, "since it was built"),
    FIELD("created", "CREATED", SPC_TYPE_TIME, created_ns, SPC_FIELD_JSON, "when it was built"),
    FIELD("imported", "IMPORTED", SPC_TYPE_TIME, imported_ns, SPC_FIELD_WIDE,
          "when it came into the store"),
    FIELD("source", "SOURCE", SPC_TYPE_STR, source, SPC_FIELD_WIDE, "where it came from"),
    {0},
};

const struct spc_record_kind spc_image_kind_record = {
    .name = "image", .fields = fields, .size = sizeof(struct spc_image_record)};

struct config {
    struct spc_image_common common;
    bool is_wide, is_quiet;
};

static const struct spc_opt options[] = {
    {.letter = 'q',
     .name = "quiet",
     .type = SPC_OPT_FLAG,
     SPC_OPT_AT(struct config, is_quiet),
     .help = "Print IDs only."},
    {.letter = 'w',
     .name = "wide",
     .type = SPC_OPT_FLAG,
     SPC_OPT_AT(struct config, is_wide),
     .help = "Print all columns."},
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static int print_list(const struct config *config, const struct spc_image_records *list,
                      struct spc_err *err)
{
    if (config->is_quiet) {
        for (size_t i = 0; i < list->count; i++)
            printf("%s\n", list->items[i].id);
        return fflush(stdout) == 0 ? 0 : spc_err_set(err, -errno, "write to standard output");
    }
    struct spc_table_options how = {.format =
                                        config->common.json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
                                    .is_wide = config->is_wide};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    int r = spc_table_begin(stdout, &spc_image_kind_record, &how, &table, err);
    for (size_t i = 0; r == 0 && i < list->count; i++)
        r = spc_table_row(table, &list->items[i], 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc > 0)
        return spc_err_usage(err, "unexpected argument '%s'", argv[0]);
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_records struct spc_image_records list = {0};
    int r = spc_store_open(spc_image_root(&config->common), false, &store, err);
    if (r == -ENOENT) // nothing was imported yet
        spc_err_clear(err);
    else if (r == 0)
        r = spc_store_list(store, &list, err);
    if (r < 0 && r != -ENOENT)
        return r;
    r = print_list(config, &list, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

const struct spc_cmd spc_image_ls_cmd = {
    .name = "spc image ls",
    .operands = "",
    .description = "List the images of the store.",
    .opts = options,
    .run = run,
    .config_size = sizeof(struct config),
};
