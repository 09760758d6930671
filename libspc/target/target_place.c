// SPDX-License-Identifier: BSD-2-Clause
#include "target_place_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#include <spc/fd.h>
#include <spc/proc.h>

#include "process_priv.h"
#include "scan_priv.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

// Where a hierarchy may be mounted below /sys/fs/cgroup: v2 alone, v2 beside v1, v1 (cgroups(7)).
static const char *const hierarchies[] = {
    "",         "/unified", "/systemd", "/freezer",     "/pids",       "/memory",
    "/cpu",     "/cpuacct", "/cpuset",  "/blkio",       "/devices",    "/net_cls",
    "/hugetlb", "/rdma",    "/misc",    "/cpu,cpuacct", "/perf_event", "/net_cls,net_prio",
};

static bool has_directory(const struct spc_node *node, const char *cgroup)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(hierarchies); i++) {
        char path[PATH_MAX];
        int n = snprintf(path, sizeof(path), CGROUP_ROOT "%s%s", hierarchies[i], cgroup);
        if (n < 0 || (size_t)n >= sizeof(path))
            continue;
        spc_auto_close int fd = spc_open_in_root(node->rootfd, path, O_PATH | O_DIRECTORY);
        if (fd >= 0)
            return true;
    }
    return false;
}

// A path copied from /sys/fs/cgroup means the cgroup behind it.
static const char *strip_mount(const char *path)
{
    size_t len = sizeof(CGROUP_ROOT) - 1;
    if (strncmp(path, CGROUP_ROOT, len) != 0 || path[len] != '/')
        return path;
    path += len;
    for (size_t i = 1; i < SPC_ARRAY_SIZE(hierarchies); i++) {
        size_t n = strlen(hierarchies[i]);
        if (strncmp(path, hierarchies[i], n) == 0 && path[n] == '/')
            return path + n;
    }
    return path;
}

// The part of the path that ends with the component `unit`; 0 when it has none.
static size_t unit_prefix(const char *path, size_t len, const char *unit)
{
    size_t unit_len = strlen(unit);
    for (size_t i = 0; i + 1 + unit_len <= len; i++)
        if (path[i] == '/' && memcmp(path + i + 1, unit, unit_len) == 0 &&
            (i + 1 + unit_len == len || path[i + 1 + unit_len] == '/'))
            return i + 1 + unit_len;
    return 0;
}

// systemd names cgroups after units, so some process tells where the unit is.
static int find_unit(struct spc_node *node, const char *unit, char **ret)
{
    SPC_CLEANUP(spc_scan_free)
    struct spc_scan scan = {.node = node, .skipped = ~0u};
    int r = spc_scan_run(&scan, NULL);
    for (size_t i = 0; r == 0 && i < scan.row_count; i++) {
        const char *text = scan.buf;
        struct spc_cgroup_line line;
        if (spc_node_read(node, scan.rows[i].pid, "cgroup", scan.buf, scan.buf_size) < 0)
            continue;
        while (spc_proc_next_cgroup(&text, &line)) {
            size_t len = unit_prefix(line.path, line.path_len, unit);
            if (len)
                return spc_set_fmt(ret, "%.*s", (int)len, line.path);
        }
    }
    return r < 0 ? r : -ENOENT;
}

int spc_target_find_cgroup(struct spc_node *node, const char *name, struct spc_target *target,
                           struct spc_err *err)
{
    bool is_path = *name == '/';
    int r;
    if (is_path)
        r = spc_set_str(&target->cgroup, strip_mount(name));
    else
        r = find_unit(node, name, &target->cgroup);
    if (r == 0 && is_path && !has_directory(node, target->cgroup)) {
        spc_auto_processes struct spc_processes list = {0};
        r = spc_processes_of_cgroup(node, target->cgroup, NULL, &list, err);
        if (r == 0 && !list.count)
            r = -ENOENT;
    }
    if (r == -ENOENT) {
        spc_err_say(err, r, is_path ? "there is no cgroup '%s'" : "unit '%s' has no process", name);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    return r < 0 ? spc_err_set(err, r, "find %s", name) : 0;
}

// /proc/PID/ns/net is a magic link, which look-ups below a root refuse; from the procfs that we
// hold it is safe to follow.
static int open_ns_of_process(const struct spc_node *node, const char *path)
{
    int pid, end = 0;
    char link[64];
    if (!node->is_live || sscanf(path, "/proc/%d/ns/net%n", &pid, &end) != 1 || !end || path[end])
        return -ENOENT;
    snprintf(link, sizeof(link), "%d/ns/net", pid);
    int fd = openat(node->procfd, link, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int spc_target_open_netns(struct spc_node *node, const char *path, struct spc_target *target,
                          struct spc_err *err)
{
    spc_auto_free char *full = NULL;
    int r =
        strchr(path, '/') ? spc_set_str(&full, path) : spc_set_fmt(&full, "/run/netns/%s", path);
    if (r < 0)
        return spc_err_set(err, r, "TARGET");
    spc_auto_close int fd = open_ns_of_process(node, full);
    if (fd < 0)
        fd = spc_open_in_root(node->rootfd, full, O_RDONLY | O_NONBLOCK);
    if (fd < 0) {
        spc_err_set(err, fd, "open network namespace %s", full);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    // NS_GET_NSTYPE (4.11) is refused by every file that is no namespace.
    if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
        spc_err_say(err, -EINVAL, "%s is no network namespace", full);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    target->nsfd = SPC_TAKE_FD(fd);
    return 0;
}

// --- the processes of a target ---

static int append(struct spc_processes *all, struct spc_processes *more)
{
    if (!more->count)
        return 0;
    struct spc_process *items = reallocarray(all->items, all->count + more->count, sizeof(*items));
    if (!items)
        return -ENOMEM;
    memcpy(items + all->count, more->items, more->count * sizeof(*items));
    all->items = items;
    all->count += more->count;
    free(more->items);
    *more = (struct spc_processes){0};
    return 0;
}

static int compare_pids(const void *a, const void *b)
{
    const struct spc_process *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static int of_containers(struct spc_node *node, const struct spc_target *target,
                         struct spc_processes *ret, struct spc_err *err)
{
    spc_auto_processes struct spc_processes all = {0};
    for (size_t i = 0; i < target->containers.count; i++) {
        spc_auto_processes struct spc_processes list = {0};
        int r = spc_node_processes(node, &target->containers.items[i], &list, err);
        if (r < 0)
            return r;
        if (append(&all, &list) < 0)
            return spc_err_set(err, -ENOMEM, "list processes");
    }
    if (all.count)
        qsort(all.items, all.count, sizeof(*all.items), compare_pids);
    *ret = all;
    all = (struct spc_processes){0};
    return 0;
}

static int of_process(struct spc_node *node, const struct spc_target *target,
                      struct spc_processes *ret, struct spc_err *err)
{
    spc_auto_processes struct spc_processes list = {0};
    SPC_CLEANUP(spc_process_reader_free) struct spc_process_reader reader;
    const struct spc_container *c = target->containers.count ? target->containers.items : NULL;
    int r = spc_process_reader_init(&reader, node, 0);
    if (r == 0)
        r = spc_processes_add(&list, &reader, target->pid, c);
    if (r < 0)
        return spc_err_set(err, r, "read /proc/%d", (int)target->pid);
    *ret = list;
    list = (struct spc_processes){0};
    return 0;
}

int spc_target_processes(struct spc_node *node, const struct spc_target *target,
                         struct spc_processes *ret, struct spc_err *err)
{
    switch (target->kind) {
    case SPC_TARGET_CONTAINER:
    case SPC_TARGET_POD:
        return of_containers(node, target, ret, err);
    case SPC_TARGET_PROCESS:
        return of_process(node, target, ret, err);
    case SPC_TARGET_CGROUP:
        return spc_processes_of_cgroup(node, target->cgroup, NULL, ret, err);
    case SPC_TARGET_HOST:
        return spc_processes_of_cgroup(node, "", NULL, ret, err);
    case SPC_TARGET_NETNS:
    case _SPC_TARGET_MAX:
        break;
    }
    spc_err_say(err, -ENOTSUP, "a network namespace has no list of processes");
    return spc_err_exit(err, SPC_EXIT_TARGET);
}
