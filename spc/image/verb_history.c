// SPDX-License-Identifier: BSD-2-Clause
// `spc image history`.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <spc/table.h>

#include "image.h"
#include "image_verbs.h"
#include "layer_store.h"
#include "records.h"

// One step of how the image was made, newest first.
struct row {
    const char *layer; // short digest of the layer, or NULL where the step made none
    char short_digest[16], digest_text[80], diff_text[80];
    const char *digest, *diff_id;
    uint64_t age_ns, created_ns, size;
    const char *created_by, *comment;
};

#define FIELD(key, heading, kind, member, bits, text)                                              \
    {                                                                                              \
        .name = key, .title = heading, .type = kind, .offset = offsetof(struct row, member),       \
        .flags = bits, .help = text                                                                \
    }

static const struct spc_field fields[] = {
    FIELD("layer", "LAYER", SPC_TYPE_STR, layer, 0, "start of the layer's digest"),
    FIELD("age", "AGE", SPC_TYPE_DURATION, age_ns, SPC_FIELD_RIGHT, "since this step was made"),
    FIELD("created", "CREATED", SPC_TYPE_TIME, created_ns, SPC_FIELD_JSON, "when"),
    FIELD("size", "SIZE", SPC_TYPE_U64, size, SPC_FIELD_RIGHT, "bytes, unpacked"),
    FIELD("created_by", "CREATED BY", SPC_TYPE_STR, created_by, 0, "the command of the step"),
    FIELD("comment", "COMMENT", SPC_TYPE_STR, comment, SPC_FIELD_WIDE, "what the builder says"),
    FIELD("digest", "DIGEST", SPC_TYPE_STR, digest, SPC_FIELD_WIDE, "digest of the layer's blob"),
    FIELD("diff_id", "DIFF ID", SPC_TYPE_STR, diff_id, SPC_FIELD_WIDE,
          "digest of the unpacked layer"),
    {0},
};

const struct spc_record_kind spc_history_kind = {
    .name = "history", .fields = fields, .size = sizeof(struct row)};

struct config {
    struct spc_image_common common;
    bool is_wide;
};

static const struct spc_opt options[] = {
    {.letter = 'w',
     .name = "wide",
     .type = SPC_OPT_FLAG,
     SPC_OPT_AT(struct config, is_wide),
     .help = "Print all columns."},
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static void set_layer(struct spc_store *store, const struct spc_manifest *manifest,
                      const struct spc_image_config *image, size_t i, struct row *row)
{
    snprintf(row->short_digest, sizeof(row->short_digest), "%.12s", manifest->layers[i].digest.hex);
    snprintf(row->digest_text, sizeof(row->digest_text), "sha256:%s",
             manifest->layers[i].digest.hex);
    snprintf(row->diff_text, sizeof(row->diff_text), "sha256:%s", image->diff_ids[i].hex);
    row->layer = row->short_digest;
    row->digest = row->digest_text;
    row->diff_id = row->diff_text;
    struct spc_layer_info info;
    char key[80];
    for (int devices = 0; devices < 2; devices++) {
        spc_layer_key(&image->diff_ids[i], devices, key);
        if (spc_layer_info_read(store, key, &info) == 0)
            row->size = info.stats.bytes;
    }
}

static uint64_t age(uint64_t created_ns)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    return created_ns && created_ns < now_ns ? now_ns - created_ns : UINT64_MAX;
}

// Steps and layers are two lists: each step that is not empty has the next layer. Builders forget
// steps; layers that are left over get a row of their own.
static int print_rows(struct spc_store *store, const struct spc_manifest *manifest,
                      const struct spc_image_config *image, struct spc_table *table,
                      struct spc_err *err)
{
    size_t layer =
        manifest->layer_count < image->layer_count ? manifest->layer_count : image->layer_count;
    size_t with_layer = 0;
    for (size_t i = 0; i < image->history_count; i++)
        with_layer += !image->history[i].is_empty;
    int r = 0;
    for (; r == 0 && layer > with_layer; layer--) {
        struct row row = {.age_ns = UINT64_MAX};
        set_layer(store, manifest, image, layer - 1, &row);
        r = spc_table_row(table, &row, 0, err);
    }
    for (size_t i = image->history_count; r == 0 && i-- > 0;) {
        const struct spc_history_item *item = &image->history[i];
        struct row row = {.age_ns = age(item->created_ns),
                          .created_ns = item->created_ns,
                          .created_by = item->created_by,
                          .comment = item->comment};
        if (!item->is_empty && with_layer-- <= layer && layer > 0)
            set_layer(store, manifest, image, --layer, &row);
        r = spc_table_row(table, &row, 0, err);
    }
    return r;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc != 1)
        return spc_err_usage(err, "history needs one IMAGE");
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_record struct spc_image_record record = {0};
    spc_auto_manifest struct spc_manifest manifest = {0};
    spc_auto_config struct spc_image_config image = {0};
    int r = spc_image_find(&config->common, argv[0], &store, &record, err);
    if (r == 0 && record.kind == SPC_IMAGE_EROFS)
        return spc_err_say(err, -EOPNOTSUPP, "'%s' is one EROFS file: it has no history", argv[0]);
    if (r == 0)
        r = spc_image_load(store, &record, &manifest, &image, err);
    if (r < 0)
        return r;
    struct spc_table_options how = {.format =
                                        config->common.json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
                                    .is_wide = config->is_wide};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    r = spc_table_begin(stdout, &spc_history_kind, &how, &table, err);
    if (r == 0)
        r = print_rows(store, &manifest, &image, table, err);
    if (r == 0)
        r = spc_table_end(table, err);
    return r < 0 ? r : SPC_EXIT_OK;
}

const struct spc_cmd spc_image_history_cmd = {
    .name = "spc image history",
    .operands = "IMAGE",
    .description = "Show how an image was made, the newest step first.",
    .opts = options,
    .run = run,
    .config_size = sizeof(struct config),
};
