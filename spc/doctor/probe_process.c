// SPDX-License-Identifier: BSD-2-Clause
// Tracing and holding processes, namespaces of one's own, packet sockets. Everything is tried on
// children that wait for nothing else and die with the probe.
#include "doctor_priv.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/ns_table.h>
#include <spc/own.h>

#define NOBODY 65534

// A child that waits to be killed; it dies with this process. Negative errno.
static pid_t start_sleeper(void)
{
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        doctor_die_with(self);
        for (;;)
            pause();
    }
    return pid < 0 ? -errno : pid;
}

static void end_sleeper(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

// Run func in a child of its own: 0, or the negative errno it returned.
static int in_child(int (*func)(long arg), long arg)
{
    int status = 0;
    pid_t self = getpid(), pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        doctor_die_with(self);
        _exit(-func(arg));
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -ECHILD;
    return -WEXITSTATUS(status);
}

// Seize a process, stop it and let it go again, as strace-lite does.
static int seize(long pid)
{
    int status = 0;
    if (ptrace(PTRACE_SEIZE, (pid_t)pid, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
        ptrace(PTRACE_INTERRUPT, (pid_t)pid, NULL, NULL) != 0)
        return -errno;
    if (waitpid((pid_t)pid, &status, __WALL) != pid || !WIFSTOPPED(status))
        return -ECHILD;
    return ptrace(PTRACE_DETACH, (pid_t)pid, NULL, NULL) == 0 ? 0 : -errno;
}

void doctor_ask_ptrace(struct doctor_answer *answer)
{
    pid_t pid = start_sleeper();
    int r = pid < 0 ? pid : seize(pid);
    if (pid > 0)
        end_sleeper(pid);
    if (r < 0)
        doctor_failed(answer, r, "seizing a child");
    else
        doctor_say(answer, DOCTOR_OK, "a child can be seized, stopped and let go");
}

// A sibling is no descendant: what Yama calls a foreign process.
void doctor_ask_ptrace_any(struct doctor_answer *answer)
{
    pid_t pid = start_sleeper();
    int r = pid < 0 ? pid : in_child(seize, pid);
    if (pid > 0)
        end_sleeper(pid);
    if (r < 0)
        doctor_failed(answer, r, "seizing a process that is no descendant");
    else if (doctor_has_cap(CAP_SYS_PTRACE))
        doctor_say(answer, DOCTOR_OK, "processes of every user");
    else
        doctor_say(answer, DOCTOR_LIMITED, "processes of the same user only");
}

void doctor_ask_process_vm(struct doctor_answer *answer)
{
    static const char there[] = "seen";
    char here[sizeof(there)] = "";
    pid_t pid = start_sleeper(); // a copy of us: the string is at the same address
    if (pid < 0) {
        doctor_failed(answer, pid, "fork");
        return;
    }
    struct iovec local = {here, sizeof(here)}, remote = {(void *)(uintptr_t)there, sizeof(there)};
    ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    int code = -errno;
    end_sleeper(pid);
    if (n < 0)
        doctor_failed(answer, code, "process_vm_readv");
    else if (memcmp(here, there, sizeof(there)) != 0)
        doctor_say(answer, DOCTOR_UNKNOWN, "process_vm_readv read something else");
    else
        doctor_say(answer, DOCTOR_OK, "memory of a child can be read");
}

void doctor_ask_pidfd(struct doctor_answer *answer)
{
    pid_t pid = start_sleeper();
    if (pid < 0) {
        doctor_failed(answer, pid, "fork");
        return;
    }
    spc_auto_close int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int code = -errno;
    if (fd < 0) {
        doctor_failed(answer, code, "pidfd_open");
    } else if (syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) != 0) {
        doctor_failed(answer, -errno, "pidfd_send_signal");
    } else {
        // The sleeper's stdin is ours: a descriptor that is there for sure (kernel 5.6).
        spc_auto_close int copy = (int)syscall(SYS_pidfd_getfd, fd, STDIN_FILENO, 0);
        doctor_say(answer, DOCTOR_OK, "open and signal%s",
                   copy >= 0 ? ", and take descriptors" : "");
    }
    end_sleeper(pid);
}

static int unshare_one(long flag)
{
    return unshare((int)flag) == 0 ? 0 : -errno;
}

void doctor_ask_namespaces(struct doctor_answer *answer)
{
    spc_auto_buf struct spc_buf have = {0}, lack = {0};
    for (int i = 0; i < _SPC_NS_MAX; i++) {
        int r = in_child(unshare_one, spc_ns_table[i].clone_flag);
        struct spc_buf *list = r == 0 ? &have : &lack;
        spc_buf_printf(list, "%s%s", list->len ? ", " : "", spc_ns_table[i].name);
        if (r < 0)
            spc_buf_printf(list, " (%s)", strerrorname_np(-r) ?: "?");
    }
    if (!lack.len)
        doctor_say(answer, DOCTOR_OK, "%s", spc_buf_str(&have));
    else if (have.len)
        doctor_say(answer, DOCTOR_LIMITED, "not: %s", spc_buf_str(&lack));
    else
        doctor_say(answer, DOCTOR_MISSING, "not: %s", spc_buf_str(&lack));
}

static int unshare_user_as_nobody(long unused)
{
    (void)unused;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) != 0)
        return -errno;
    return unshare_one(CLONE_NEWUSER);
}

void doctor_ask_user_namespaces(struct doctor_answer *answer)
{
    int own = in_child(unshare_one, CLONE_NEWUSER);
    if (geteuid() != 0) {
        if (own < 0)
            doctor_failed(answer, own, "as this user");
        else
            doctor_say(answer, DOCTOR_OK, "for this user");
        return;
    }
    int nobody = in_child(unshare_user_as_nobody, 0);
    if (own < 0 && nobody < 0)
        doctor_failed(answer, own, "as root");
    else if (nobody < 0)
        doctor_say(answer, DOCTOR_LIMITED, "for root only; as another user: %s", strerror(-nobody));
    else
        doctor_say(answer, DOCTOR_OK, "for root and for other users");
}

// The ring that sniff uses. Protocol 0: the socket is never handed a packet (packet(7)).
void doctor_ask_packet_socket(struct doctor_answer *answer)
{
    spc_auto_close int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        doctor_failed(answer, -errno, "socket");
        return;
    }
    int version = TPACKET_V3;
    struct tpacket_req3 ring = {
        .tp_block_size = 65536, .tp_block_nr = 2, .tp_frame_size = 2048, .tp_frame_nr = 64};
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) != 0)
        doctor_failed(answer, -errno, "ring of version 3");
    else
        doctor_say(answer, DOCTOR_OK, "with a ring of version 3");
}
