// SPDX-License-Identifier: BSD-2-Clause
// trace=read,write,getppid,exit_group
// Calls of two threads that overlap: a line is interrupted and taken up again.
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"

static int pipes[2];

static void *reader(void *arg)
{
    char buf[8] = "";
    (void)arg;
    syscall(SYS_read, pipes[0], buf, sizeof(buf));
    return NULL;
}

int main(void)
{
    pthread_t thread;
    if (pipe(pipes) < 0)
        return 1;
    pthread_create(&thread, NULL, reader, NULL);
    usleep(100000); // the reader waits by now
    syscall(SYS_getppid);
    syscall(SYS_write, pipes[1], "hi", 2);
    pthread_join(thread, NULL);
    expect("read(%d,  <unfinished ...>", pipes[0]);
    expect("getppid() = %d", getppid());
    expect("<... read resumed>\"hi\", 8) = 2");
    expect("exit_group(0) = ?");
    expect("+++ exited with 0 +++");
    return 0;
}
