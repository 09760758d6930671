// SPDX-License-Identifier: BSD-2-Clause
#include "calibrate.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { CHUNKS = 21, CALLS = 1000, SPINS = 100000 };

static double thread_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return values[count / 2];
}

static double time_null_call(void)
{
    double ns[CHUNKS];
    for (size_t i = 0; i < CHUNKS; i++) {
        double begin = thread_ns();
        for (int n = 0; n < CALLS; n++)
            syscall(SYS_getppid);
        ns[i] = (thread_ns() - begin) / CALLS;
    }
    return median(ns, CHUNKS);
}

// Additions that depend on each other: nothing but the clock frequency changes their time.
static double time_spin(void)
{
    double ns[CHUNKS];
    for (size_t i = 0; i < CHUNKS; i++) {
        double begin = thread_ns();
        uint64_t x = 1;
        for (int n = 0; n < SPINS; n++) {
            x += x << 1;
            __asm__ volatile("" : "+r"(x));
        }
        ns[i] = thread_ns() - begin;
    }
    return median(ns, CHUNKS);
}

// The smallest step between two readings that differ.
static double clock_quantum(void)
{
    double least = 1e9;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int n = 0; n < 1000; n++, a = b) {
        clock_gettime(CLOCK_MONOTONIC, &b);
        double step = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
        if (step > 0 && step < least)
            least = step;
    }
    return least;
}

struct caller {
    pid_t pid;
    int fd; // a byte asks for one measurement, a double comes back
};

static void run_caller(int fd)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read(fd, &byte, 1) == 1) {
        double ns = time_null_call();
        if (write(fd, &ns, sizeof(ns)) != sizeof(ns))
            break;
    }
    _exit(0);
}

static void caller_end(struct caller *caller)
{
    spc_close(caller->fd);
    if (caller->pid > 0) {
        kill(caller->pid, SIGKILL);
        while (waitpid(caller->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
}

static int caller_start(struct caller *ret, struct spc_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return spc_err_set(err, -errno, "socketpair");
    spc_auto_close int ours = pair[0];
    spc_auto_close int theirs = pair[1];
    pid_t pid = fork();
    if (pid < 0)
        return spc_err_set(err, -errno, "starting a process to calibrate with");
    if (pid == 0) {
        close(ours);
        run_caller(theirs);
    }
    *ret = (struct caller){.pid = pid, .fd = SPC_TAKE_FD(ours)};
    return 0;
}

static int caller_ask(const struct caller *caller, double *ret, struct spc_err *err)
{
    if (write(caller->fd, "", 1) != 1 || read(caller->fd, ret, sizeof(*ret)) != sizeof(*ret))
        return spc_err_say(err, -EIO, "calibrating: the helper process is gone");
    return 0;
}

static int ask_traced(const struct caller *caller, enum probe_kind kind, double *ret,
                      struct spc_err *err)
{
    struct scope_member member = {.key = (uint64_t)caller->pid};
    struct scope scope = {.kind = SYSTRACE_SCOPE_PROCESS, .members = &member, .member_count = 1};
    struct call_filter filter = {0};
    struct probe_options options = {
        .scope = &scope, .filter = &filter, .kind = kind, .memory = 1 << 20};
    SPC_CLEANUP(systrace_probe_free_p) struct probe *probe = NULL;
    int r = systrace_probe_open(&options, &probe, err);
    r = r < 0 ? r : systrace_probe_attach(probe, err);
    r = r < 0 ? r : caller_ask(caller, ret, err);
    return r < 0 ? spc_err_wrap(err, "calibrating") : 0;
}

int systrace_calibrate(enum probe_kind kind, struct calibration *ret, struct spc_err *err)
{
    struct caller caller SPC_CLEANUP(caller_end) = {.fd = SPC_NOFD};
    struct calibration c = {.spin = time_spin(), .quantum = clock_quantum()};
    int r = caller_start(&caller, err);
    r = r < 0 ? r : caller_ask(&caller, &c.null_untraced, err);
    r = r < 0 ? r : ask_traced(&caller, kind, &c.null_traced, err);
    if (r == 0)
        *ret = c;
    return r;
}
