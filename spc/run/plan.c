// SPDX-License-Identifier: BSD-2-Clause
// From the command line to the plan.
#include "plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <spc/own.h>

void spc_run_plan_free(struct run_plan *plan)
{
    spc_run_image_free(&plan->image);
    for (size_t i = 0; i < plan->volume_count; i++)
        spc_run_volume_free(&plan->volumes[i]);
    free(plan->volumes);
    for (int i = 0; i < _SPC_NS_MAX; i++)
        if (plan->ns[i].mode == RUN_NS_JOIN)
            spc_close(plan->ns[i].fd);
    free(plan->name);
    free(plan->hostname);
    free(plan->user);
    free(plan->cwd);
    spc_strv_free(&plan->argv);
    spc_strv_free(&plan->env);
    *plan = (struct run_plan){0};
}

static int copy(char **ret, const char *str, struct spc_err *err)
{
    *ret = str ? strdup(str) : NULL;
    return str && !*ret ? spc_err_set(err, -ENOMEM, "plan") : 0;
}

static int add_volumes(struct run_plan *plan, struct spc_err *err)
{
    size_t count = plan->config->volumes.count;
    if (count == 0)
        return 0;
    plan->volumes = calloc(count, sizeof(*plan->volumes));
    if (!plan->volumes)
        return spc_err_set(err, -ENOMEM, "volumes");
    spc_strv_foreach (&plan->config->volumes, word) {
        int r = spc_run_volume_parse(*word, &plan->volumes[plan->volume_count], err);
        if (r < 0)
            return r;
        plan->volume_count++;
    }
    return 0;
}

static int add_words(struct spc_strv *argv, const struct spc_strv *words)
{
    int r = 0;
    spc_strv_foreach (words, word)
        if (r == 0)
            r = spc_strv_add(argv, *word);
    return r;
}

// As docker puts it together: ENTRYPOINT (--entrypoint replaces it and drops CMD) in front of the
// words given, or of CMD where none are. An image that says nothing gets a shell.
static int add_command(struct run_plan *plan, int argc, char **argv, struct spc_err *err)
{
    const char *entrypoint = plan->config->entrypoint;
    int r = 0;
    if (!entrypoint)
        r = add_words(&plan->argv, &plan->image.entrypoint);
    else if (*entrypoint)
        r = spc_strv_add(&plan->argv, entrypoint);
    for (int i = 0; i < argc && r == 0; i++)
        r = spc_strv_add(&plan->argv, argv[i]);
    if (argc == 0 && !entrypoint && r == 0)
        r = add_words(&plan->argv, &plan->image.cmd);
    if (plan->argv.count == 0 && r == 0)
        r = spc_strv_add(&plan->argv, "/bin/sh");
    return r < 0 ? spc_err_set(err, r, "command") : 0;
}

static int add_namespaces(struct run_plan *plan, struct spc_err *err)
{
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        int r =
            spc_run_ns_parse((enum spc_ns_kind)kind, plan->config->ns[kind], &plan->ns[kind], err);
        if (r < 0)
            return r;
    }
    struct run_ns *uts = &plan->ns[SPC_NS_UTS];
    if (!plan->config->hostname)
        return 0;
    if (plan->config->ns[SPC_NS_UTS] && uts->mode != RUN_NS_PRIVATE)
        return spc_err_usage(err, "--hostname needs --uts private: it would rename the host or "
                                  "another container");
    uts->mode = RUN_NS_PRIVATE;
    return copy(&plan->hostname, plan->config->hostname, err);
}

static int add_identity(struct run_plan *plan, struct spc_err *err)
{
    const char *base = strrchr(plan->image.name, '/');
    base = base && base[1] ? base + 1 : plan->image.name;
    int r = copy(&plan->name, plan->config->name ? plan->config->name : base, err);
    if (r == 0)
        r = copy(&plan->user, plan->config->user ? plan->config->user : plan->image.user, err);
    if (r < 0)
        return r;
    // Linux says "(unreachable)/..." for a directory outside of the root (getcwd(3)).
    plan->cwd = getcwd(NULL, 0);
    if (plan->cwd && plan->cwd[0] != '/') {
        free(plan->cwd);
        plan->cwd = NULL;
    }
    return 0;
}

static int make(struct run_plan *plan, int argc, char **argv, struct spc_err *err)
{
    int r = spc_run_image_load(argv[0], &plan->image, err);
    if (r == 0)
        r = add_namespaces(plan, err);
    if (r == 0)
        r = add_volumes(plan, err);
    if (r == 0)
        r = add_identity(plan, err);
    if (r == 0)
        r = add_command(plan, argc - 1, argv + 1, err);
    return r == 0 ? spc_run_env_make(plan, err) : r;
}

int spc_run_plan_make(const struct run_config *config, int argc, char **argv, struct run_plan *ret,
                      struct spc_err *err)
{
    struct run_plan plan SPC_CLEANUP(spc_run_plan_free) = {.config = config};
    if (argc < 1) {
        spc_err_usage(err, "no IMAGE given");
        return spc_err_hint(err, "try 'spc run tools', or see 'spc run --help'");
    }
    int r = make(&plan, argc, argv, err);
    if (r < 0)
        return r;
    *ret = plan;
    plan = (struct run_plan){0};
    return 0;
}
