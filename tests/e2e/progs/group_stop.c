// SPDX-License-Identifier: BSD-2-Clause
// trace=kill,wait4,exit_group
// A group stop is a real one under the tracer: the parent sees it, and SIGCONT ends it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

int main(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(5);
    }
    waitpid(pid, &status, WUNTRACED);
    expect("--- stopped by SIGSTOP ---");
    expect("wait4(%d, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], WSTOPPED, NULL) = %d", pid, pid);
    usleep(100000);
    if (waitpid(pid, &status, WNOHANG) != 0) // a tracer that lets a stopped process run on
        expect("(the process did not stay stopped)");
    kill(pid, SIGCONT);
    expect("kill(%d, SIGCONT) = 0", pid);
    waitpid(pid, &status, 0);
    expect("exit_group(5) = ?");
    expect("wait4(%d, [{WIFEXITED(s) && WEXITSTATUS(s) == 5}], 0, NULL) = %d", pid, pid);
    pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(5);
    }
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGKILL); // out of a stop
    waitpid(pid, &status, 0);
    expect("+++ killed by SIGKILL +++");
    expect("wait4(%d, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = %d", pid, pid);
    return 0;
}
