// SPDX-License-Identifier: BSD-2-Clause
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <spc/container.h>
#include <spc/opt.h>
#include <spc/table.h>
#include <spc/target.h>

struct config {
    bool is_all, has_processes, has_labels, is_quiet, is_json, is_every, is_full;
    const char *sysroot;
};

static const struct spc_opt options[] = {
    {'a', "all", SPC_OPT_FLAG, SPC_OPT_AT(struct config, is_all), NULL,
     "also containers that do not run"},
    {0, "json", SPC_OPT_FLAG, SPC_OPT_AT(struct config, is_json), NULL, "one JSON object a line"},
    {0, "sysroot", SPC_OPT_STR, SPC_OPT_AT(struct config, sysroot), "DIR",
     "look at the node whose root directory is DIR"},
    {0},
};

static int run(void *config, int argc, char **argv, struct spc_err *err)
{
    struct config *cfg = config;
    (void)argc, (void)argv;
    SPC_CLEANUP(spc_node_free_p) struct spc_node *node = NULL;
    spc_auto_containers struct spc_containers list = {0};
    int r = spc_node_open(cfg->sysroot, &node, err);
    if (r == 0)
        r = spc_node_scan(node, SPC_SCAN_DETAILS | (cfg->is_all ? SPC_SCAN_STOPPED : 0), &list,
                          err);
    if (r < 0)
        return r;
    struct spc_table_options opt = {.format = cfg->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    r = spc_table_begin(stdout, &spc_container_kind, &opt, &table, err);
    for (size_t i = 0; r == 0 && i < list.count; i++)
        r = spc_table_row(table, &list.items[i], 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

int ps_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {.name = "spc ps",
                                       .operands = "[TARGET]",
                                       .description = "List containers.",
                                       .opts = options,
                                       .run = run,
                                       .config_size = sizeof(struct config)};
    return spc_cmd_main(&cmd, argc, argv);
}
