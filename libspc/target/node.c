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

// The files of a process that are read here give all they have to the first read(2) that has room
// (seq_file with single_open()); a second one to see the end would double the time of a scan.
static ssize_t read_once(int procfd, const char *path, char *buf, size_t size)
{
    spc_auto_close int fd = openat(procfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, buf, size);
    if (n < 0)
        return -errno;
    if ((size_t)n == size)
        return -E2BIG;
    buf[n] = '\0';
    return n;
}

ssize_t spc_node_read(const struct spc_node *node, pid_t pid, const char *name, char *buf,
                      size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
    if (node->is_live)
        return read_once(node->procfd, path, buf, size);

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
    snprintf(path, sizeof(path), "%d/root", (int)pid);
    if (!node->is_live) {
        // A recorded tree may hold the roots of processes that had another one; a process in a PID
        // namespace of its own certainly had.
        int fd = spc_open_in_root(node->procfd, path, O_PATH | O_DIRECTORY);
        bool is_host = spc_node_link(node, pid, "ns/pid", link, sizeof(link)) < 0 ||
                       strcmp(link, node->host_ns[SPC_NS_PID]) == 0;
        if (fd >= 0 || !is_host)
            return fd;
    }
    if (!node->is_live || (spc_node_link(node, pid, "ns/mnt", mnt, sizeof(mnt)) > 0 &&
                           strcmp(mnt, node->host_ns[SPC_NS_MNT]) == 0 &&
                           spc_node_link(node, pid, "root", link, sizeof(link)) == 1)) {
        int fd = fcntl(node->rootfd, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? -errno : fd;
    }
    // A magic link of our own procfs: it leads to what that process has as "/", no further.
    int fd = openat(node->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

unsigned spc_node_shared(const struct spc_node *node, pid_t pid)
{
    unsigned mask = 0;
    char path[32], link[SPC_NS_TEXT];
    snprintf(path, sizeof(path), "%d/ns", (int)pid);
    // One look-up of the process instead of eight. Only the texts of links are read, so a recorded
    // tree cannot lead anywhere with them, but it may with the directory.
    spc_auto_close int dir = node->is_live
                                 ? openat(node->procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC)
                                 : spc_open_in_root(node->procfd, path, O_PATH | O_DIRECTORY);
    for (int kind = 0; kind < _SPC_NS_MAX && dir >= 0; kind++) {
        ssize_t n = readlinkat(dir, spc_ns_table[kind].name, link, sizeof(link) - 1);
        link[n > 0 ? n : 0] = '\0';
        if (n > 0 && strcmp(link, node->host_ns[kind]) == 0)
            mask |= SPC_NS_BIT(kind);
    }
    return mask;
}

// On a live node these are the kernel's own files: no need to guard the look-up.
static bool file_says(const struct spc_node *node, int dirfd, const char *cgroup, const char *file,
                      const char *word)
{
    char path[PATH_MAX], text[256] = "";
    spc_auto_free char *data = NULL;
    int n = snprintf(path, sizeof(path), "%s/%s", cgroup + strspn(cgroup, "/"), file);
    if (dirfd < 0 || n < 0 || (size_t)n >= sizeof(path))
        return false;
    if (node->is_live)
        return read_once(dirfd, path, text, sizeof(text)) > 0 && strstr(text, word);
    return spc_read_in_root(dirfd, path, sizeof(text), &data, NULL) == 0 && strstr(data, word);
}

bool spc_node_is_frozen(const struct spc_node *node, const char *cgroup, char state)
{
    // The freezer of v1 leaves its tasks in state D, that of v2 in S.
    return file_says(node, node->cgroup2fd, cgroup, "cgroup.events", "frozen 1") ||
           (state == 'D' && file_says(node, node->freezerfd, cgroup, "freezer.state", "FROZEN"));
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
    char text[1024];
    struct spc_proc_stat stat;
    if (spc_node_link(node, 1, "ns/mnt", text, sizeof(text)) > 0)
        return 1;
    bool is_kernel = spc_node_read(node, 2, "stat", text, sizeof(text)) > 0 &&
                     spc_proc_parse_stat(text, &stat) == 0 && stat.is_kernel;
    return is_kernel ? 2 : 1;
}

// Without a look at mountinfo, which has a line for every mount of every container: the places that
// systemd and every engine agree on.
static void open_cgroups(struct spc_node *node)
{
    static const char *const v2[] = {"sys/fs/cgroup", "sys/fs/cgroup/unified"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(v2) && node->cgroup2fd < 0; i++) {
        spc_auto_close int fd = spc_open_in_root(node->rootfd, v2[i], O_PATH | O_DIRECTORY);
        if (fd >= 0 && (node->is_live ? is_fs(fd, CGROUP2_SUPER_MAGIC)
                                      : faccessat(fd, "cgroup.controllers", F_OK, 0) == 0))
            node->cgroup2fd = SPC_TAKE_FD(fd);
    }
    int fd = spc_open_in_root(node->rootfd, "sys/fs/cgroup/freezer", O_PATH | O_DIRECTORY);
    node->freezerfd = fd < 0 ? SPC_NOFD : fd;
}

static void read_facts(struct spc_node *node)
{
    char text[256], name[16];
    node->host_pid = reference_process(node);
    node->uptime_ns = UINT64_MAX;
    spc_auto_free char *uptime = NULL;
    if (spc_read_in_root(node->procfd, "uptime", sizeof(text), &uptime, NULL) == 0)
        spc_proc_parse_uptime(uptime, &node->uptime_ns);

    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        snprintf(name, sizeof(name), "ns/%s", spc_ns_table[kind].name);
        if (spc_node_link(node, node->host_pid, name, node->host_ns[kind], SPC_NS_TEXT) < 0)
            node->host_ns[kind][0] = '\0';
    }

    // /proc/self leads to us when this procfs is of our own PID namespace, else to nothing or to
    // somebody else.
    ssize_t n = readlinkat(node->procfd, "self", text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    node->is_our_pid_ns = node->is_live && spc_proc_parse_pid(text) == getpid();

    open_cgroups(node);
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
    node->procfd = node->cgroup2fd = node->freezerfd = SPC_NOFD;
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
    spc_close(node->cgroup2fd);
    spc_close(node->freezerfd);
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

int spc_node_open_host_ns(const struct spc_node *node, enum spc_ns_kind kind)
{
    char path[64];
    if (!node->is_live)
        return -ENOTSUP;
    snprintf(path, sizeof(path), "%d/ns/%s", (int)node->host_pid, spc_ns_table[kind].name);
    int fd = openat(node->procfd, path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

bool spc_node_is_live(const struct spc_node *node)
{
    return node->is_live;
}
