// SPDX-License-Identifier: BSD-2-Clause
// `spc ps`: the containers of every engine, and who runs in them.
#include "ps_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spc/escape.h>
#include <spc/opt.h>
#include <spc/target.h>

#include "verbs.h"

#define AT(member) SPC_OPT_AT(struct ps_config, member)

static const struct spc_opt options[] = {
    {'a', "all", SPC_OPT_FLAG, AT(is_all), NULL, "Show stopped and created containers too."},
    {'p', "processes", SPC_OPT_FLAG, AT(has_processes), NULL,
     "Show the processes of each container, with the PID outside and inside of it."},
    {'Z', "context", SPC_OPT_FLAG, AT(has_labels), NULL,
     "Show the label of the security module (SELinux, AppArmor)."},
    {'q', "quiet", SPC_OPT_FLAG, AT(is_quiet), NULL, "Print IDs only."},
    {'e', NULL, SPC_OPT_FLAG, AT(is_every), NULL,
     "With -f: list every process of the node with its container. An operand is then a PATTERN, "
     "which the command line or the name of the container has to hold."},
    {'f', NULL, SPC_OPT_FLAG, AT(is_full), NULL, "See -e."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "Print one JSON object a line."},
    {0, "sysroot", SPC_OPT_STR, AT(sysroot), "DIR",
     "Look at the node whose root directory is DIR: the host below a container, a mounted disk, "
     "a recorded tree. Within 'spc run' it is $HOST."},
    {0},
};

static const struct spc_example examples[] = {
    {"spc ps", "all running containers of all engines"},
    {"spc ps -p docker:web", "one container and its processes"},
    {"spc ps -a --json | jq -r 'select(.state==\"stopped\").name'", "names of the stopped ones"},
    {"spc ps -ef nginx", "every process that has to do with nginx, and its container"},
    {"spc ps -a --sysroot /mnt", "the containers of a disk that is mounted at /mnt"},
    {0},
};

struct spc_table_options ps_table_options(const struct ps_config *cfg)
{
    const char *no_color = getenv("NO_COLOR");
    return (struct spc_table_options){
        .format = cfg->is_json ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT,
        .is_wide = cfg->has_labels,
        .is_bold = isatty(STDOUT_FILENO) && !(no_color && *no_color),
    };
}

static int print_ids(const struct spc_containers *list, struct spc_err *err)
{
    spc_auto_buf struct spc_buf out = {0};
    for (size_t i = 0; i < list->count; i++) {
        const char *id = list->items[i].short_id;
        spc_escape_text(&out, id, strlen(id));
        spc_buf_putc(&out, '\n');
    }
    fputs(spc_buf_str(&out), stdout);
    return fflush(stdout) == 0 ? 0 : spc_err_set(err, -EIO, "writing the output");
}

static int print_containers(const struct ps_config *cfg, const struct spc_containers *list,
                            struct spc_err *err)
{
    SPC_CLEANUP(spc_table_free_p) struct spc_table *table = NULL;
    struct spc_table_options how = ps_table_options(cfg);
    int r = spc_table_begin(stdout, &spc_container_kind, &how, &table, err);
    for (size_t i = 0; r == 0 && i < list->count; i++)
        r = spc_table_row(table, &list->items[i], 0, err);
    return r < 0 ? r : spc_table_end(table, err);
}

static unsigned scan_flags(const struct ps_config *cfg)
{
    return (cfg->is_quiet ? 0u : (unsigned)SPC_SCAN_DETAILS) | SPC_SCAN_OTHER |
           (cfg->is_all ? SPC_SCAN_STOPPED : 0u) | (cfg->has_labels ? SPC_SCAN_LABELS : 0u);
}

static int print(const struct ps_config *cfg, const struct spc_containers *list,
                 const struct spc_processes *processes, struct spc_err *err)
{
    if (cfg->is_quiet)
        return print_ids(list, err);
    if (cfg->has_processes)
        return ps_print_processes(cfg, list, processes, err);
    return print_containers(cfg, list, err);
}

static int show_all(const struct ps_config *cfg, struct spc_node *node, struct spc_err *err)
{
    spc_auto_containers struct spc_containers list = {0};
    spc_auto_processes struct spc_processes processes = {0};
    int r = cfg->has_processes
                ? spc_node_scan_processes(node, scan_flags(cfg), false, &list, &processes, err)
                : spc_node_scan(node, scan_flags(cfg), &list, err);
    return r < 0 ? r : print(cfg, &list, &processes, err);
}

static int show_target(const struct ps_config *cfg, struct spc_node *node, const char *text,
                       struct spc_err *err)
{
    spc_auto_target struct spc_target target = SPC_TARGET_NONE;
    spc_auto_processes struct spc_processes processes = {0};
    int r = spc_target_resolve(node, text, &target, err);
    if (r == 0 && cfg->has_processes)
        r = spc_target_processes(node, &target, &processes, err);
    if (r < 0)
        return r;
    if (!target.containers.count && !cfg->has_processes) {
        spc_err_say(err, -ENOENT, "'%s' is in no container", text);
        spc_err_exit(err, SPC_EXIT_TARGET);
        return target.kind == SPC_TARGET_NETNS ? -ENOENT
                                               : spc_err_hint(err, "-p shows its processes");
    }
    return print(cfg, &target.containers, &processes, err);
}

// In a container that `spc run` made, the node is not what we have at "/".
static const char *default_sysroot(void)
{
    const char *container = getenv("container"), *host = getenv("HOST");
    return container && strcmp(container, "spc") == 0 && host && *host ? host : NULL;
}

static int run(void *config, int argc, char **argv, struct spc_err *err)
{
    const struct ps_config *cfg = config;
    SPC_CLEANUP(spc_node_free_p) struct spc_node *node = NULL;
    if (argc > 1)
        return spc_err_usage(err, "one %s at most", cfg->is_every ? "PATTERN" : "TARGET");
    if (cfg->is_every != cfg->is_full)
        return spc_err_usage(err, "-e and -f belong together: spc ps -ef");
    int r = spc_node_open(cfg->sysroot ? cfg->sysroot : default_sysroot(), &node, err);
    if (r < 0)
        return r;
    if (cfg->is_every)
        return ps_every(cfg, node, argc ? argv[0] : NULL, err);
    return argc ? show_target(cfg, node, argv[0], err) : show_all(cfg, node, err);
}

int ps_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc ps",
        .operands = "[TARGET]\n-ef [PATTERN]",
        .description = "List the containers of every engine on this node: docker, podman, "
                       "containerd and Kubernetes, CRI-O, LXC, nspawn, raw runc and crun, bare "
                       "namespaces. State files and /proc are read; no daemon is asked.",
        .opts = options,
        .examples = examples,
        .notes = "SHARED names the namespaces that a container has in common with the host. "
                 "Reading all of this needs root; without it only what /proc shows is listed.",
        .run = run,
        .config_size = sizeof(struct ps_config),
    };
    return spc_cmd_main(&cmd, argc, argv);
}
