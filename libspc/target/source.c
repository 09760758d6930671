// SPDX-License-Identifier: BSD-2-Clause
// Where engines keep their state: the usual places, and what the arguments of their processes say.
#include "scan_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/proc.h>

static const struct {
    enum spc_source_kind kind;
    const char *path;
} usual_places[] = {
    {SPC_SOURCE_DOCKER, "/var/lib/docker"},
    {SPC_SOURCE_CONTAINERD, "/run/containerd"},
    {SPC_SOURCE_CONTAINERD, "/run/docker/containerd/daemon"},
    {SPC_SOURCE_CONTAINERD, "/run/k3s/containerd"},
    {SPC_SOURCE_STORAGE, "/run/containers/storage/overlay-containers"},
    {SPC_SOURCE_STORAGE, "/var/lib/containers/storage/overlay-containers"},
    {SPC_SOURCE_STORAGE, "/var/lib/containers/storage/vfs-containers"},
    {SPC_SOURCE_OCI, "/run/runc"},
    {SPC_SOURCE_OCI, "/run/crun"},
    {SPC_SOURCE_LXC, "/var/lib/lxc"},
    {SPC_SOURCE_MACHINES, "/run/systemd/machines"},
};

// The real user: a set-user-ID program started under a daemon's name does not speak for root.
static uid_t real_uid(const char *status)
{
    const char *value;
    if (spc_proc_status_value(status, "Uid", &value) <= 0)
        return (uid_t)-1;
    return (uid_t)strtoul(value, NULL, 10);
}

static int add_daemon(struct spc_scan *scan, size_t row)
{
    struct spc_daemon daemon = {.row = row};
    pid_t pid = scan->rows[row].pid;
    if (spc_node_read(scan->node, pid, "status", scan->buf, scan->buf_size) < 0)
        return 0;
    daemon.uid = real_uid(scan->buf);
    ssize_t len = spc_node_read(scan->node, pid, "cmdline", scan->buf, scan->buf_size);
    if (len <= 0)
        return 0;
    if (scan->daemon_count == scan->daemon_cap) {
        size_t cap = scan->daemon_cap ? scan->daemon_cap * 2 : 16;
        struct spc_daemon *daemons = reallocarray(scan->daemons, cap, sizeof(*daemons));
        if (!daemons)
            return -ENOMEM;
        scan->daemons = daemons;
        scan->daemon_cap = cap;
    }
    int r = spc_proc_parse_cmdline(scan->buf, (size_t)len, &daemon.argv);
    if (r < 0)
        return r;
    scan->daemons[scan->daemon_count++] = daemon;
    return 0;
}

static bool has_daemon(const struct spc_runtime *runtime, const char *comm)
{
    for (const char *const *name = runtime->daemons; name && *name; name++)
        if (strcmp(*name, comm) == 0)
            return true;
    return false;
}

bool spc_scan_is_daemon(const struct spc_scan *scan, const char *comm)
{
    for (int i = 0; i < _SPC_ENGINE_MAX; i++)
        if (!(scan->skipped & 1u << i) && has_daemon(spc_runtimes[i], comm))
            return true;
    return false;
}

static int ask_daemons(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->row_count; i++) {
        int r = spc_scan_is_daemon(scan, scan->rows[i].comm) ? add_daemon(scan, i) : 0;
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < scan->daemon_count; i++) {
        const struct spc_daemon *daemon = &scan->daemons[i];
        for (int k = 0; k < _SPC_ENGINE_MAX; k++) {
            const struct spc_runtime *runtime = spc_runtimes[k];
            if (scan->skipped & 1u << k || !runtime->find ||
                !has_daemon(runtime, scan->rows[daemon->row].comm))
                continue;
            int r = runtime->find(scan, daemon);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

int spc_scan_find_sources(struct spc_scan *scan, struct spc_err *err)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(usual_places); i++) {
        int r = spc_scan_add_source(scan, usual_places[i].kind, NULL, usual_places[i].path);
        if (r < 0)
            return spc_err_set(err, r, "look at %s", usual_places[i].path);
    }
    int r = ask_daemons(scan);
    return r < 0 ? spc_err_set(err, r, "read the arguments of the engines' processes") : 0;
}

// True the first time.
static int is_new_dir(struct spc_scan *scan, const char *text)
{
    spc_auto_free char *copy = strdup(text);
    char **slot =
        copy ? tsearch(copy, &scan->seen_dirs, (int (*)(const void *, const void *))strcmp) : NULL;
    if (!slot)
        return -ENOMEM;
    if (*slot != copy)
        return 0;
    (void)SPC_TAKE_PTR(copy);
    return 1;
}

// One text for "this path, as that daemon sees it": thousands of shims name the same directory.
static int dir_key(struct spc_scan *scan, enum spc_source_kind kind,
                   const struct spc_daemon *daemon, const char *path, char **ret)
{
    char mnt[SPC_NS_TEXT] = "";
    ssize_t group = SPC_NOBODY;
    if (daemon) {
        const struct spc_row *row = &scan->rows[daemon->row];
        group = row->group;
        if (spc_node_link(scan->node, row->pid, "ns/mnt", mnt, sizeof(mnt)) < 0)
            mnt[0] = '\0';
    }
    if (!mnt[0])
        memcpy(mnt, scan->node->host_ns[SPC_NS_MNT], sizeof(mnt));
    return spc_set_fmt(ret, "%d %u %zd %s %s", (int)kind, daemon ? daemon->uid : 0, group, mnt,
                       path);
}

static int grow_sources(struct spc_scan *scan)
{
    if (scan->source_count < scan->source_cap)
        return 0;
    size_t cap = scan->source_cap ? scan->source_cap * 2 : 16;
    struct spc_source *sources = reallocarray(scan->sources, cap, sizeof(*sources));
    if (!sources)
        return -ENOMEM;
    scan->sources = sources;
    scan->source_cap = cap;
    return 0;
}

// Takes the directory unless it fails.
static int append_source(struct spc_scan *scan, struct spc_source source, const char *path)
{
    if (grow_sources(scan) < 0)
        return -ENOMEM;
    source.path = NULL;
    int r = spc_set_str(&source.path, path);
    if (r == 0)
        scan->sources[scan->source_count++] = source;
    return r;
}

int spc_scan_add_source(struct spc_scan *scan, enum spc_source_kind kind,
                        const struct spc_daemon *daemon, const char *path)
{
    spc_auto_free char *key = NULL;
    int r = dir_key(scan, kind, daemon, path, &key);
    if (r < 0)
        return r;
    r = is_new_dir(scan, key);
    if (r <= 0)
        return r;

    const struct spc_row *row = daemon ? &scan->rows[daemon->row] : NULL;
    spc_auto_close int root = row ? spc_node_open_root_of(scan->node, row->pid)
                                  : fcntl(scan->node->rootfd, F_DUPFD_CLOEXEC, 3);
    spc_auto_close int dir =
        root < 0 ? SPC_NOFD : spc_open_in_root(root, path, O_PATH | O_DIRECTORY);
    if (dir < 0)
        return 0;
    struct spc_source source = {
        .kind = kind,
        .dirfd = dir,
        .group = row ? row->group : SPC_NOBODY,
        .uid = daemon ? daemon->uid : 0,
    };
    r = append_source(scan, source, path);
    if (r == 0)
        SPC_TAKE_FD(dir);
    return r;
}

int spc_scan_add_source_below(struct spc_scan *scan, const struct spc_source *source,
                              const char *name)
{
    spc_auto_free char *path = NULL;
    spc_auto_close int dir = spc_open_in_root(source->dirfd, name, O_PATH | O_DIRECTORY);
    if (dir < 0)
        return 0;
    struct spc_source below = *source;
    below.dirfd = dir;
    int r = spc_set_fmt(&path, "%s/%s", source->path, name);
    if (r == 0)
        r = append_source(scan, below, path);
    if (r == 0)
        SPC_TAKE_FD(dir);
    return r;
}

bool spc_source_explains(const struct spc_scan *scan, const struct spc_source *source,
                         const struct spc_group *group)
{
    (void)scan;
    if (source->group != group->parent)
        return false;
    if (source->uid == 0)
        return true;
    char slice[48];
    snprintf(slice, sizeof(slice), "/user-%u.slice/", source->uid);
    return group->path && strstr(group->path, slice);
}

int spc_source_each(struct spc_scan *scan, const struct spc_source *source, const char *dir,
                    int (*each)(struct spc_scan *scan, const struct spc_source *source,
                                const char *name, void *arg),
                    void *arg)
{
    spc_auto_close int fd = spc_open_in_root(source->dirfd, dir, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return 0;
    spc_auto_dir DIR *list = fdopendir(fd);
    if (!list)
        return -errno;
    SPC_TAKE_FD(fd);
    struct dirent *entry;
    while ((entry = readdir(list))) {
        if (entry->d_name[0] == '.')
            continue;
        int r = each(scan, source, entry->d_name, arg);
        if (r < 0)
            return r;
    }
    return 0;
}

const char *spc_argv_value(const struct spc_strv *argv, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 1; i < argv->count; i++) {
        const char *word = argv->items[i];
        if (strncmp(word, name, len) != 0)
            continue;
        if (word[len] == '=')
            return word + len + 1;
        if (!word[len])
            return i + 1 < argv->count ? argv->items[i + 1] : NULL;
    }
    return NULL;
}

pid_t spc_jdoc_pid(const struct spc_jdoc *doc, const char *key)
{
    uint64_t value = spc_jdoc_get_u64(doc, key);
    return value <= INT32_MAX ? (pid_t)value : 0;
}

int spc_group_evidence(struct spc_group *group, const struct spc_source *source, const char *fmt,
                       ...)
{
    spc_auto_buf struct spc_buf buf = {0};
    if (group->c.evidence)
        spc_buf_printf(&buf, "%s, ", group->c.evidence);
    if (source)
        spc_buf_printf(&buf, "%s/", source->path);
    va_list ap;
    va_start(ap, fmt);
    spc_buf_vprintf(&buf, fmt, ap);
    va_end(ap);
    char *text = spc_buf_take(&buf);
    if (!text)
        return -ENOMEM;
    free(group->c.evidence);
    group->c.evidence = text;
    return 0;
}

void spc_scan_free_sources(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->source_count; i++) {
        spc_close(scan->sources[i].dirfd);
        free(scan->sources[i].path);
    }
    free(scan->sources);
    for (size_t i = 0; i < scan->daemon_count; i++)
        spc_strv_free(&scan->daemons[i].argv);
    free(scan->daemons);
    tdestroy(scan->seen_dirs, free);
}
