// SPDX-License-Identifier: BSD-2-Clause
#include "wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static void ending_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGQUIT);
}

int systrace_wait_begin(struct waiter *waiter, struct spc_err *err)
{
    sigset_t set;
    ending_signals(&set);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return spc_err_set(err, -errno, "blocking signals");
    waiter->signalfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return waiter->signalfd < 0 ? spc_err_set(err, -errno, "signalfd") : 0;
}

void systrace_wait_end(struct waiter *waiter)
{
    sigset_t set;
    ending_signals(&set);
    spc_close(waiter->signalfd);
    waiter->signalfd = SPC_NOFD;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t systrace_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t systrace_now_real(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int systrace_wait(struct waiter *waiter, uint64_t deadline, int fd, struct spc_err *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = waiter->signalfd, .events = POLLIN},
                               {.fd = fd, .events = POLLIN}};
        uint64_t now = systrace_now(), left = deadline > now ? deadline - now : 0;
        struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        int r = ppoll(fds, SPC_ARRAY_SIZE(fds), deadline == UINT64_MAX ? NULL : &timeout, NULL);
        if (r < 0 && errno != EINTR)
            return spc_err_set(err, -errno, "waiting");
        if (r == 0)
            return WAIT_TIME;
        if (r > 0 && fds[0].revents) {
            struct signalfd_siginfo info;
            while (read(waiter->signalfd, &info, sizeof(info)) > 0)
                waiter->is_interrupted = true;
            return WAIT_INTERRUPTED;
        }
        if (r > 0 && fds[1].revents)
            return WAIT_READABLE;
    }
}

// --- commands -----------------------------------------------------------------------------------

// In the child: only async-signal-safe calls.
static void run_child(char *const argv[], int gate)
{
    sigset_t set;
    char byte;
    ending_signals(&set);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // until execve of a set-user-ID program
    if (read(gate, &byte, 1) != 1)
        _exit(SPC_EXIT_RUN_FAILED);
    prctl(PR_SET_PDEATHSIG, 0);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    execvp(argv[0], argv);
    byte = (char)errno;
    // The other end reads it from the same socket; nothing is to be done where that fails.
    ssize_t written = write(gate, &byte, 1);
    _exit(written == 1 && errno == ENOENT ? SPC_EXIT_RUN_NOENT : SPC_EXIT_RUN_NOEXEC);
}

int systrace_command_start(char *const argv[], struct command *ret, struct spc_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return spc_err_set(err, -errno, "socketpair");
    spc_auto_close int ours = pair[0];
    spc_auto_close int theirs = pair[1];
    pid_t pid = fork();
    if (pid < 0)
        return spc_err_set(err, -errno, "starting %s", argv[0]);
    if (pid == 0) {
        close(ours);
        run_child(argv, theirs);
    }
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    *ret = (struct command){.pid = pid, .pidfd = pidfd, .gate = SPC_TAKE_FD(ours)};
    return pidfd < 0 ? spc_err_set(err, -errno, "pidfd_open") : 0;
}

int systrace_command_release(struct command *command, struct spc_err *err)
{
    if (send(command->gate, "", 1, MSG_NOSIGNAL) != 1)
        return spc_err_set(err, -errno, "releasing the command");
    return 0;
}

// The socket is closed by a successful execve, and holds the errno of one that failed.
static int exec_error(struct command *command)
{
    unsigned char byte;
    ssize_t len = recv(command->gate, &byte, 1, MSG_DONTWAIT);
    return len == 1 ? -(int)byte : 0;
}

int systrace_command_wait(struct command *command, int *ret_status, struct spc_err *err)
{
    pid_t pid = command->pid;
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return spc_err_set(err, -errno, "waiting for the command");
    command->pid = 0;
    int r = exec_error(command);
    return r < 0 ? spc_err_set(err, r, "executing the command") : 0;
}

void systrace_command_end(struct command *command)
{
    if (command->pid > 0) {
        kill(command->pid, SIGKILL);
        while (waitpid(command->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    spc_close(command->pidfd);
    spc_close(command->gate);
    *command = (struct command)SYSTRACE_COMMAND_NONE;
}
