// SPDX-License-Identifier: BSD-2-Clause
// containerd: bundles STATE/io.containerd.runtime.v2.task/NAMESPACE/ID with init.pid and
// config.json, whose annotations name the pod (containerd's CRI plugin, nerdctl).
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/proc.h>

#include "scan_priv.h"

#define CONFIG_MAX (1u << 20)

static const char *const daemons[] = {"containerd", "containerd-shim", NULL};

// Where bundles are, below the state directory: shim v2, and shim v1 of containerd before 1.4.
static const char *const task_dirs[] = {"io.containerd.runtime.v2.task",
                                        "io.containerd.runtime.v1.linux"};

// A shim runs in its bundle: STATE/TASKS/NAMESPACE/ID.
static int find_by_shim(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    char cwd[PATH_MAX];
    if (spc_node_link(scan->node, scan->rows[daemon->row].pid, "cwd", cwd, sizeof(cwd)) < 0)
        return 0;
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(cwd, '/');
        if (!slash || slash == cwd)
            return 0;
        *slash = '\0';
    }
    return spc_scan_add_source(scan, SPC_SOURCE_CONTAINERD, daemon, cwd);
}

// Value of a string at the top level of a TOML file: before the first [table].
static char *toml_string(const char *text, const char *key)
{
    size_t key_len = strlen(key);
    for (const char *line = text; *line && *(line += strspn(line, " \t")) != '[';) {
        const char *p = line + key_len;
        if (strncmp(line, key, key_len) == 0 && (p += strspn(p, " \t"), *p == '=')) {
            p += 1 + strspn(p + 1, " \t");
            char quote = *p++;
            size_t len = strcspn(p, "\"'\n");
            return (quote == '"' || quote == '\'') && p[len] == quote ? strndup(p, len) : NULL;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return NULL;
}

static int find_by_config(struct spc_scan *scan, const struct spc_daemon *daemon, const char *path)
{
    spc_auto_free char *text = NULL, *state = NULL;
    spc_auto_close int root = spc_node_open_root_of(scan->node, scan->rows[daemon->row].pid);
    if (root >= 0 && spc_read_in_root(root, path, CONFIG_MAX, &text, NULL) == 0)
        state = toml_string(text, "state");
    return spc_scan_add_source(scan, SPC_SOURCE_CONTAINERD, daemon,
                               state ? state : "/run/containerd");
}

static int find(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    if (strcmp(scan->rows[daemon->row].comm, "containerd") != 0)
        return find_by_shim(scan, daemon);
    const char *state = spc_argv_value(&daemon->argv, "--state");
    if (state)
        return spc_scan_add_source(scan, SPC_SOURCE_CONTAINERD, daemon, state);
    const char *config = spc_argv_value(&daemon->argv, "--config");
    if (!config)
        config = spc_argv_value(&daemon->argv, "-c");
    return find_by_config(scan, daemon, config ? config : "/etc/containerd/config.toml");
}

// One bundle directory.
struct bundle {
    const char *namespace, *id, *path; // path below the source
};

// What to do with each bundle.
typedef int bundle_fn(struct spc_scan *scan, const struct spc_source *source,
                      const struct bundle *bundle);

struct bundle_walk {
    bundle_fn *fn;
    const char *tasks, *namespace;
};

static int each_id(struct spc_scan *scan, const struct spc_source *source, const char *name,
                   void *arg)
{
    const struct bundle_walk *w = arg;
    spc_auto_free char *path = NULL;
    int r = spc_set_fmt(&path, "%s/%s/%s", w->tasks, w->namespace, name);
    return r < 0 ? r : w->fn(scan, source, &(struct bundle){w->namespace, name, path});
}

static int each_namespace(struct spc_scan *scan, const struct spc_source *source, const char *name,
                          void *arg)
{
    struct bundle_walk *w = arg;
    spc_auto_free char *path = NULL;
    int r = spc_set_fmt(&path, "%s/%s", w->tasks, name);
    w->namespace = name;
    return r < 0 ? r : spc_source_each(scan, source, path, each_id, w);
}

static int each_bundle(struct spc_scan *scan, bundle_fn *fn)
{
    spc_scan_foreach_source(scan, source, SPC_SOURCE_CONTAINERD)
    {
        for (size_t i = 0; i < SPC_ARRAY_SIZE(task_dirs); i++) {
            struct bundle_walk w = {.fn = fn, .tasks = task_dirs[i]};
            int r = spc_source_each(scan, source, w.tasks, each_namespace, &w);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

// Docker's containers are containerd's too, in a namespace of their own: they are shown once.
static bool is_moby(const char *namespace)
{
    return strcmp(namespace, "moby") == 0;
}

static int note_bundle(struct spc_scan *scan, struct spc_group *group,
                       const struct spc_source *source, const struct bundle *bundle)
{
    group->bundle_source = source - scan->sources;
    int r = spc_set_fmt(&group->c.bundle, "%s/%s", source->path, bundle->path);
    return r < 0 || is_moby(bundle->namespace)
               ? r
               : spc_set_str(&group->c.engine_namespace, bundle->namespace);
}

static int claim_bundle(struct spc_scan *scan, const struct spc_source *source,
                        const struct bundle *bundle)
{
    enum spc_engine engine = is_moby(bundle->namespace) ? SPC_ENGINE_DOCKER : SPC_ENGINE_CONTAINERD;
    struct spc_group *group = spc_scan_by_id(scan, engine, bundle->id, source->group);
    if (group)
        return spc_source_explains(scan, source, group) ? note_bundle(scan, group, source, bundle)
                                                        : 0;

    spc_auto_free char *path = NULL, *text = NULL;
    int r = spc_set_fmt(&path, "%s/init.pid", bundle->path);
    if (r < 0)
        return r;
    if (spc_read_in_root(source->dirfd, path, 32, &text, NULL) < 0)
        return 0;
    ssize_t index =
        spc_scan_claim(scan, engine, bundle->id, source->group, spc_proc_parse_pid(text), 0);
    if (index < 0)
        return index == -ENOMEM ? -ENOMEM : 0;
    return note_bundle(scan, &scan->groups[index], source, bundle);
}

static int claim(struct spc_scan *scan)
{
    return each_bundle(scan, claim_bundle);
}

static int take_annotations(struct spc_container *c, const struct spc_jdoc *notes)
{
    const char *type = spc_jdoc_get_str(notes, "io.kubernetes.cri.container-type");
    const struct {
        char **field;
        const char *key;
    } wanted[] = {
        {&c->name, "nerdctl/name"},
        {&c->pod, "io.kubernetes.cri.sandbox-name"},
        {&c->pod_namespace, "io.kubernetes.cri.sandbox-namespace"},
        {&c->pod_container, "io.kubernetes.cri.container-name"},
        {&c->image, "io.kubernetes.cri.image-name"},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wanted); i++)
        if (spc_set_str(wanted[i].field, spc_jdoc_get_str(notes, wanted[i].key)) < 0)
            return -ENOMEM;
    c->is_sandbox = type && strcmp(type, "sandbox") == 0;
    return 0;
}

static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    if (!group->c.bundle)
        return spc_docker_read(scan, group);
    const struct spc_source *source = &scan->sources[group->bundle_source];
    const char *bundle = group->c.bundle + strlen(source->path) + 1;
    spc_auto_free char *path = NULL;
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    int r = spc_set_fmt(&path, "%s/config.json", bundle);
    if (r < 0 || spc_jdoc_read(source->dirfd, path, SPC_STATE_MAX, &doc) < 0)
        return r;
    group->is_read = true;
    r = take_annotations(&group->c, spc_jdoc_get(doc, "annotations"));
    return r < 0 ? r : spc_group_evidence(group, source, "%s", path);
}

// A task that ended and was not deleted yet.
static int list_bundle(struct spc_scan *scan, const struct spc_source *source,
                       const struct bundle *bundle)
{
    if (is_moby(bundle->namespace) ||
        spc_scan_by_id(scan, SPC_ENGINE_CONTAINERD, bundle->id, source->group))
        return 0;
    ssize_t index =
        spc_scan_add_group(scan, SPC_ENGINE_CONTAINERD, bundle->id, NULL, source->group);
    if (index < 0)
        return (int)index;
    int r = note_bundle(scan, &scan->groups[index], source, bundle);
    return r < 0 ? r : read_group(scan, &scan->groups[index]);
}

static int list(struct spc_scan *scan)
{
    return scan->flags & SPC_SCAN_STOPPED ? each_bundle(scan, list_bundle) : 0;
}

const struct spc_runtime spc_runtime_containerd = {
    .name = "containerd",
    .daemons = daemons,
    .find = find,
    .claim = claim,
    .read = read_group,
    .list = list,
};
