// SPDX-License-Identifier: BSD-2-Clause
// `spc image inspect`.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <spc/field_print.h>
#include <spc/table.h>

#include "image.h"
#include "image_verbs.h"
#include "records.h"
#include "userspace.h"

struct row {
    struct spc_image_record record;
    struct spc_image_config config;
    struct spc_userspace userspace;
    struct spc_strv labels, layers;
    const char *form;
};

#define FIELD(key, heading, kind, member, bits, text)                                              \
    {                                                                                              \
        .name = key, .title = heading, .type = kind, .offset = offsetof(struct row, member),       \
        .flags = bits, .help = text                                                                \
    }

static const struct spc_field fields[] = {
    FIELD("name", "Name", SPC_TYPE_STR, record.name, 0, "name in the store"),
    FIELD("id", "ID", SPC_TYPE_STR, record.id, 0, "start of the digest of the config"),
    FIELD("digest", "Digest", SPC_TYPE_STR, record.digest, 0, "of the manifest or EROFS file"),
    FIELD("form", "Form", SPC_TYPE_STR, form, 0, "layers, or erofs (one file)"),
    FIELD("source", "Source", SPC_TYPE_STR, record.source, 0, "where it came from"),
    FIELD("created", "Created", SPC_TYPE_TIME, record.created_ns, 0, "when it was built"),
    FIELD("imported", "Imported", SPC_TYPE_TIME, record.imported_ns, 0, "when it came here"),
    FIELD("size", "Size", SPC_TYPE_U64, record.size, 0, "bytes, unpacked"),
    FIELD("os", "System", SPC_TYPE_STR, userspace.os, 0, "name in os-release"),
    FIELD("os_id", "System ID", SPC_TYPE_STR, userspace.os_id, 0, "ID and VERSION_ID"),
    FIELD("libc", "C library", SPC_TYPE_STR, userspace.libc, 0, "C library and its version"),
    FIELD("libc_arch", "C library for", SPC_TYPE_STR, userspace.arch, 0, "its architecture"),
    FIELD("packaging", "Packages by", SPC_TYPE_STR, userspace.packaging, 0, "dpkg, apk, rpm"),
    FIELD("packages", "Packages", SPC_TYPE_U64, userspace.packages, 0, "how many; 0: not known"),
    FIELD("architecture", "Architecture", SPC_TYPE_STR, config.architecture, 0, "by the config"),
    FIELD("entrypoint", "Entrypoint", SPC_TYPE_STRV, config.entrypoint, 0, "what is run"),
    FIELD("cmd", "Command", SPC_TYPE_STRV, config.cmd, 0, "its arguments, unless others are given"),
    FIELD("env", "Environment", SPC_TYPE_STRV, config.env, 0, "set for it"),
    FIELD("workdir", "Directory", SPC_TYPE_STR, config.workdir, 0, "where it starts"),
    FIELD("user", "User", SPC_TYPE_STR, config.user, 0, "who it runs as"),
    FIELD("labels", "Labels", SPC_TYPE_STRV, labels, 0, "KEY=VALUE"),
    FIELD("layers", "Layers", SPC_TYPE_STRV, layers, 0, "diff_ids, bottom first"),
    {0},
};

const struct spc_record_kind spc_image_details_kind = {
    .name = "image_details", .fields = fields, .size = sizeof(struct row)};

struct config {
    struct spc_image_common common;
};

static const struct spc_opt options[] = {
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static void row_free(struct row *row)
{
    spc_image_record_free(&row->record);
    spc_image_config_free(&row->config);
    spc_userspace_free(&row->userspace);
    spc_strv_free(&row->labels);
    spc_strv_free(&row->layers);
}

static int add_lists(struct row *row)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < row->config.label_keys.count; i++)
        r = spc_strv_addf(&row->labels, "%s=%s", row->config.label_keys.items[i],
                          row->config.label_values.items[i]);
    for (size_t i = 0; r == 0 && i < row->config.layer_count; i++)
        r = spc_strv_addf(&row->layers, "sha256:%s", row->config.diff_ids[i].hex);
    return r;
}

static int fill(const struct config *config, const char *ref, struct row *row, struct spc_err *err)
{
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_image struct spc_image image = SPC_IMAGE_NONE;
    int r = spc_image_find(&config->common, ref, &store, &row->record, err);
    if (r == 0)
        r = spc_image_open(spc_image_root(&config->common), row->record.name, &image, err);
    if (r < 0)
        return r;
    row->form = row->record.kind_name;
    spc_userspace_read(image.layers, image.layer_count, &row->userspace);
    row->config = image.config;
    image.config = (struct spc_image_config){0};
    r = add_lists(row);
    return r < 0 ? spc_err_set(err, r, "inspect '%s'", ref) : 0;
}

// One line a field: a single row would not fit any screen.
static void print_text(const struct row *row, struct spc_buf *out)
{
    for (const struct spc_field *f = fields; f->name; f++) {
        size_t len = strlen(f->title);
        spc_buf_puts(out, f->title);
        spc_buf_putc(out, ':');
        spc_buf_pad(out, ' ', len < 15 ? 15 - len : 1);
        spc_field_text(f, row, out);
        spc_buf_putc(out, '\n');
    }
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    struct config *config = arg;
    if (argc == 0)
        return spc_err_usage(err, "inspect needs the name of an IMAGE");
    spc_auto_buf struct spc_buf out = {0};
    for (int i = 0; i < argc; i++) {
        struct row row SPC_CLEANUP(row_free) = {0};
        int r = fill(config, argv[i], &row, err);
        if (r < 0)
            return r;
        if (config->common.json) {
            struct spc_json json = {.buf = &out};
            spc_record_json(&spc_image_details_kind, &row, &json);
            spc_buf_putc(&out, '\n');
        } else {
            spc_buf_puts(&out, i ? "\n" : "");
            print_text(&row, &out);
        }
    }
    fputs(spc_buf_str(&out), stdout);
    return fflush(stdout) == 0 ? SPC_EXIT_OK : spc_err_set(err, -errno, "write to standard output");
}

const struct spc_cmd spc_image_inspect_cmd = {
    .name = "spc image inspect",
    .operands = "IMAGE...",
    .description = "Show what an image is, what it runs, and what user space it holds.",
    .opts = options,
    .run = run,
    .config_size = sizeof(struct config),
};
