// SPDX-License-Identifier: BSD-2-Clause
// A node with thousands of containers, as far as `spc ps` can tell: real sleeping processes in
// cgroups named as docker names them, docker's and runc's state files, a process named dockerd
// whose arguments lead to them, and two bind mounts for each container. Runs a command on that
// node, then takes all of it away again; the mounts are in a namespace of their own.
//
// usage: mknode COUNT DIR COMMAND [ARG...]      DIR: an empty directory, best on a tmpfs
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Those of a hybrid host that a container runtime is found by; what is not mounted is left out.
static const char *const hierarchies[] = {
    "/sys/fs/cgroup",         "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd",
    "/sys/fs/cgroup/freezer", "/sys/fs/cgroup/pids",
};
#define HIERARCHIES (sizeof(hierarchies) / sizeof(hierarchies[0]))

struct node {
    size_t count;
    const char *dir;
    pid_t *pids;
    pid_t dockerd;
    int is_ours[HIERARCHIES]; // we made its "docker"
};

static void die(const char *what)
{
    fprintf(stderr, "mknode: %s: %s\n", what, strerror(errno));
    exit(1);
}

static const char *path_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *path_of(const char *fmt, ...)
{
    static char path[PATH_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    return path;
}

// 64 hexadecimal digits, different from the first on.
static void id_of(size_t i, char ret[65])
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (int k = 0; k < 4; k++) {
        x ^= x >> 31;
        x *= UINT64_C(0xbf58476d1ce4e5b9);
        snprintf(ret + 16 * k, 17, "%016llx", (unsigned long long)x);
    }
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    size_t len = strlen(text);
    int r = write(fd, text, len) == (ssize_t)len ? 0 : -1;
    close(fd);
    return r;
}

static uint64_t start_ticks(pid_t pid)
{
    char text[1024];
    FILE *file = fopen(path_of("/proc/%d/stat", (int)pid), "re");
    if (!file || !fgets(text, sizeof(text), file))
        die("stat of a child");
    fclose(file);
    char *p = strrchr(text, ')');
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p, NULL, 10) : 0;
}

static pid_t start_sleeper(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "sleep");
    if (getppid() != parent)
        _exit(0);
    for (;;)
        pause();
}

static pid_t start_dockerd(const struct node *node)
{
    char data[PATH_MAX], exec[PATH_MAX];
    snprintf(data, sizeof(data), "%s/data", node->dir);
    snprintf(exec, sizeof(exec), "%s/exec", node->dir);
    char *argv[] = {
        (char[]){"dockerd"}, (char[]){"--data-root"}, data, (char[]){"--exec-root"}, exec, NULL};
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv("/proc/self/exe", argv);
    _exit(1);
}

// As docker 20.10 writes them, without what nobody reads but with about its size.
static void write_state(const struct node *node, size_t i, const char *id)
{
    static char filler[26000];
    char text[32768];
    memset(filler, 'x', sizeof(filler) - 1);
    snprintf(text, sizeof(text),
             "{\"StreamConfig\":{},\"State\":{\"Running\":true,\"Paused\":false,\"Pid\":%d,"
             "\"StartedAt\":\"2026-01-01T00:00:00Z\"},\"ID\":\"%s\",\"Created\":"
             "\"2026-01-01T00:00:00Z\",\"Path\":\"/bin/sh\",\"Args\":[],\"Config\":{\"Hostname\":"
             "\"c%zu\",\"Env\":[\"PATH=%.1500s\"],\"Image\":\"registry.example/app:%zu\","
             "\"Labels\":{\"a\":\"b\"}},\"Name\":\"/c%zu\",\"Driver\":\"overlay2\",\"OS\":"
             "\"linux\",\"RestartCount\":0,\"AppArmorProfile\":\"\"}",
             (int)node->pids[i], id, i, filler, i % 40, i);
    mkdir(path_of("%s/data/containers/%s", node->dir, id), 0700);
    if (write_file(path_of("%s/data/containers/%s/config.v2.json", node->dir, id), text) < 0)
        die("config.v2.json");
    snprintf(text, sizeof(text),
             "{\"id\":\"%s\",\"init_process_pid\":%d,\"init_process_start\":%llu,\"config\":"
             "{\"rootfs\":\"%s\"}}",
             id, (int)node->pids[i], (unsigned long long)start_ticks(node->pids[i]), filler);
    mkdir(path_of("%s/exec/runtime-runc/moby/%s", node->dir, id), 0700);
    if (write_file(path_of("%s/exec/runtime-runc/moby/%s/state.json", node->dir, id), text) < 0)
        die("state.json");
}

static void join_cgroups(const struct node *node, size_t i, const char *id)
{
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", (int)node->pids[i]);
    for (size_t k = 0; k < HIERARCHIES; k++) {
        if (access(path_of("%s/cgroup.procs", hierarchies[k]), F_OK) != 0)
            continue;
        if (mkdir(path_of("%s/docker/%s", hierarchies[k], id), 0755) < 0 && errno != EEXIST)
            die("mkdir of a cgroup");
        if (write_file(path_of("%s/docker/%s/cgroup.procs", hierarchies[k], id), pid) < 0)
            die("cgroup.procs");
    }
}

static void bind_mounts(const struct node *node)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die("a mount namespace");
    char from[PATH_MAX];
    snprintf(from, sizeof(from), "%s/file", node->dir);
    mkdir(path_of("%s/mounts", node->dir), 0700);
    write_file(from, "");
    for (size_t i = 0; i < 2 * node->count; i++) {
        const char *to = path_of("%s/mounts/%zu", node->dir, i);
        if (write_file(to, "") < 0 || mount(from, to, NULL, MS_BIND, NULL) < 0)
            die("bind mount");
    }
}

static void build(struct node *node)
{
    static const char *const dirs[] = {"data", "data/containers", "exec", "exec/runtime-runc",
                                       "exec/runtime-runc/moby"};
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        mkdir(path_of("%s/%s", node->dir, dirs[i]), 0700);
    for (size_t k = 0; k < HIERARCHIES; k++)
        if (access(path_of("%s/cgroup.procs", hierarchies[k]), F_OK) == 0)
            node->is_ours[k] = mkdir(path_of("%s/docker", hierarchies[k]), 0755) == 0;
    for (size_t i = 0; i < node->count; i++) {
        char id[65];
        id_of(i, id);
        node->pids[i] = start_sleeper();
        join_cgroups(node, i, id);
        write_state(node, i, id);
    }
    node->dockerd = start_dockerd(node);
    bind_mounts(node);
}

static void tear_down(const struct node *node)
{
    for (size_t i = 0; i < node->count; i++)
        if (node->pids[i] > 0)
            kill(node->pids[i], SIGKILL);
    if (node->dockerd > 0)
        kill(node->dockerd, SIGKILL);
    while (wait(NULL) > 0)
        ;
    for (size_t k = 0; k < HIERARCHIES; k++) {
        for (size_t i = 0; i < node->count; i++) {
            char id[65];
            id_of(i, id);
            rmdir(path_of("%s/docker/%s", hierarchies[k], id));
        }
        if (node->is_ours[k])
            rmdir(path_of("%s/docker", hierarchies[k]));
    }
}

static int run_command(char **argv)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    if (waitpid(pid, &status, 0) != pid) // a signal: the end of the command with it
        kill(pid, SIGTERM);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void on_signal(int sig)
{
    (void)sig;
}

int main(int argc, char **argv)
{
    if (strcmp(argv[0], "dockerd") == 0) {
        prctl(PR_SET_NAME, "dockerd");
        for (;;)
            pause();
    }
    if (argc < 4) {
        fprintf(stderr, "usage: mknode COUNT DIR COMMAND [ARG...]\n");
        return 2;
    }
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    struct node node = {.count = strtoul(argv[1], NULL, 10), .dir = argv[2]};
    node.pids = calloc(node.count + 1, sizeof(*node.pids));
    if (!node.pids)
        die("memory");
    build(&node);
    int status = run_command(argv + 3);
    tear_down(&node);
    free(node.pids);
    return status;
}
