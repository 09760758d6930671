// SPDX-License-Identifier: BSD-2-Clause
#include "scope_place.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <spc/fd.h>
#include <spc/proc.h>

static const char *const v2_roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

// The root of cgroup v2, or NULL.
static const char *v2_root(void)
{
    for (size_t i = 0; i < SPC_ARRAY_SIZE(v2_roots); i++) {
        struct statfs fs;
        if (statfs(v2_roots[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
            return v2_roots[i];
    }
    return NULL;
}

bool systrace_place_is_unified(void)
{
    return v2_root() == v2_roots[0];
}

// What bpf_get_current_cgroup_id() returns is the file handle of the directory (cgroup v2 since
// kernel 4.18, name_to_handle_at(2)).
static uint64_t cgroup_id(const char *path)
{
    struct {
        struct file_handle head;
        unsigned char data[MAX_HANDLE_SZ];
    } handle = {.head.handle_bytes = MAX_HANDLE_SZ};
    const char *root = v2_root();
    char full[PATH_MAX];
    uint64_t id = 0;
    int mount;
    if (!root || snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
        return 0;
    if (name_to_handle_at(AT_FDCWD, full, &handle.head, &mount, 0) < 0 ||
        handle.head.handle_bytes != sizeof(id))
        return 0;
    memcpy(&id, handle.head.f_handle, sizeof(id));
    return id;
}

static int proc_open(pid_t pid)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d", pid);
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// Path in cgroup v2, "" for the root, which tells nobody.
static void cgroup_path(int procfd, char path[static PATH_MAX])
{
    char text[8192];
    struct spc_cgroup_line line;
    path[0] = '\0';
    if (procfd < 0 || spc_read_small(procfd, "cgroup", text, sizeof(text)) < 0)
        return;
    for (const char *at = text; spc_proc_next_cgroup(&at, &line);)
        if (line.rank == 0 && line.path_len > 1 && line.path_len < PATH_MAX) {
            memcpy(path, line.path, line.path_len);
            path[line.path_len] = '\0';
        }
}

static unsigned level_of(const char *path)
{
    unsigned level = 0;
    for (; *path; path++)
        level += path[0] == '/' && path[1] && path[1] != '/';
    return level;
}

static uint64_t pidns_at(int procfd)
{
    struct stat st;
    return procfd >= 0 && fstatat(procfd, "ns/pid", &st, 0) == 0 ? st.st_ino : 0;
}

uint64_t systrace_place_pidns(pid_t pid)
{
    spc_auto_close int fd = proc_open(pid);
    return pidns_at(fd);
}

// PID 1, where it may be looked at, else a thread of the kernel, else ourselves.
uint64_t systrace_place_host_pidns(void)
{
    uint64_t inode = systrace_place_pidns(1);
    inode = inode ? inode : systrace_place_pidns(2);
    return inode ? inode : systrace_place_pidns(getpid());
}

uint64_t systrace_place_cgroup_of(pid_t pid)
{
    spc_auto_close int fd = proc_open(pid);
    char path[PATH_MAX];
    cgroup_path(fd, path);
    return path[0] ? cgroup_id(path) : 0;
}

void systrace_place_find(const struct spc_target *target, struct scope_place *ret)
{
    char path[PATH_MAX] = "";
    *ret = (struct scope_place){0};
    // A pod is several containers, each with a PID namespace of its own.
    if (target->kind == SPC_TARGET_CONTAINER) {
        uint64_t pidns = pidns_at(target->procfd);
        ret->pidns = pidns != systrace_place_host_pidns() ? pidns : 0;
    }
    if (!target->cgroup || strcmp(target->cgroup, "/") == 0)
        return;
    // Below a hybrid hierarchy the same path may exist in v2 without any process of the target.
    cgroup_path(target->procfd, path);
    size_t len = strlen(target->cgroup);
    bool is_inside = strncmp(path, target->cgroup, len) == 0 && (!path[len] || path[len] == '/');
    if (!is_inside && !(target->procfd < 0 && systrace_place_is_unified()))
        return;
    ret->cgroup_id = cgroup_id(target->cgroup);
    ret->cgroup_level = level_of(target->cgroup);
}
