// SPDX-License-Identifier: BSD-2-Clause
// A command that is started for a user of the library and waits at the gate until it is told to go,
// so that it can be attached to, moved or measured first.
#pragma once

#include <sys/types.h>

#include <spc/err.h>
#include <spc/own.h>

struct spc_child {
    pid_t pid;
    int gatefd;   // the child waits for a byte; when this is closed without one, it exits
    int reportfd; // carries the errno of a failed execve; end of file when it worked
};

#define SPC_CHILD_NONE                                                                             \
    {                                                                                              \
        .gatefd = SPC_NOFD, .reportfd = SPC_NOFD                                                   \
    }

// Find `name` as execvp(3) does; path_list is the value of PATH or NULL for its default. *ret is
// owned by the caller. Errors: -ENOENT, -EACCES, -EISDIR, each said in full.
int spc_child_find(const char *name, const char *path_list, char **ret, struct spc_err *err);

// What execve(2) is given; borrowed.
struct spc_child_command {
    const char *path;
    char *const *argv, *const *envp;
};

// Fork; the child has a copy of everything and waits.
int spc_child_fork(const struct spc_child_command *command, struct spc_child *ret,
                   struct spc_err *err);
void spc_child_release(struct spc_child *child);
// After the release: 0 when execve worked or is still to come, else its errno, negative.
// Does not wait.
int spc_child_exec_error(struct spc_child *child);
void spc_child_close(struct spc_child *child); // descriptors only; the process is the caller's
