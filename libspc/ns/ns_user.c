// SPDX-License-Identifier: BSD-2-Clause
// user_namespaces(7): the maps of a new namespace are written from the outside, by a process that
// may set IDs there. That is a short-lived child, which stays behind in the old namespace.
#include <spc/ns.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/fd.h>
#include <spc/own.h>

static const char *const map_files[] = {"uid_map", "gid_map"};

// Every range of ours, mapped onto itself.
static int make_identity(int proc, const char *file, struct spc_buf *ret)
{
    char text[4096];
    ssize_t len = spc_read_small(proc, file, text, sizeof(text));
    if (len < 0)
        return (int)len;
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        unsigned inside, outside, count;
        if (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3)
            spc_buf_printf(ret, "%u %u %u\n", inside, inside, count);
    }
    return spc_buf_check(ret);
}

// The child: wait until the namespace exists, then write. The exit status tells how it went.
static _Noreturn void write_maps(int proc, int ready, const struct spc_buf maps[2])
{
    char c;
    if (read(ready, &c, 1) != 1)
        _exit(ECANCELED);
    for (int i = 0; i < 2; i++) {
        // One write(2) each is all that the kernel takes.
        int fd = openat(proc, map_files[i], O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, maps[i].data, maps[i].len) != (ssize_t)maps[i].len)
            _exit(errno);
    }
    _exit(0);
}

static int unshare_with_child(int proc, const struct spc_buf maps[2], struct spc_err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return spc_err_set(err, -errno, "pipe");
    spc_auto_close int ready = ends[0], tell = ends[1];
    // Not fork(3): the caller may be a vfork child, whose library state is its parent's.
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child < 0)
        return spc_err_set(err, -errno, "fork");
    if (child == 0) {
        close(tell);
        write_maps(proc, ready, maps);
    }
    int r = unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
    if (r == 0 && write(tell, "k", 1) != 1)
        r = -errno;
    spc_close(SPC_TAKE_FD(tell));
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (r < 0)
        return spc_err_set(err, r, "new user namespace");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return spc_err_set(err, WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD,
                           "map IDs of the new user namespace");
    return 0;
}

int spc_ns_unshare_user(struct spc_err *err)
{
    spc_auto_close int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return spc_err_set(err, -errno, "/proc/self");
    spc_auto_buf struct spc_buf uids = {0}, gids = {0};
    int r = make_identity(proc, map_files[0], &uids);
    if (r == 0)
        r = make_identity(proc, map_files[1], &gids);
    if (r < 0)
        return spc_err_set(err, r, "read ID maps");
    const struct spc_buf maps[2] = {uids, gids};
    return unshare_with_child(proc, maps, err);
}
