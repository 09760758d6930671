// SPDX-License-Identifier: BSD-2-Clause
// Programs that packaged tools measure wrongly. `traps NAME` runs one; it prints what a right
// measurement of it holds, a line each: CALL FIELD LEAST MOST, with the fields of `report --json`.
// `traps` lists the names.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void expect(const char *call, const char *field, double least, double most)
{
    printf("%s %s %.0f %.0f\n", call, field, least, most);
}

static void sleep_ms(long ms)
{
    struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static uint64_t now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts); // vDSO: no system call
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

// Counts that `strace -c` must agree with.
static void steady(void)
{
    for (int i = 0; i < 1000; i++)
        syscall(SYS_getppid);
    for (int i = 0; i < 500; i++)
        syscall(SYS_getuid);
    for (int i = 0; i < 50; i++)
        syscall(SYS_close, -1);
    for (int i = 0; i < 200; i++)
        syscall(SYS_faccessat, -100, "/nonexistent", 0);
    expect("getppid", "count", 1000, 1000);
    expect("getuid", "count", 500, 500);
    expect("close", "errors", 50, 50);
    expect("faccessat", "count", 200, 200);
    expect("faccessat", "errors", 200, 200);
}

// seccomp refuses before the tracepoint of entries: a return without an entry. Whoever pairs it
// with the last entry charges it the sleep before it.
static void denied(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(*code), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        exit(1);
    for (int i = 0; i < 5; i++) {
        sleep_ms(40);
        syscall(SYS_getppid);
    }
    expect("getppid", "denied", 5, 5);
    expect("getppid", "count", 0, 0);
    expect("clock_nanosleep", "count", 5, 5);
    expect("clock_nanosleep", "total_ns", 200e6, 2e9);
}

// The child returns from a fork that it never entered.
static void forks(void)
{
    for (int i = 0; i < 100; i++) {
        pid_t pid = (pid_t)syscall(SYS_fork);
        if (pid == 0)
            syscall(SYS_exit_group, 0);
        waitpid(pid, NULL, 0);
    }
    expect("fork", "count", 100, 100);
    expect("fork", "no_entry", 0, 0);
    expect("fork", "denied", 0, 0);
    expect("exit_group", "no_return", 100, 101);
}

static void *exec_true(void *arg)
{
    (void)arg;
    sleep_ms(300); // the leader is in its call for as long
    execl("/bin/true", "true", (char *)NULL);
    return NULL;
}

// The thread takes over the leader's ID within execve.
static void exec_thread(void)
{
    pthread_t thread;
    expect("execve", "denied", 0, 0);
    expect("execve", "max_ns", 1, 150e6);
    fflush(stdout);
    pthread_create(&thread, NULL, exec_true, NULL);
    for (;;)
        pause();
}

static void on_signal(int sig)
{
    (void)sig;
}

// Enters as rt_sigreturn, returns as -1; its "result" is a register of the interrupted code.
static void handler(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval timer = {.it_value = {0, 20000}};
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 5; i++) {
        setitimer(ITIMER_REAL, &timer, NULL);
        pause();
    }
    expect("rt_sigreturn", "count", 5, 5);
    expect("rt_sigreturn", "errors", 0, 0);
    expect("pause", "restarted", 5, 5);
    expect("pause", "errors", 0, 0);
    expect("call_invalid", "count", 0, 0);
}

// 20 is getpid in the table of 32-bit calls and writev in the other.
static void compat(void)
{
    for (int i = 0; i < 10; i++) {
        long ret = 20;
        __asm__ volatile("int $0x80" : "+a"(ret) : : "memory");
        if (ret != getpid())
            return; // the kernel has no 32-bit calls: nothing is expected
    }
    expect("compat:getpid", "count", 10, 10);
    expect("writev", "count", 0, 0);
}

// A stopped sleeper goes on by restart_syscall.
static void restart(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        usleep(50000);
        kill(parent, SIGSTOP);
        usleep(50000);
        kill(parent, SIGCONT);
        _exit(0);
    }
    struct timespec ts = {0, 300000000};
    syscall(SYS_nanosleep, &ts, NULL);
    waitpid(pid, NULL, 0);
    expect("nanosleep", "restarted", 1, 1);
    expect("nanosleep", "errors", 0, 0);
    expect("restart_syscall", "count", 1, 1);
}

static void invalid(void)
{
    for (int i = 0; i < 7; i++)
        syscall(5000);
    syscall(-1);
    expect("call_invalid", "count", 8, 8);
    expect("call_invalid", "errors", 8, 8);
}

static void *end_thread(void *arg)
{
    return arg;
}

// exit(2) does not return: nothing may be left behind for it.
static void exits(void)
{
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, end_thread, NULL);
        pthread_join(thread, NULL);
    }
    expect("exit", "no_return", 50, 50);
    expect("exit", "count", 0, 0);
    expect("in_flight", "count", 0, 0);
}

// Returns on another processor than it entered on.
static void migrate(void)
{
    for (int i = 0; i < 200; i++) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(i % 2, &set);
        sched_setaffinity(0, sizeof(set), &set);
    }
    expect("sched_setaffinity", "count", 200, 200);
    expect("sched_setaffinity", "denied", 0, 0);
    expect("sched_setaffinity", "no_entry", 0, 0);
    expect("sched_setaffinity", "max_ns", 1, 1e9);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Durations that the program knows itself: the histogram's error is 4.4 %.
static void sleepers(void)
{
    enum { N = 60 };
    uint64_t ns[N], total = 0;
    for (int i = 0; i < N; i++) {
        uint64_t begin = now();
        sleep_ms(3 + i % 3 * 4);
        ns[i] = now() - begin;
        total += ns[i];
    }
    qsort(ns, N, sizeof(*ns), by_value);
    expect("clock_nanosleep", "count", N, N);
    expect("clock_nanosleep", "p50_ns", (double)ns[N / 2 - 2] / 1.044,
           (double)ns[N / 2 + 1] * 1.044);
    expect("clock_nanosleep", "total_ns", (double)total * 0.98, (double)total);
    expect("clock_nanosleep", "max_ns", (double)ns[N - 1] * 0.98, (double)ns[N - 1]);
}

static void read_schedstat(uint64_t ret[2])
{
    FILE *file = fopen("/proc/self/schedstat", "r");
    unsigned long long cpu = 0, queue = 0;
    if (!file || fscanf(file, "%llu %llu", &cpu, &queue) != 2)
        exit(1);
    fclose(file);
    ret[0] = cpu;
    ret[1] = queue;
}

// Time blocked in read(2), held against what the scheduler itself says.
static void blocked(void)
{
    int fds[2];
    uint64_t before[2], after[2];
    if (pipe(fds) < 0)
        exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        for (int i = 0; i < 20; i++) {
            usleep(15000);
            if (write(fds[1], "", 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(fds[1]);
    char byte;
    read_schedstat(before);
    uint64_t begin = now();
    while (read(fds[0], &byte, 1) == 1)
        ;
    uint64_t wall = now() - begin;
    read_schedstat(after);
    waitpid(pid, NULL, 0);
    double off = (double)wall - (double)(after[0] - before[0]) - (double)(after[1] - before[1]);
    expect("read", "blocked_ns", off * 0.95, off * 1.05);
}

// Until it is killed: for calls that outlast a measurement.
static void forever(void)
{
    expect("pause", "count", 0, 0);
    fflush(stdout);
    for (;;)
        pause();
}

static const struct {
    const char *name;
    void (*run)(void);
} traps[] = {
    {"steady", steady},           {"denied", denied},     {"forks", forks},
    {"exec_thread", exec_thread}, {"sigreturn", handler}, {"compat", compat},
    {"restart", restart},         {"invalid", invalid},   {"exits", exits},
    {"migrate", migrate},         {"sleepers", sleepers}, {"blocked", blocked},
    {"forever", forever},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(traps) / sizeof(*traps); i++) {
        if (argc < 2) {
            puts(traps[i].name);
        } else if (strcmp(argv[1], traps[i].name) == 0) {
            traps[i].run();
            return 0;
        }
    }
    return argc >= 2;
}
