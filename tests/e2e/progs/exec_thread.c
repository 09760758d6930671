// SPDX-License-Identifier: BSD-2-Clause
// trace=execve,pause,exit_group
// execve by a thread that is not the leader: the others end, and it takes the leader's ID.
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"

static void *waiter(void *arg)
{
    syscall(SYS_pause);
    return arg;
}

static void *execer(void *arg)
{
    char *argv[] = {(char *)"true", NULL};
    usleep(100000);
    expect("execve(\"/bin/true\", [\"true\"], ENVIRONMENT <unfinished ...>");
    expect("<... pause resumed>) = ?");
    expect("+++ superseded by execve in pid %d +++", (int)syscall(SYS_gettid));
    expect("<... execve resumed>) = 0");
    expect("exit_group(0) = ?");
    expect("+++ exited with 0 +++");
    execv("/bin/true", argv);
    return arg;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, waiter, NULL);
    pthread_create(&thread, NULL, execer, NULL);
    syscall(SYS_pause);
    return 1;
}
