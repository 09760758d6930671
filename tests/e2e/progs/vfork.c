// SPDX-License-Identifier: BSD-2-Clause
// trace=vfork,wait4,exit_group,execve
// vfork and execve in a child, followed; its end as the parent sees it.
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

int main(void)
{
    int status;
    pid_t pid = vfork();
    if (pid == 0) {
        execl("/nosuch/command", "command", "\"arg\"", NULL);
        _exit(7);
    }
    waitpid(pid, &status, 0);
    expect("vfork( <unfinished ...>");
    expect(
        "execve(\"/nosuch/command\", [\"command\", \"\\\"arg\\\"\"], ENVIRONMENT) = -1 ENOENT (No "
        "such file or directory)");
    expect("exit_group(7) = ?");
    expect("+++ exited with 7 +++");
    expect("--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=%d, si_uid=%d, si_status=7, "
           "si_utime=0, si_stime=0} ---",
           pid, getuid());
    expect("wait4(%d, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = %d", pid, pid);
    expect("exit_group(3) = ?");
    expect("+++ exited with 3 +++");
    return 3;
}
