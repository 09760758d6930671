// SPDX-License-Identifier: BSD-2-Clause
// Docker: DATA-ROOT/containers/ID/config.v2.json (0600). The same file in every version from 1.10
// to 29, with either image store.
#include <ctype.h>
#include <string.h>

#include <spc/fd.h>

#include "scan_priv.h"

static const char *const daemons[] = {"dockerd", NULL};

// What neither the arguments nor the usual place say is in the daemon's configuration file.
static struct spc_jdoc *read_daemon_json(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    const char *path = spc_argv_value(&daemon->argv, "--config-file");
    spc_auto_close int root = spc_node_open_root_of(scan->node, scan->rows[daemon->row].pid);
    struct spc_jdoc *doc = NULL;
    if (root >= 0)
        spc_jdoc_read(root, path ? path : "/etc/docker/daemon.json", SPC_STATE_MAX, &doc);
    return doc;
}

// dockerd-rootless.sh gives no --data-root: it is below the home directory.
static int rootless_place(struct spc_scan *scan, const struct spc_daemon *daemon, char **ret)
{
    spc_auto_free char *home = spc_node_home(scan->node, daemon->uid, &scan->passwd);
    return home ? spc_set_fmt(ret, "%s/.local/share/docker", home) : 0;
}

static int find(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    spc_auto_free char *state = NULL, *place = NULL;
    spc_auto_jdoc struct spc_jdoc *json = read_daemon_json(scan, daemon);
    const char *root = spc_argv_value(&daemon->argv, "--data-root");
    const char *exec = spc_argv_value(&daemon->argv, "--exec-root");
    if (!root)
        root = spc_argv_value(&daemon->argv, "-g"); // before Docker 17.05
    if (!root)
        root = spc_jdoc_get_str(json, "data-root");
    if (!exec)
        exec = spc_jdoc_get_str(json, "exec-root");
    int r = root || !daemon->uid ? 0 : rootless_place(scan, daemon, &place);
    if (!root)
        root = place ? place : "/var/lib/docker";
    if (r == 0)
        r = spc_scan_add_source(scan, SPC_SOURCE_DOCKER, daemon, root);
    if (r == 0)
        r = spc_set_fmt(&state, "%s/containerd/daemon", exec ? exec : "/run/docker");
    return r < 0 ? r : spc_scan_add_source(scan, SPC_SOURCE_CONTAINERD, daemon, state);
}

// With --userns-remap everything is below DATA-ROOT/UID.GID.
static int add_if_remapped(struct spc_scan *scan, const struct spc_source *source, const char *name,
                           void *arg)
{
    (void)arg;
    size_t uid = strspn(name, "0123456789");
    size_t gid = name[uid] == '.' ? strspn(name + uid + 1, "0123456789") : 0;
    if (!uid || !gid || name[uid + 1 + gid])
        return 0;
    return spc_scan_add_source_below(scan, source, name);
}

static int claim(struct spc_scan *scan)
{
    size_t count = scan->source_count;
    for (size_t i = 0; i < count; i++) {
        struct spc_source source = scan->sources[i]; // the array may move
        int r = source.kind == SPC_SOURCE_DOCKER
                    ? spc_source_each(scan, &source, ".", add_if_remapped, NULL)
                    : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

// dockershim and cri-dockerd leave the pod in labels.
static int read_pod(struct spc_container *c, const struct spc_jdoc *labels)
{
    const char *pod = spc_jdoc_get_str(labels, "io.kubernetes.pod.name");
    if (!pod)
        return 0;
    const char *type = spc_jdoc_get_str(labels, "io.kubernetes.docker.type");
    c->is_sandbox = type && strcmp(type, "podsandbox") == 0;
    int r = spc_set_str(&c->pod, pod);
    if (r == 0)
        r = spc_set_str(&c->pod_namespace, spc_jdoc_get_str(labels, "io.kubernetes.pod.namespace"));
    if (r == 0 && !c->is_sandbox)
        r = spc_set_str(&c->pod_container,
                        spc_jdoc_get_str(labels, "io.kubernetes.container.name"));
    return r;
}

static int take_config(struct spc_scan *scan, struct spc_group *group, const struct spc_jdoc *doc)
{
    struct spc_container *c = &group->c;
    const struct spc_jdoc *config = spc_jdoc_get(doc, "Config"),
                          *state = spc_jdoc_get(doc, "State");
    const char *name = spc_jdoc_get_str(doc, "Name");
    group->is_read = true;
    c->engine = SPC_ENGINE_DOCKER;
    int r = spc_set_str(&c->name, name && *name == '/' ? name + 1 : name);
    if (r == 0)
        r = spc_set_str(&c->image, spc_jdoc_get_str(config, "Image"));
    if (r == 0)
        r = read_pod(c, spc_jdoc_get(config, "Labels"));
    spc_scan_set_init(scan, group, spc_jdoc_pid(state, "Pid"), 0);
    const char *started = spc_jdoc_get_str(state, "StartedAt");
    group->is_created = started && strncmp(started, "0001-", 5) == 0;
    return r;
}

// Where one name is asked for, a look at the bytes saves parsing thousands of files. Docker's names
// need no escaping in JSON, so the bytes are there if the name is.
static bool may_be_wanted(const struct spc_scan *scan, const struct spc_group *group,
                          const char *text, size_t len)
{
    if (!scan->wanted || strncmp(group->c.id, scan->wanted, strlen(scan->wanted)) == 0)
        return true;
    char quoted[160];
    int n = snprintf(quoted, sizeof(quoted), "/%s\"", scan->wanted);
    return n < 0 || (size_t)n >= sizeof(quoted) || memmem(text, len, quoted, (size_t)n);
}

// 1 when the source knows the container.
static int read_from(struct spc_scan *scan, const struct spc_source *source,
                     struct spc_group *group)
{
    char path[384];
    spc_auto_free char *text = NULL;
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    size_t len;
    snprintf(path, sizeof(path), "containers/%.255s/config.v2.json", group->c.id);
    if (spc_read_in_root(source->dirfd, path, SPC_STATE_MAX, &text, &len) < 0 ||
        !may_be_wanted(scan, group, text, len) || spc_jdoc_parse(text, len, &doc) < 0)
        return 0;
    const char *id = spc_jdoc_get_str(doc, "ID");
    if (!id || strcmp(id, group->c.id) != 0)
        return 0;
    int r = take_config(scan, group, doc);
    if (r == 0)
        r = spc_group_evidence(group, source, "%s", path);
    return r < 0 ? r : 1;
}

static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    int r = 0;
    spc_scan_foreach_source(
        scan, source, SPC_SOURCE_DOCKER) if (r == 0 && spc_source_explains(scan, source, group)) r =
        read_from(scan, source, group);
    return r < 0 ? r : 0;
}

static int list_one(struct spc_scan *scan, const struct spc_source *source, const char *name,
                    void *arg)
{
    (void)arg;
    if (spc_scan_by_id(scan, SPC_ENGINE_DOCKER, name, source->group) ||
        spc_scan_by_id(scan, SPC_ENGINE_CONTAINERD, name, source->group)) // of a pod
        return 0;
    ssize_t index = spc_scan_add_group(scan, SPC_ENGINE_DOCKER, name, NULL, source->group);
    if (index < 0)
        return (int)index;
    int r = read_from(scan, source, &scan->groups[index]);
    return r < 0 ? r : 0;
}

static int list(struct spc_scan *scan)
{
    // Below an old kubelet the cgroup of a docker container looks like one of containerd.
    for (size_t i = 0; i < scan->group_count; i++) {
        struct spc_group *group = &scan->groups[i];
        bool is_open = group->c.engine == SPC_ENGINE_CONTAINERD && !group->is_read;
        int r = is_open && !group->c.bundle ? read_group(scan, group) : 0;
        if (r < 0)
            return r;
    }
    if (!(scan->flags & SPC_SCAN_STOPPED))
        return 0;
    spc_scan_foreach_source(scan, source, SPC_SOURCE_DOCKER)
    {
        int r = spc_source_each(scan, source, "containers", list_one, NULL);
        if (r < 0)
            return r;
    }
    return 0;
}

struct quick {
    size_t names, prefixes;
    const struct spc_source *source;
    char id[65];
};

static int quick_one(struct spc_scan *scan, const struct spc_source *source, const char *name,
                     void *arg)
{
    struct quick *quick = arg;
    spc_auto_free char *path = NULL, *text = NULL, *quoted = NULL;
    size_t len;
    if (strlen(name) >= sizeof(quick->id))
        return 0;
    bool begins = strncmp(name, scan->wanted, strlen(scan->wanted)) == 0;
    int r = spc_set_fmt(&path, "containers/%s/config.v2.json", name);
    if (r == 0)
        r = spc_set_fmt(&quoted, "\"Name\":\"/%s\"", scan->wanted);
    if (r < 0 || spc_read_in_root(source->dirfd, path, SPC_STATE_MAX, &text, &len) < 0 || !quoted)
        return r;
    bool is_name = memmem(text, len, quoted, strlen(quoted));
    if (is_name || (begins && !quick->names)) {
        quick->source = source;
        snprintf(quick->id, sizeof(quick->id), "%s", name);
    }
    quick->names += is_name;
    quick->prefixes += begins;
    return 0;
}

bool spc_docker_quick(struct spc_scan *scan, size_t *ret)
{
    struct quick quick = {0};
    scan->is_quick = true;
    if (spc_scan_begin(scan, NULL) < 0)
        return false;
    spc_scan_foreach_source(
        scan, source, SPC_SOURCE_DOCKER) if (source->group == SPC_NOBODY && source->uid == 0 &&
                                             spc_source_each(scan, source, "containers", quick_one,
                                                             &quick) < 0) return false;
    if (!quick.source || quick.names > 1 || (!quick.names && quick.prefixes > 1))
        return false;

    // The state file names a process, and the process's cgroup has to name the container.
    char path[128];
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    snprintf(path, sizeof(path), "containers/%s/config.v2.json", quick.id);
    if (spc_jdoc_read(quick.source->dirfd, path, SPC_STATE_MAX, &doc) < 0)
        return false;
    pid_t pid = spc_jdoc_pid(spc_jdoc_get(doc, "State"), "Pid");
    spc_scan_forget_rows(scan);
    if (!pid || spc_scan_look_at(scan, pid) < 0 || !scan->row_count)
        return false;
    struct spc_group *group = spc_scan_group_of(scan, pid);
    if (!group || group->parent != SPC_NOBODY || strcmp(group->c.id, quick.id) != 0)
        return false;
    *ret = (size_t)(group - scan->groups);
    return read_from(scan, quick.source, group) == 1;
}

const struct spc_runtime spc_runtime_docker = {
    .name = "docker",
    .daemons = daemons,
    .find = find,
    .claim = claim,
    .read = read_group,
    .list = list,
};
