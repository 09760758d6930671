// SPDX-License-Identifier: BSD-2-Clause
// `spc image VERB`: the table of its verbs.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <spc/buf.h>

#include "image_verbs.h"

const struct spc_image_verb spc_image_verbs[] = {
    {"ls", "list the images of the store", &spc_image_ls_cmd},
    {"import", "bring an image into the store", &spc_image_import_cmd},
    {"export", "write an image as an OCI layout", &spc_image_export_cmd},
    {"build", "make one EROFS file of an image", &spc_image_build_cmd},
    {"rm", "remove images", &spc_image_rm_cmd},
    {"history", "show how an image was made", &spc_image_history_cmd},
    {"inspect", "show what an image is and what user space it has", &spc_image_inspect_cmd},
    {"verify", "hash everything of an image again", &spc_image_verify_cmd},
    {0},
};

const char *spc_image_root(const struct spc_image_common *common)
{
    return common->root ? common->root : SPC_STORE_ROOT;
}

int spc_image_find(const struct spc_image_common *common, const char *ref,
                   struct spc_store **ret_store, struct spc_image_record *ret, struct spc_err *err)
{
    int r = spc_store_open(spc_image_root(common), false, ret_store, err);
    if (r == -ENOENT) {
        spc_err_say(err, r, "no image '%s' in the store", ref);
        spc_err_hint(err, "the store is empty: see 'spc image import --help'");
        spc_err_exit(err, SPC_EXIT_TARGET);
        return -ENOENT;
    }
    return r < 0 ? r : spc_store_find(*ret_store, ref, ret, err);
}

static const struct spc_opt options[] = {{0}};

static void list_verbs(struct spc_buf *out)
{
    spc_buf_puts(out, "Usage: spc image VERB [OPTIONS] [ARG...]\n\n"
                      "Images for 'spc run', in a store of spc's own; no engine is needed.\n\n"
                      "Verbs:\n");
    for (const struct spc_image_verb *v = spc_image_verbs; v->name; v++)
        spc_buf_printf(out, "  %-10s %s\n", v->name, v->summary);
    spc_buf_puts(out, "\n'spc image VERB --help' explains a verb.\n");
}

static int run(void *config, int argc, char **argv, struct spc_err *err)
{
    (void)config;
    if (argc > 0) {
        const char *names[32];
        size_t count = 0;
        for (const struct spc_image_verb *v = spc_image_verbs;
             v->name && count < SPC_ARRAY_SIZE(names); v++)
            names[count++] = v->name;
        const char *near = spc_nearest(argv[0], names, count);
        spc_err_usage(err, "'%s' is no verb of 'spc image'", argv[0]);
        if (near)
            spc_err_hint(err, "did you mean '%s'?", near);
        spc_err_hint(err, "see 'spc image --help'"); // the first hint stands
        return -EINVAL;
    }
    spc_auto_buf struct spc_buf out = {0};
    list_verbs(&out);
    fputs(spc_buf_str(&out), stdout);
    return fflush(stdout) == 0 ? SPC_EXIT_OK : SPC_EXIT_FAIL;
}

int image_main(int argc, char **argv);

int image_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc image",
        .operands = "VERB [ARG...]",
        .description = "Images for 'spc run', in a store of spc's own; no engine is needed.",
        .opts = options,
        .stop_at_operand = true,
        .run = run,
    };
    for (const struct spc_image_verb *v = spc_image_verbs; v->name && argc > 1; v++)
        if (strcmp(v->name, argv[1]) == 0)
            return spc_cmd_main(v->cmd, argc - 1, argv + 1);
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        argc = 1;
    return spc_cmd_main(&cmd, argc, argv);
}
