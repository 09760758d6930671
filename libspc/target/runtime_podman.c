// SPDX-License-Identifier: BSD-2-Clause
// podman: the store of containers/storage, GRAPHROOT/DRIVER-containers/containers.json, and one
// conmon beside each running container, whose arguments alone give ID, name and directories.
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/proc.h>

#include "scan_priv.h"

// The whole store is one file, some 600 bytes a container.
#define STORE_MAX (64u << 20)

static const char *const daemons[] = {"conmon", NULL};

// -b GRAPHROOT/DRIVER-containers/ID/userdata. CRI-O's conmon says so too.
static int find(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    const char *bundle = spc_argv_value(&daemon->argv, "-b");
    spc_auto_free char *path = bundle ? strdup(bundle) : NULL;
    for (int i = 0; i < 2 && path; i++) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return 0;
        *slash = '\0';
    }
    return path ? spc_scan_add_source(scan, SPC_SOURCE_STORAGE, daemon, path) : 0;
}

// CRI-O shares conmon, the store and even annotations with podman; its exit directory is its own.
static enum spc_engine engine_of(const struct spc_daemon *conmon)
{
    const char *exits = spc_argv_value(&conmon->argv, "--exit-dir");
    return exits && strstr(exits, "/crio/") ? SPC_ENGINE_CRIO : SPC_ENGINE_PODMAN;
}

static struct spc_group *group_of_conmon(struct spc_scan *scan, const struct spc_daemon *conmon,
                                         const char *id)
{
    ssize_t owner = scan->rows[conmon->row].group;
    struct spc_group *group = spc_scan_by_id(scan, engine_of(conmon), id, owner);
    if (group)
        return group;
    const char *file = spc_argv_value(&conmon->argv, "-p");
    pid_t pid = scan->rows[conmon->row].pid;
    spc_auto_close int root = spc_node_open_root_of(scan->node, pid);
    spc_auto_free char *text = NULL;
    if (!file || root < 0 || spc_read_in_root(root, file, 32, &text, NULL) < 0)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    ssize_t index = spc_scan_claim(scan, engine_of(conmon), id, owner, spc_proc_parse_pid(text), 0);
    return index < 0 ? NULL : &scan->groups[index];
}

// May this process speak about the group? As spc_source_explains().
static bool conmon_explains(struct spc_scan *scan, const struct spc_daemon *conmon,
                            const struct spc_group *group)
{
    struct spc_source source = {.group = scan->rows[conmon->row].group, .uid = conmon->uid};
    return spc_source_explains(scan, &source, group);
}

static int claim(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->daemon_count; i++) {
        const struct spc_daemon *conmon = &scan->daemons[i];
        if (strcmp(scan->rows[conmon->row].comm, daemons[0]) != 0)
            continue;
        const char *id = spc_argv_value(&conmon->argv, "-c");
        struct spc_group *group = id && *id ? group_of_conmon(scan, conmon, id) : NULL;
        if (!group || group->c.engine != SPC_ENGINE_PODMAN || !conmon_explains(scan, conmon, group))
            continue;
        int r = spc_set_str(&group->c.name, spc_argv_value(&conmon->argv, "-n"));
        if (r == 0)
            r = spc_set_str(&group->c.bundle, spc_argv_value(&conmon->argv, "-b"));
        if (r == 0)
            r = spc_group_evidence(group, NULL, "arguments of conmon %d",
                                   scan->rows[conmon->row].pid);
        if (r < 0)
            return r;
    }
    return 0;
}

struct store {
    struct spc_scan *scan;
    const struct spc_source *source;
};

// Stopped containers: podman writes config.json when it starts one for the first time.
static ssize_t add_stopped(const struct store *store, enum spc_engine engine, const char *id)
{
    struct spc_scan *scan = store->scan;
    char path[384];
    ssize_t index = spc_scan_add_group(scan, engine, id, NULL, store->source->group);
    if (index < 0)
        return index;
    snprintf(path, sizeof(path), "%.255s/userdata/config.json", id);
    spc_auto_close int fd = spc_open_in_root(store->source->dirfd, path, O_PATH);
    scan->groups[index].is_created = engine == SPC_ENGINE_PODMAN && fd == -ENOENT;
    return index;
}

// CRI-O's metadata names the pod; the container's own annotations are gone when it is stopped.
static int take_pod(struct spc_container *c, const struct spc_jdoc *meta)
{
    c->is_sandbox = spc_jdoc_get_bool(meta, "pod");
    int r = spc_set_str(&c->pod, spc_jdoc_get_str(meta, "pod-name"));
    if (r == 0)
        r = spc_set_str(&c->pod_namespace, spc_jdoc_get_str(meta, "namespace"));
    if (r == 0 && !c->is_sandbox)
        r = spc_set_str(&c->pod_container, spc_jdoc_get_str(meta, "metadata-name"));
    return r;
}

static int take_entry(const struct store *store, const struct spc_jdoc *item, const char *id)
{
    struct spc_scan *scan = store->scan;
    spc_auto_jdoc struct spc_jdoc *meta = NULL;
    const char *text = spc_jdoc_get_str(item, "metadata");
    // Without metadata it is no container that runs: buildah's working copy of an image.
    if (!text || spc_jdoc_parse(text, strlen(text), &meta) < 0)
        return 0;
    bool is_pod = spc_jdoc_get_str(meta, "pod-id");
    enum spc_engine engine = is_pod ? SPC_ENGINE_CRIO : SPC_ENGINE_PODMAN;
    struct spc_group *group = spc_scan_by_id(scan, engine, id, store->source->group);
    if (!group) {
        ssize_t index = scan->flags & SPC_SCAN_STOPPED ? add_stopped(store, engine, id) : -ENOENT;
        if (index < 0)
            return index == -ENOMEM ? -ENOMEM : 0;
        group = &scan->groups[index];
    } else if (!spc_source_explains(scan, store->source, group)) {
        return 0;
    }
    const char *name = spc_jdoc_str(spc_jdoc_at(spc_jdoc_get(item, "names"), 0));
    if (is_pod && !group->is_read && take_pod(&group->c, meta) < 0)
        return -ENOMEM;
    group->is_read = true;
    int r = group->c.name ? 0 : spc_set_str(&group->c.name, name);
    if (r == 0 && !group->c.image)
        r = spc_set_str(&group->c.image, spc_jdoc_get_str(meta, "image-name"));
    return r < 0 ? r : spc_group_evidence(group, store->source, "containers.json");
}

static int each_entry(const struct spc_jdoc *item, void *arg)
{
    const char *id = spc_jdoc_get_str(item, "id");
    return id && strchr(id, '/') == NULL ? take_entry(arg, item, id) : 0;
}

static int list(struct spc_scan *scan)
{
    spc_scan_foreach_source(scan, source, SPC_SOURCE_STORAGE)
    {
        spc_auto_free char *text = NULL;
        size_t len;
        if (spc_read_in_root(source->dirfd, "containers.json", STORE_MAX, &text, &len) < 0)
            continue;
        struct store store = {scan, source};
        int r = spc_jdoc_each(text, len, each_entry, &store);
        if (r == -ENOMEM)
            return r;
    }
    return 0;
}

const struct spc_runtime spc_runtime_podman = {
    .name = "podman",
    .daemons = daemons,
    .find = find,
    .claim = claim,
    .list = list,
};
