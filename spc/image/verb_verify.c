// SPDX-License-Identifier: BSD-2-Clause
// `spc image verify`: everything that an image is made of, read and hashed again.
#include <errno.h>
#include <stdio.h>

#include <spc/table.h>

#include "image.h"
#include "image_verbs.h"
#include "layer_store.h"
#include "records.h"

struct row {
    const char *what, *digest, *result;
    bool is_good;
    char digest_text[80], result_text[300];
};

#define FIELD(key, heading, kind, member, text)                                                    \
    {                                                                                              \
        .name = key, .title = heading, .type = kind, .offset = offsetof(struct row, member),       \
        .help = text                                                                               \
    }

static const struct spc_field fields[] = {
    FIELD("what", "WHAT", SPC_TYPE_STR, what, "manifest, config, blob, or the files of a layer"),
    FIELD("digest", "DIGEST", SPC_TYPE_STR, digest, "what it is known by"),
    FIELD("good", "GOOD", SPC_TYPE_BOOL, is_good, "whether it is what it should be"),
    FIELD("result", "RESULT", SPC_TYPE_STR, result, "what is wrong"),
    {0},
};

const struct spc_record_kind spc_verify_kind = {
    .name = "verify", .fields = fields, .size = sizeof(struct row)};

struct config {
    struct spc_image_common common;
};

static const struct spc_opt options[] = {
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

struct check {
    struct spc_store *store;
    struct spc_table *table;
    unsigned bad;
};

static int report(struct check *check, const char *what, const struct spc_digest *digest,
                  const struct spc_err *wrong, struct spc_err *err)
{
    struct row row = {.what = what, .is_good = wrong->code == 0};
    snprintf(row.digest_text, sizeof(row.digest_text), "sha256:%s", digest->hex);
    snprintf(row.result_text, sizeof(row.result_text), "%.299s", wrong->text);
    row.digest = row.digest_text;
    row.result = row.is_good ? NULL : row.result_text;
    check->bad += !row.is_good;
    return spc_table_row(check->table, &row, 0, err);
}

static int check_blob(struct check *check, const char *what, const struct spc_digest *digest,
                      struct spc_err *err)
{
    struct spc_err wrong = {0};
    struct spc_digest got;
    spc_auto_close int fd = spc_store_open_blob(check->store, digest, &wrong);
    int r = fd < 0 ? fd : spc_sha256_fd(fd, got.hex);
    if (fd >= 0 && r < 0)
        spc_err_set(&wrong, r, "read");
    else if (r == 0 && !spc_digest_equal(&got, digest))
        spc_err_say(&wrong, -EBADMSG, "content is sha256:%s", got.hex);
    return report(check, what, digest, &wrong, err);
}

static int check_files(struct check *check, const struct spc_digest *diff_id, bool has_devices,
                       struct spc_err *err)
{
    struct spc_err wrong = {0};
    spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
    int r = spc_stage_begin(check->store, &stage, err);
    if (r < 0)
        return r;
    spc_layer_verify(&stage, diff_id, has_devices, false, &wrong);
    return report(check, "files", diff_id, &wrong, err);
}

static int check_image(struct check *check, const struct spc_image_record *record,
                       struct spc_err *err)
{
    if (record->kind == SPC_IMAGE_EROFS)
        return check_blob(check, "erofs", &record->manifest, err);
    int r = check_blob(check, "manifest", &record->manifest, err);
    if (r == 0)
        r = check_blob(check, "config", &record->config, err);
    if (r < 0 || check->bad)
        return r;
    spc_auto_manifest struct spc_manifest manifest = {0};
    spc_auto_config struct spc_image_config image = {0};
    r = spc_image_load(check->store, record, &manifest, &image, err);
    for (size_t i = 0; r == 0 && i < manifest.layer_count; i++)
        r = check_blob(check, "blob", &manifest.layers[i].digest, err);
    for (size_t i = 0; r == 0 && i < image.layer_count; i++)
        r = check_files(check, &image.diff_ids[i], record->has_devices, err);
    return r;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc == 0)
        return spc_err_usage(err, "verify needs the name of an IMAGE");
    spc_auto_store struct spc_store *store = NULL;
    int r = spc_store_open(spc_image_root(&config->common), true, &store, err);
    if (r < 0)
        return r;
    struct spc_table_options how = {.format =
                                        config->common.json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    r = spc_table_begin(stdout, &spc_verify_kind, &how, &table, err);
    struct check check = {.store = store, .table = table};
    for (int i = 0; r == 0 && i < argc; i++) {
        spc_auto_record struct spc_image_record record = {0};
        r = spc_store_find(store, argv[i], &record, err);
        if (r == 0)
            r = check_image(&check, &record, err);
    }
    if (r == 0)
        r = spc_table_end(table, err);
    return r < 0 ? r : check.bad ? SPC_EXIT_FAIL : SPC_EXIT_OK;
}

const struct spc_cmd spc_image_verify_cmd = {
    .name = "spc image verify",
    .operands = "IMAGE...",
    .description = "Read and hash again everything an image is made of: manifest, config, layers "
                   "as they came, and their unpacked files.",
    .opts = options,
    .run = run,
    .config_size = sizeof(struct config),
};
