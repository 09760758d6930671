// SPDX-License-Identifier: BSD-2-Clause
#include "netns.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <spc/own.h>

// What the child was doing when it failed.
enum step { STEP_DONE, STEP_ENTER, STEP_SOCKET };

struct answer {
    enum step step;
    int code; // negative errno
};

static int open_socket(enum sniff_socket kind)
{
    bool is_packet = kind == SNIFF_SOCKET_PACKET;
    int fd = socket(is_packet ? AF_PACKET : AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
                    is_packet ? 0 : NETLINK_ROUTE);
    return fd < 0 ? -errno : fd;
}

static int explain(const struct answer *answer, struct spc_err *err)
{
    if (answer->step == STEP_ENTER)
        spc_err_set(err, answer->code, "enter the network namespace");
    else
        spc_err_set(err, answer->code, "open a socket for capturing");
    if (answer->code == -EPERM)
        spc_err_hint(err, "capturing needs root, or CAP_NET_RAW (and CAP_SYS_ADMIN for another "
                          "network namespace)");
    return answer->code;
}

static bool is_own(int netns_fd)
{
    struct stat theirs, ours;
    return fstat(netns_fd, &theirs) == 0 && stat("/proc/self/ns/net", &ours) == 0 &&
           theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

static int enter(int netns_fd, int userns_fd)
{
    if (setns(netns_fd, CLONE_NEWNET) == 0)
        return 0;
    int code = -errno;
    // EINVAL: already in that user namespace (setns(2)); then the first failure says more.
    if (code != -EPERM || userns_fd < 0 || setns(userns_fd, CLONE_NEWUSER) < 0)
        return code;
    return setns(netns_fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

static int send_answer(int channel, const struct answer *answer, int fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {.iov_base = (void *)answer, .iov_len = sizeof(*answer)};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof(control);
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
    }
    return sendmsg(channel, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int receive_answer(int channel, struct answer *answer)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {.iov_base = answer, .iov_len = sizeof(*answer)};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof(control)};
    ssize_t n;
    do
        n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != sizeof(*answer))
        return n < 0 ? -errno : -ECHILD;
    const struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
    int fd = SPC_NOFD;
    if (cmsg && cmsg->cmsg_type == SCM_RIGHTS && cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
    return fd;
}

static int child_main(int channel, enum sniff_socket kind, int netns_fd, int userns_fd)
{
    struct answer answer = {.step = STEP_ENTER};
    answer.code = enter(netns_fd, userns_fd);
    int fd = SPC_NOFD;
    if (answer.code == 0) {
        fd = open_socket(kind);
        answer = (struct answer){.step = fd < 0 ? STEP_SOCKET : STEP_DONE, .code = fd < 0 ? fd : 0};
    }
    return send_answer(channel, &answer, fd) < 0;
}

int sniff_netns_socket(enum sniff_socket kind, int netns_fd, int userns_fd, struct spc_err *err)
{
    if (netns_fd < 0 || is_own(netns_fd)) {
        int fd = open_socket(kind);
        return fd >= 0 ? fd : explain(&(struct answer){STEP_SOCKET, fd}, err);
    }

    // A process of its own, because setns(2) to a user namespace wants a single thread, and because
    // nothing of this one ever enters a place that a container rules.
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return spc_err_set(err, -errno, "socketpair");
    spc_auto_close int ours = pair[0], theirs = pair[1];
    pid_t pid = fork();
    if (pid < 0)
        return spc_err_set(err, -errno, "fork");
    if (pid == 0)
        _exit(child_main(theirs, kind, netns_fd, userns_fd));

    spc_close(SPC_TAKE_FD(theirs)); // so that a dead child ends the wait
    struct answer answer = {0};
    int fd = receive_answer(ours, &answer);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    if (fd >= 0)
        return fd;
    if (answer.code == 0)
        return spc_err_set(err, fd, "open a socket in the network namespace");
    return explain(&answer, err);
}
