// SPDX-License-Identifier: BSD-2-Clause
#include "cgroup_path_priv.h"

#include <string.h>

// The first row that fits counts. What only looks like a container is named by no row:
// libpod-conmon-ID.scope and crio-conmon-ID.scope (the monitor), libpod_pod_ID.slice,
// lxc.monitor.NAME, machine-NAME.scope without "payload" (a virtual machine).
const struct spc_cgroup_rule spc_cgroup_rules[] = {
    {SPC_ENGINE_DOCKER, .parent = "docker", .example = "/docker/ID"},
    {SPC_ENGINE_DOCKER, .prefix = "docker-", .suffix = ".scope",
     .example = "/system.slice/docker-ID.scope"},
    {SPC_ENGINE_DOCKER, .top = "ecs", .example = "/ecs/4f3a/ID"},
    {SPC_ENGINE_DOCKER, .parent = "actions_job", .example = "/actions_job/ID"},
    {SPC_ENGINE_PODMAN, .prefix = "libpod-", .suffix = ".scope",
     .example = "/machine.slice/libpod-ID.scope/container"},
    {SPC_ENGINE_PODMAN, .prefix = "libpod-", .example = "/libpod_parent/libpod-ID"},
    {SPC_ENGINE_PODMAN, .prefix = "libpod-payload-",
     .example = "/user.slice/user-1000.slice/user@1000.service/app.service/libpod-payload-ID"},
    {SPC_ENGINE_CRIO, .prefix = "crio-", .suffix = ".scope",
     .example = "/kubepods.slice/kubepods-pod1_2.slice/crio-ID.scope/container"},
    {SPC_ENGINE_CRIO, .prefix = "crio-", .example = "/kubepods/burstable/pod1-2/crio-ID"},
    {SPC_ENGINE_CONTAINERD, .prefix = "cri-containerd-", .suffix = ".scope",
     .example = "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice/"
                "cri-containerd-ID.scope"},
    {SPC_ENGINE_CONTAINERD, .prefix = "nerdctl-", .suffix = ".scope",
     .example = "/system.slice/nerdctl-ID.scope"},
    // The systemd form of a path, given to a runc that drives cgroupfs: SLICE:PREFIX:ID.
    {SPC_ENGINE_CONTAINERD, .prefix = "*:cri-containerd:",
     .example = "/system.slice/containerd.service/kubepods-pod1_2.slice:cri-containerd:ID"},
    {SPC_ENGINE_CONTAINERD, .prefix = "*:nerdctl:", .example = "/system.slice:nerdctl:ID"},
    {SPC_ENGINE_CRIO, .prefix = "*:crio:", .example = "/kubepods-pod1_2.slice:crio:ID"},
    {SPC_ENGINE_DOCKER, .prefix = "*:docker:", .example = "/user.slice:docker:ID"},
    {SPC_ENGINE_CONTAINERD, .parent = "k8s.io", .example = "/k8s.io/ID"},
    // Docker below an old kubelet looks the same; its state files tell.
    {SPC_ENGINE_CONTAINERD, .parent_prefix = "pod", .example = "/kubepods/burstable/pod1-2/ID"},
    {SPC_ENGINE_RUNC, .parent = "buildkit", .id = SPC_CGROUP_ID_NAME,
     .example = "/docker/buildkit/ID"},
    {SPC_ENGINE_RUNC, .parent = "garden", .id = SPC_CGROUP_ID_NAME, .example = "/garden/ID"},
    {SPC_ENGINE_LXC, .prefix = "lxc.payload.", .id = SPC_CGROUP_ID_NAME,
     .example = "/lxc.payload.ID"},
    {SPC_ENGINE_LXC, .parent = "lxc.payload", .id = SPC_CGROUP_ID_NAME,
     .example = "/lxc.payload/ID"},
    {SPC_ENGINE_LXC, .parent = "lxc", .id = SPC_CGROUP_ID_NAME, .example = "/lxc/ID/init.scope"},
    {SPC_ENGINE_NSPAWN, .prefix = "machine-", .suffix = ".scope", .child = "payload",
     .id = SPC_CGROUP_ID_NAME, .example = "/machine.slice/machine-ID.scope/payload/x"},
    {SPC_ENGINE_NSPAWN, .prefix = "systemd-nspawn@", .suffix = ".service", .child = "payload",
     .id = SPC_CGROUP_ID_NAME, .example = "/machine.slice/systemd-nspawn@ID.service/payload"},
    {0},
};

struct part {
    const char *start;
    size_t len;
};

// The component that begins at or behind path[i]; its length is 0 at the end.
static struct part part_at(const char *path, size_t len, size_t i)
{
    while (i < len && path[i] == '/')
        i++;
    const char *slash = i < len ? memchr(path + i, '/', len - i) : NULL;
    return (struct part){path + i, slash ? (size_t)(slash - path) - i : len - i};
}

static bool part_is(struct part part, const char *word)
{
    return strlen(word) == part.len && memcmp(part.start, word, part.len) == 0;
}

static bool part_begins(struct part part, const char *word)
{
    size_t len = strlen(word);
    return part.len > len && memcmp(part.start, word, len) == 0;
}

// Cut prefix and suffix off. A prefix "*X" may have anything before X.
static bool part_cut(struct part *part, const char *prefix, const char *suffix)
{
    size_t before = prefix ? strlen(prefix) : 0, behind = suffix ? strlen(suffix) : 0;
    struct part rest = *part;
    if (before && *prefix == '*') {
        const char *at = memmem(rest.start, rest.len, prefix + 1, before - 1);
        if (!at)
            return false;
        rest.len -= (size_t)(at - rest.start) + before - 1;
        rest.start = at + before - 1;
    } else if (before) {
        if (!part_begins(rest, prefix))
            return false;
        rest.start += before;
        rest.len -= before;
    }
    if (behind) {
        if (rest.len <= behind || memcmp(rest.start + rest.len - behind, suffix, behind) != 0)
            return false;
        rest.len -= behind;
    }
    *part = rest;
    return rest.len > 0;
}

static bool id_fits(struct part id, enum spc_cgroup_id kind)
{
    if (kind == SPC_CGROUP_ID_NAME)
        return true;
    if (id.len != 64)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!strchr("0123456789abcdef", id.start[i]) || !id.start[i])
            return false;
    return true;
}

static bool rule_fits(const struct spc_cgroup_rule *rule, struct part top, struct part parent,
                      struct part here, struct part child, struct part *ret_id)
{
    if (rule->top && !part_is(top, rule->top))
        return false;
    if (rule->parent && !part_is(parent, rule->parent))
        return false;
    if (rule->parent_prefix && !part_begins(parent, rule->parent_prefix))
        return false;
    if (rule->child && !part_is(child, rule->child))
        return false;
    *ret_id = here;
    return part_cut(ret_id, rule->prefix, rule->suffix) && id_fits(*ret_id, rule->id);
}

size_t spc_cgroup_classify(const char *path, size_t len,
                           struct spc_cgroup_match ret[static SPC_CGROUP_CHAIN_MAX])
{
    size_t count = 0;
    struct part top = {0}, parent = {"", 0};
    struct part here = part_at(path, len, 0);
    while (here.len && part_is(here, ".."))
        here = part_at(path, len, (size_t)(here.start - path) + here.len);
    top = here;

    while (here.len && count < SPC_CGROUP_CHAIN_MAX) {
        struct part child = part_at(path, len, (size_t)(here.start - path) + here.len), id;
        for (const struct spc_cgroup_rule *rule = spc_cgroup_rules; rule->example; rule++) {
            if (!rule_fits(rule, top, parent, here, child, &id))
                continue;
            struct part end = rule->child ? child : here;
            ret[count++] = (struct spc_cgroup_match){
                .engine = rule->engine,
                .id = id.start,
                .id_len = id.len,
                .prefix_len = (size_t)(end.start - path) + end.len,
            };
            break;
        }
        parent = here;
        here = child;
    }
    return count;
}
