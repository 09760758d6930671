// SPDX-License-Identifier: BSD-2-Clause
// The grammar of TARGET (target.h).
#include "target_priv.h"

#include <errno.h>
#include <string.h>

#include <spc/opt.h>
#include <spc/own.h>
#include <spc/proc.h>

static int bad(struct spc_err *err, const char *text, const char *why)
{
    spc_err_say(err, -EINVAL, "'%s' is no TARGET: %s", text, why);
    spc_err_exit(err, SPC_EXIT_TARGET);
    return spc_err_hint(err, "a name, an ID, ENGINE:NAME, pod/NAMESPACE/POD[/CONTAINER], pid:N, "
                             "cgroup:/PATH, unit:NAME, netns:/PATH or host");
}

static int keep(char **field, const char *text, size_t len)
{
    *field = strndup(text, len);
    return *field ? 0 : -ENOMEM;
}

static int parse_pod(const char *text, const char *rest, struct spc_target_spec *spec,
                     struct spc_err *err)
{
    const char *pod = strchr(rest, '/');
    if (!pod || pod == rest)
        return bad(err, text, "a pod is pod/NAMESPACE/POD or pod/NAMESPACE/POD/CONTAINER");
    pod++;
    size_t pod_len = strcspn(pod, "/");
    const char *container = pod[pod_len] ? pod + pod_len + 1 : NULL;
    if (!pod_len || (container && (!*container || strchr(container, '/'))))
        return bad(err, text, "a pod is pod/NAMESPACE/POD or pod/NAMESPACE/POD/CONTAINER");
    spec->kind = container ? SPC_TARGET_CONTAINER : SPC_TARGET_POD;
    if (keep(&spec->pod_namespace, rest, (size_t)(pod - 1 - rest)) < 0 ||
        keep(&spec->pod, pod, pod_len) < 0 ||
        (container && keep(&spec->pod_container, container, strlen(container)) < 0))
        return spc_err_set(err, -ENOMEM, "TARGET");
    return 0;
}

static int parse_pid(const char *text, const char *rest, struct spc_target_spec *spec,
                     struct spc_err *err)
{
    spec->kind = SPC_TARGET_PROCESS;
    spec->pid = spc_proc_parse_pid(rest);
    return spec->pid > 0 ? 0 : bad(err, text, "a process is pid:NUMBER");
}

static int parse_path(const char *text, const char *rest, enum spc_target_kind kind,
                      struct spc_target_spec *spec, struct spc_err *err)
{
    spec->kind = kind;
    if (kind == SPC_TARGET_CGROUP && *rest != '/')
        return bad(err, text, "a cgroup is cgroup:/PATH");
    if (keep(&spec->name, rest, strlen(rest)) < 0)
        return spc_err_set(err, -ENOMEM, "TARGET");
    return 0;
}

static int parse_cgroup(const char *text, const char *rest, struct spc_target_spec *spec,
                        struct spc_err *err)
{
    return parse_path(text, rest, SPC_TARGET_CGROUP, spec, err);
}

static int parse_netns(const char *text, const char *rest, struct spc_target_spec *spec,
                       struct spc_err *err)
{
    return parse_path(text, rest, SPC_TARGET_NETNS, spec, err);
}

// systemctl's habit: a name without a suffix is a service.
static int parse_unit(const char *text, const char *rest, struct spc_target_spec *spec,
                      struct spc_err *err)
{
    spec->kind = SPC_TARGET_CGROUP;
    if (strchr(rest, '/'))
        return bad(err, text, "a unit is unit:NAME.service, .scope or .slice");
    const char *suffix = strchr(rest, '.') ? "" : ".service";
    return asprintf(&spec->name, "%s%s", rest, suffix) < 0 ? spc_err_set(err, -ENOMEM, "TARGET")
                                                           : 0;
}

static const struct {
    const char *prefix;
    int (*parse)(const char *text, const char *rest, struct spc_target_spec *spec,
                 struct spc_err *err);
} forms[] = {
    {"pod/", parse_pod},       {"pod:", parse_pod},   {"pid:", parse_pid},
    {"cgroup:", parse_cgroup}, {"unit:", parse_unit}, {"netns:", parse_netns},
};

static int parse_engine(const char *text, const char *colon, struct spc_target_spec *spec,
                        struct spc_err *err)
{
    const char *names[_SPC_ENGINE_MAX], *rest = colon + 1;
    size_t len = (size_t)(colon - text);
    spec->engine = -1;
    for (int i = 0; i < _SPC_ENGINE_MAX; i++) {
        names[i] = spc_engine_name((enum spc_engine)i);
        if (strlen(names[i]) == len && memcmp(text, names[i], len) == 0)
            spec->engine = i;
    }
    if (spec->engine < 0) {
        spc_auto_free char *word = strndup(text, len);
        const char *near = word ? spc_nearest(word, names, _SPC_ENGINE_MAX) : NULL;
        spc_err_say(err, -EINVAL, "'%s': there is no engine '%s'", text, word ? word : "");
        spc_err_exit(err, SPC_EXIT_TARGET);
        return near ? spc_err_hint(err, "did you mean '%s:%s'?", near, rest)
                    : spc_err_hint(err, "engines: docker, podman, containerd, crio, lxc, nspawn, "
                                        "runc, crun, other");
    }
    // docker://ID, as Kubernetes writes it.
    if (strncmp(rest, "//", 2) == 0)
        rest += 2;
    const char *slash = spec->engine == SPC_ENGINE_CONTAINERD ? strchr(rest, '/') : NULL;
    if (slash && keep(&spec->engine_namespace, rest, (size_t)(slash - rest)) < 0)
        return spc_err_set(err, -ENOMEM, "TARGET");
    if (slash)
        rest = slash + 1;
    if (!*rest)
        return bad(err, text, "the name behind the engine is missing");
    return keep(&spec->name, rest, strlen(rest)) < 0 ? spc_err_set(err, -ENOMEM, "TARGET") : 0;
}

static int parse(const char *text, struct spc_target_spec *spec, struct spc_err *err)
{
    if (!*text)
        return bad(err, text, "it is empty");
    if (strcmp(text, "host") == 0) {
        spec->kind = SPC_TARGET_HOST;
        return 0;
    }
    for (size_t i = 0; i < SPC_ARRAY_SIZE(forms); i++) {
        size_t len = strlen(forms[i].prefix);
        if (strncmp(text, forms[i].prefix, len) != 0)
            continue;
        if (!text[len])
            return bad(err, text, "there is nothing behind the prefix");
        return forms[i].parse(text, text + len, spec, err);
    }
    spec->kind = SPC_TARGET_CONTAINER;
    const char *colon = strchr(text, ':');
    if (colon)
        return parse_engine(text, colon, spec, err);
    return keep(&spec->name, text, strlen(text)) < 0 ? spc_err_set(err, -ENOMEM, "TARGET") : 0;
}

int spc_target_parse(const char *text, struct spc_target_spec *ret, struct spc_err *err)
{
    SPC_CLEANUP(spc_target_spec_free) struct spc_target_spec spec = {.engine = -1};
    int r = parse(text, &spec, err);
    if (r < 0)
        return r;
    *ret = spec;
    spec = (struct spc_target_spec){0};
    return 0;
}

void spc_target_spec_free(struct spc_target_spec *spec)
{
    free(spec->engine_namespace);
    free(spec->name);
    free(spec->pod_namespace);
    free(spec->pod);
    free(spec->pod_container);
    *spec = (struct spc_target_spec){.engine = -1};
}

static bool is_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

enum spc_target_fit spc_target_fits(const struct spc_target_spec *spec,
                                    const struct spc_container *c)
{
    if (spec->engine >= 0 && (int)c->engine != spec->engine)
        return SPC_FIT_NONE;
    if (spec->engine_namespace && !is_same(spec->engine_namespace, c->engine_namespace))
        return SPC_FIT_NONE;
    if (spec->pod) {
        bool fits = is_same(spec->pod, c->pod) && is_same(spec->pod_namespace, c->pod_namespace) &&
                    (!spec->pod_container || is_same(spec->pod_container, c->pod_container));
        return fits ? SPC_FIT_ID : SPC_FIT_NONE;
    }
    // An ID that people chose (LXC, nspawn, runc, ctr) is a name like any other.
    if (is_same(spec->name, c->id))
        return strcmp(c->id, c->short_id) != 0 ? SPC_FIT_ID : SPC_FIT_NAME;
    if (is_same(spec->name, c->name))
        return SPC_FIT_NAME;
    return spec->name && strncmp(spec->name, c->id, strlen(spec->name)) == 0 ? SPC_FIT_PREFIX
                                                                             : SPC_FIT_NONE;
}
