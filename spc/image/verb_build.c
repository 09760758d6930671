// SPDX-License-Identifier: BSD-2-Clause
// `spc image build`: one EROFS file of an image.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "image.h"
#include "image_verbs.h"
#include "merge.h"

struct config {
    struct spc_image_common common;
    const char *compression;
};

static const struct spc_opt options[] = {
    {.name = "compress",
     .type = SPC_OPT_STR,
     .metavar = "ALGORITHM",
     SPC_OPT_AT(struct config, compression),
     .help = "As mkfs.erofs -z takes it: lz4 (default), lz4hc, ...; 'none' for no compression."},
    SPC_IMAGE_COMMON_OPTS(struct config, common),
    {0},
};

static int run_mkfs(const struct config *config, const char *file, const char *dir,
                    struct spc_err *err)
{
    char compression[64];
    const char *how = config->compression ? config->compression : "lz4";
    snprintf(compression, sizeof(compression), "-z%.60s", how);
    const char *argv[8] = {"mkfs.erofs", "--quiet"};
    size_t n = 2;
    // The same image gives the same file: no time of making, no random UUID.
    argv[n++] = "-T0";
    argv[n++] = "-U00000000-0000-0000-0000-000000000000";
    if (strcmp(how, "none") != 0)
        argv[n++] = compression;
    argv[n++] = file;
    argv[n++] = dir;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (r == ENOENT) {
        spc_err_say(err, -ENOENT, "mkfs.erofs is not installed here");
        spc_err_hint(err, "install erofs-utils, or build on another machine");
        return -ENOENT;
    }
    int status;
    if (r != 0)
        return spc_err_set(err, -r, "run mkfs.erofs");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return spc_err_set(err, -errno, "wait for mkfs.erofs");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return spc_err_say(err, -EIO, "mkfs.erofs failed; its message is above");
    return 0;
}

static int build(const struct config *config, const char *ref, const char *file,
                 struct spc_err *err)
{
    spc_auto_store struct spc_store *store = NULL;
    spc_auto_stage struct spc_stage stage = SPC_STAGE_NONE;
    spc_auto_image struct spc_image image = SPC_IMAGE_NONE;
    spc_auto_free char *dir = NULL, *made = NULL;
    int r = spc_image_open(spc_image_root(&config->common), ref, &image, err);
    if (r == 0 && image.form == SPC_FORM_EROFS)
        return spc_err_say(err, -EINVAL, "'%s' is one EROFS file already", ref);
    if (r == 0)
        r = spc_store_open(spc_image_root(&config->common), true, &store, err);
    if (r == 0)
        r = spc_stage_begin(store, &stage, err);
    if (r == 0)
        r = spc_merge_layers(image.layers, image.layer_count, stage.dir, "merged", err);
    if (r < 0)
        return r;
    if (asprintf(&dir, "%s/tmp/%s/merged", store->path, stage.name) < 0 ||
        asprintf(&made, "%s.spc-new", file) < 0)
        return spc_err_set(err, -ENOMEM, "build");
    r = run_mkfs(config, made, dir, err);
    if (r == 0 && rename(made, file) < 0)
        r = spc_err_set(err, -errno, "rename '%s'", made);
    if (r < 0)
        unlink(made);
    return r;
}

static int run(void *arg, int argc, char **argv, struct spc_err *err)
{
    if (argc != 2)
        return spc_err_usage(err, "build needs an IMAGE and a FILE");
    int r = build(arg, argv[0], argv[1], err);
    return r < 0 ? r : SPC_EXIT_OK;
}

static const struct spc_example examples[] = {
    {"spc image build tools tools.erofs", "one file that 'spc run ./tools.erofs' mounts at once"},
    {0},
};

const struct spc_cmd spc_image_build_cmd = {
    .name = "spc image build",
    .operands = "IMAGE FILE",
    .description = "Make one EROFS file of an image, by mkfs.erofs. 'spc run' mounts it without "
                   "unpacking; the settings of the image's config are not part of it.",
    .opts = options,
    .examples = examples,
    .run = run,
    .config_size = sizeof(struct config),
};
