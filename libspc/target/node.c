// SPDX-License-Identifier: BSD-2-Clause
#include "node_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <spc/fd.h>
#include <spc/opt.h>
#include <spc/proc.h>

#define PASSWD_MAX (4u << 20)

static bool is_fs(int fd, long magic)
{
    struct statfs fs;
    return fstatfs(fd, &fs) == 0 && (long)fs.f_type == magic;
}

ssize_t spc_node_read(const struct spc_node *node, pid_t pid, const char *name, char *buf,
                      size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
    if (node->is_live)
        return spc_read_small(node->procfd, path, buf, size);

    // A recorded tree may have been made by anybody: links must not lead out of it.
    spc_auto_free char *data = NULL;
    size_t len;
    int r = spc_read_in_root(node->procfd, path, size - 1, &data, &len);
    if (r < 0)
        return r;
    memcpy(buf, data, len + 1);
    return (ssize_t)len;
}

ssize_t spc_node_link(const struct spc_node *node, pid_t pid, const char *name, char *buf,
                      size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
    // Only the text of the link is read, so it does not matter where it leads.
    ssize_t n = readlinkat(node->procfd, path, buf, size - 1);
    if (n < 0)
        return -errno;
    buf[n] = '\0';
    return n;
}

int spc_node_open_root_of(const struct spc_node *node, pid_t pid)
{
    char path[64], link[PATH_MAX];
    char mnt[SPC_NS_TEXT];
    if (!node->is_live || (spc_node_link(node, pid, "ns/mnt", mnt, sizeof(mnt)) > 0 &&
                           strcmp(mnt, node->host_ns[SPC_NS_MNT]) == 0 &&
                           spc_node_link(node, pid, "root", link, sizeof(link)) == 1)) {
        int fd = fcntl(node->rootfd, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? -errno : fd;
    }
    // A magic link of our own procfs: it leads to what that process has as "/", no further.
    snprintf(path, sizeof(path), "%d/root", (int)pid);
    int fd = openat(node->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

unsigned spc_node_shared(const struct spc_node *node, pid_t pid)
{
    unsigned mask = 0;
    char name[16], link[SPC_NS_TEXT];
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        if (!node->host_ns[kind][0])
            continue;
        snprintf(name, sizeof(name), "ns/%s", spc_ns_table[kind].name);
        if (spc_node_link(node, pid, name, link, sizeof(link)) > 0 &&
            strcmp(link, node->host_ns[kind]) == 0)
            mask |= SPC_NS_BIT(kind);
    }
    return mask;
}

static bool file_says(const struct spc_node *node, const char *dir, const char *cgroup,
                      const char *file, const char *word)
{
    char path[PATH_MAX];
    spc_auto_free char *text = NULL;
    int n = snprintf(path, sizeof(path), "%s%s/%s", dir, cgroup, file);
    if (n < 0 || (size_t)n >= sizeof(path) ||
        spc_read_in_root(node->rootfd, path, 4096, &text, NULL) < 0)
        return false;
    return strstr(text, word) != NULL;
}

bool spc_node_is_frozen(const struct spc_node *node, const char *cgroup)
{
    if (node->has_cgroup2)
        return file_says(node, "sys/fs/cgroup", cgroup, "cgroup.events", "frozen 1");
    return file_says(node, "sys/fs/cgroup/freezer", cgroup, "freezer.state", "FROZEN") ||
           file_says(node, "sys/fs/cgroup/unified", cgroup, "cgroup.events", "frozen 1");
}

// Field number `index` of the passwd(5) line of a user.
static char *passwd_field(const struct spc_node *node, uid_t uid, int index, char **cache)
{
    if (!*cache && spc_read_in_root(node->rootfd, "etc/passwd", PASSWD_MAX, cache, NULL) < 0)
        *cache = strdup("");
    for (const char *line = *cache; line && *line;) {
        const char *fields[7] = {line};
        size_t len = strcspn(line, "\n"), count = 1;
        for (size_t i = 0; i < len && count < 7; i++)
            if (line[i] == ':')
                fields[count++] = line + i + 1;
        char *end;
        if (count > 5 && strtoul(fields[2], &end, 10) == uid && *end == ':' && end > fields[2])
            return strndup(fields[index], strcspn(fields[index], ":\n"));
        line += len + (line[len] == '\n');
    }
    return NULL;
}

char *spc_node_user(const struct spc_node *node, uid_t uid, char **cache)
{
    return passwd_field(node, uid, 0, cache);
}

char *spc_node_home(const struct spc_node *node, uid_t uid, char **cache)
{
    return passwd_field(node, uid, 5, cache);
}

// Whose namespaces are the host's: those of PID 1. Where we lack a capability that it has
// (ptrace(2), access mode checking), kthreadd's, which every kernel thread shares.
static pid_t reference_process(const struct spc_node *node)
{
    char text[512];
    struct spc_proc_stat stat;
    if (spc_node_link(node, 1, "ns/mnt", text, sizeof(text)) > 0)
        return 1;
    if (spc_node_read(node, 2, "stat", text, sizeof(text)) < 0 ||
        spc_proc_parse_stat(text, &stat) < 0 || stat.ppid != 0 ||
        spc_node_read(node, 2, "cmdline", text, sizeof(text)) != 0)
        return 1;
    return 2;
}

static void read_facts(struct spc_node *node)
{
    char text[256], name[16];
    pid_t host = reference_process(node);
    node->uptime_ns = UINT64_MAX;
    spc_auto_free char *uptime = NULL;
    if (spc_read_in_root(node->procfd, "uptime", sizeof(text), &uptime, NULL) == 0)
        spc_proc_parse_uptime(uptime, &node->uptime_ns);

    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        snprintf(name, sizeof(name), "ns/%s", spc_ns_table[kind].name);
        if (spc_node_link(node, host, name, node->host_ns[kind], SPC_NS_TEXT) < 0)
            node->host_ns[kind][0] = '\0';
    }

    // /proc/self leads to us when this procfs is of our own PID namespace, else to nothing or to
    // somebody else.
    ssize_t n = readlinkat(node->procfd, "self", text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    node->is_our_pid_ns = node->is_live && spc_proc_parse_pid(text) == getpid();

    spc_auto_close int cgroups = spc_open_in_root(node->rootfd, "sys/fs/cgroup", O_PATH);
    if (cgroups < 0)
        return;
    node->has_cgroup2 = is_fs(cgroups, CGROUP2_SUPER_MAGIC) ||
                        (!node->is_live && faccessat(cgroups, "cgroup.controllers", F_OK, 0) == 0);
}

static int open_proc(struct spc_node *node, const char *sysroot, struct spc_err *err)
{
    node->procfd = spc_open_in_root(node->rootfd, "proc", O_RDONLY | O_DIRECTORY);
    if (node->procfd < 0)
        return spc_err_set(err, node->procfd, "open %s/proc", sysroot ? sysroot : "");
    node->is_live = is_fs(node->procfd, PROC_SUPER_MAGIC);
    if (!sysroot && !node->is_live) {
        spc_err_say(err, -ENODEV, "/proc is not a procfs");
        return spc_err_hint(err, "mount it: mount -t proc proc /proc");
    }
    return 0;
}

int spc_node_open(const char *sysroot, struct spc_node **ret, struct spc_err *err)
{
    SPC_CLEANUP(spc_node_free_p) struct spc_node *node = calloc(1, sizeof(*node));
    if (!node)
        return spc_err_set(err, -ENOMEM, "open the node");
    node->procfd = SPC_NOFD;
    node->rootfd = open(sysroot ? sysroot : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (node->rootfd < 0) {
        int code = -errno;
        node->rootfd = SPC_NOFD;
        return spc_err_set(err, code, "open %s", sysroot ? sysroot : "/");
    }
    int r = open_proc(node, sysroot, err);
    // A mounted disk has no /proc worth the name: its state files can be read all the same.
    if (r == -ENOENT && sysroot) {
        spc_err_clear(err);
        node->procfd = SPC_NOFD;
    } else if (r < 0) {
        return r;
    }
    read_facts(node);
    *ret = SPC_TAKE_PTR(node);
    return 0;
}

void spc_node_free(struct spc_node *node)
{
    spc_close(node->rootfd);
    spc_close(node->procfd);
    free(node);
}

int spc_node_rootfd(const struct spc_node *node)
{
    return node->rootfd;
}

int spc_node_procfd(const struct spc_node *node)
{
    return node->procfd;
}

bool spc_node_is_live(const struct spc_node *node)
{
    return node->is_live;
}
