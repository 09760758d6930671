// SPDX-License-Identifier: BSD-2-Clause
// Processes in namespaces of their own that no engine's files explain: bubblewrap, flatpak,
// browsers, unshare(1), a raw runc whose --root nobody names. Known by the namespace's inode.
#include <errno.h>
#include <string.h>

#include <spc/proc.h>

#include "scan_priv.h"

struct view {
    char links[_SPC_NS_MAX][SPC_NS_TEXT];
};

static void read_view(const struct spc_scan *scan, pid_t pid, struct view *view)
{
    static const enum spc_ns_kind kinds[] = {SPC_NS_PID, SPC_NS_USER, SPC_NS_NET, SPC_NS_MNT};
    memset(view, 0, sizeof(*view));
    for (size_t i = 0; i < SPC_ARRAY_SIZE(kinds); i++) {
        char name[16];
        snprintf(name, sizeof(name), "ns/%s", spc_ns_table[kinds[i]].name);
        if (spc_node_link(scan->node, pid, name, view->links[kinds[i]], SPC_NS_TEXT) < 0)
            view->links[kinds[i]][0] = '\0';
    }
}

static bool differs(const struct spc_scan *scan, const struct view *view, enum spc_ns_kind kind)
{
    return view->links[kind][0] && scan->node->host_ns[kind][0] &&
           strcmp(view->links[kind], scan->node->host_ns[kind]) != 0;
}

// A service of systemd with PrivateTmp= or PrivateNetwork= is no container: one namespace of mounts
// or of network alone does not count.
static const char *key_of(const struct spc_scan *scan, const struct view *view)
{
    if (differs(scan, view, SPC_NS_PID))
        return view->links[SPC_NS_PID];
    if (differs(scan, view, SPC_NS_USER))
        return view->links[SPC_NS_USER];
    if (differs(scan, view, SPC_NS_NET) && differs(scan, view, SPC_NS_MNT))
        return view->links[SPC_NS_NET];
    return NULL;
}

static bool is_kernel_thread(const struct spc_row *row)
{
    return row->ppid == 2 || (row->pid == 2 && row->ppid == 0);
}

// The cgroup is only a name here, and only where init has one of its own.
static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    if (!group->has_init)
        return 0;
    const struct spc_row *row = &scan->rows[group->init];
    const char *cgroup = spc_scan_own_cgroup(scan, row);
    int r = spc_set_str(&group->c.name, cgroup ? strrchr(cgroup, '/') + 1 : row->comm);
    return r < 0 ? r : spc_set_str(&group->c.cgroup, cgroup);
}

// The last to be asked: every process that an engine explains has its container by now.
static int claim(struct spc_scan *scan)
{
    spc_scan_adopt(scan);
    if (!(scan->flags & SPC_SCAN_OTHER))
        return 0;
    for (size_t i = 0; i < scan->row_count; i++) {
        struct spc_row *row = &scan->rows[i];
        if (row->group != SPC_NOBODY || is_kernel_thread(row))
            continue;
        struct view view;
        char id[64];
        uint64_t inode;
        read_view(scan, row->pid, &view);
        const char *key = key_of(scan, &view);
        if (!key || spc_proc_parse_ns(key, &inode) < 0)
            continue;
        snprintf(id, sizeof(id), "%.*sns-%llu", (int)strcspn(key, ":"), key,
                 (unsigned long long)inode);
        struct spc_group *known = spc_scan_by_id(scan, SPC_ENGINE_OTHER, id, SPC_NOBODY);
        ssize_t index = known ? known - scan->groups
                              : spc_scan_add_group(scan, SPC_ENGINE_OTHER, id, NULL, SPC_NOBODY);
        if (index < 0)
            return (int)index;
        row->group = index;
    }
    return 0;
}

const struct spc_runtime spc_runtime_other = {
    .name = "other",
    .claim = claim,
    .read = read_group,
};
