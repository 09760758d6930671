// SPDX-License-Identifier: BSD-2-Clause
#include "threads.h"

#include <fcntl.h>
#include <stdio.h>

#include <spc/fd.h>
#include <spc/own.h>
#include <spc/proc.h>

static DIR *open_dir(int dirfd, const char *path)
{
    int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        spc_close(fd);
    return dir;
}

struct look {
    pid_t tgid;
    void (*found)(pid_t tgid, pid_t tid, unsigned nr, void *context);
    void *context;
};

// "35 0x7ffd... sp pc" while in call 35, "-1 sp pc" while blocked outside of any, "running".
static void look_at_thread(const struct look *look, int taskfd, const char *name)
{
    char path[64], text[256];
    snprintf(path, sizeof(path), "%.20s/syscall", name);
    if (spc_read_small(taskfd, path, text, sizeof(text)) > 0 && text[0] >= '0' && text[0] <= '9')
        look->found(look->tgid, spc_proc_parse_pid(name), (unsigned)strtoul(text, NULL, 10),
                    look->context);
}

void systrace_threads_in_calls(void (*found)(pid_t tgid, pid_t tid, unsigned nr, void *context),
                               void *context)
{
    spc_auto_dir DIR *proc = open_dir(AT_FDCWD, "/proc");
    struct dirent *process, *thread;
    while (proc && (process = readdir(proc))) {
        struct look look = {spc_proc_parse_pid(process->d_name), found, context};
        char path[64];
        if (!look.tgid)
            continue;
        snprintf(path, sizeof(path), "%.20s/task", process->d_name);
        spc_auto_dir DIR *tasks = open_dir(dirfd(proc), path);
        while (tasks && (thread = readdir(tasks)))
            if (spc_proc_parse_pid(thread->d_name))
                look_at_thread(&look, dirfd(tasks), thread->d_name);
    }
}
