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

// "35 0x7ffd... sp pc" while in call 35, "-1 sp pc" while blocked outside of any, "running".
static void look_at_thread(int taskfd, const char *name, void (*found)(pid_t tid, void *context),
                           void *context)
{
    char path[64], text[256];
    snprintf(path, sizeof(path), "%.20s/syscall", name);
    if (spc_read_small(taskfd, path, text, sizeof(text)) > 0 && text[0] >= '0' && text[0] <= '9')
        found(spc_proc_parse_pid(name), context);
}

void systrace_threads_in_calls(void (*found)(pid_t tid, void *context), void *context)
{
    spc_auto_dir DIR *proc = open_dir(AT_FDCWD, "/proc");
    struct dirent *process, *thread;
    while (proc && (process = readdir(proc))) {
        char path[64];
        if (!spc_proc_parse_pid(process->d_name))
            continue;
        snprintf(path, sizeof(path), "%.20s/task", process->d_name);
        spc_auto_dir DIR *tasks = open_dir(dirfd(proc), path);
        while (tasks && (thread = readdir(tasks)))
            if (spc_proc_parse_pid(thread->d_name))
                look_at_thread(dirfd(tasks), thread->d_name, found, context);
    }
}
