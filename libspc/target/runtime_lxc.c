// SPDX-License-Identifier: BSD-2-Clause
// LXC, LXD, Incus: cgroup lxc.payload.NAME; the parent of init calls itself
// "[lxc monitor] LXCPATH NAME". The command socket is left alone: its numbers change between
// versions, and asking 5.0 for its state by an older number stops the container.
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>

#include "scan_priv.h"

static const char *const daemons[] = {"lxc-start", "lxc-execute", "lxd", "incusd", NULL};

#define TITLE "[lxc monitor] "

// Split the title of a monitor; false for any other process.
static bool parse_title(const struct spc_daemon *daemon, struct spc_buf *path, const char **ret)
{
    const char *title = daemon->argv.count ? daemon->argv.items[0] : "";
    const char *name = strrchr(title, ' ');
    if (strncmp(title, TITLE, sizeof(TITLE) - 1) != 0 || name < title + sizeof(TITLE) || !name[1])
        return false;
    title += sizeof(TITLE) - 1;
    spc_buf_add(path, title, (size_t)(name - title));
    *ret = name + 1;
    return spc_buf_check(path) == 0;
}

static int find(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    spc_auto_buf struct spc_buf path = {0};
    const char *name;
    if (!parse_title(daemon, &path, &name))
        return 0;
    return spc_scan_add_source(scan, SPC_SOURCE_LXC, daemon, path.data);
}

// The child of the monitor is init. Its cgroup may have another name ("web-1" after a crash).
static int claim_child(struct spc_scan *scan, const struct spc_daemon *daemon, const char *name)
{
    const struct spc_row *monitor = &scan->rows[daemon->row];
    const struct spc_row *child = spc_scan_child(scan, monitor->pid);
    if (!child)
        return 0;
    struct spc_group *group = NULL;
    if (child->group == monitor->group) {
        ssize_t index = spc_scan_claim(scan, SPC_ENGINE_LXC, name, monitor->group, child->pid,
                                       child->start_ticks);
        if (index == -ENOMEM)
            return -ENOMEM;
        group = index < 0 ? NULL : &scan->groups[index];
    } else if (child->group >= 0) {
        group = &scan->groups[child->group];
    }
    if (!group || group->c.engine != SPC_ENGINE_LXC)
        return 0;
    int r = spc_set_str(&group->c.name, name);
    return r < 0 ? r : spc_group_evidence(group, NULL, "title of monitor %d", monitor->pid);
}

static int claim(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->daemon_count; i++) {
        spc_auto_buf struct spc_buf path = {0};
        const char *name;
        int r = parse_title(&scan->daemons[i], &path, &name)
                    ? claim_child(scan, &scan->daemons[i], name)
                    : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    (void)scan;
    return group->c.name ? 0 : spc_set_str(&group->c.name, group->c.id);
}

static int list_one(struct spc_scan *scan, const struct spc_source *source, const char *name,
                    void *arg)
{
    (void)arg;
    spc_auto_free char *path = NULL;
    int r = spc_set_fmt(&path, "%s/config", name);
    if (r < 0)
        return r;
    spc_auto_close int fd = spc_open_in_root(source->dirfd, path, O_PATH);
    if (fd < 0 || spc_scan_by_id(scan, SPC_ENGINE_LXC, name, source->group))
        return 0;
    ssize_t index = spc_scan_add_group(scan, SPC_ENGINE_LXC, name, NULL, source->group);
    if (index < 0)
        return (int)index;
    struct spc_group *group = &scan->groups[index];
    group->is_read = true;
    r = spc_set_str(&group->c.name, name);
    return r < 0 ? r : spc_group_evidence(group, source, "%s", path);
}

static int list(struct spc_scan *scan)
{
    if (!(scan->flags & SPC_SCAN_STOPPED))
        return 0;
    spc_scan_foreach_source(scan, source, SPC_SOURCE_LXC)
    {
        int r = spc_source_each(scan, source, ".", list_one, NULL);
        if (r < 0)
            return r;
    }
    return 0;
}

const struct spc_runtime spc_runtime_lxc = {
    .name = "lxc",
    .daemons = daemons,
    .find = find,
    .claim = claim,
    .read = read_group,
    .list = list,
};
