// SPDX-License-Identifier: BSD-2-Clause
// A probe in a child process: it may crash, hang or change whatever it likes about itself.
#include "doctor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

void doctor_die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

void doctor_say(struct doctor_answer *answer, enum doctor_status status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(answer->detail, sizeof(answer->detail), fmt, ap);
    va_end(ap);
    answer->status = status;
}

void doctor_advise(struct doctor_answer *answer, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(answer->advice, sizeof(answer->advice), fmt, ap);
    va_end(ap);
}

void doctor_failed(struct doctor_answer *answer, int code, const char *fmt, ...)
{
    char what[160];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    doctor_say(answer, DOCTOR_MISSING, "%s: %s", what, strerror(-code));
    answer->is_refused = (code == -EPERM || code == -EACCES) && !doctor_has_cap(CAP_SYS_ADMIN);
}

ssize_t doctor_read_line(const char *path, char *buf, size_t size)
{
    spc_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, buf, size - 1);
    if (n < 0)
        return -errno;
    buf[n] = '\0';
    buf[strcspn(buf, "\n")] = '\0';
    return (ssize_t)strlen(buf);
}

int doctor_read_number(const char *path, long *ret)
{
    char line[64], *end;
    ssize_t n = doctor_read_line(path, line, sizeof(line));
    if (n < 0)
        return (int)n;
    errno = 0;
    long value = strtol(line, &end, 10);
    if (end == line || *end || errno)
        return -EBADMSG;
    *ret = value;
    return 0;
}

bool doctor_file_has_word(const char *path, const char *word)
{
    spc_auto_file FILE *file = fopen(path, "re");
    char line[512];
    while (file && fgets(line, sizeof(line), file))
        for (char *save, *w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save))
            if (strcmp(w, word) == 0)
                return true;
    return false;
}

bool doctor_has_cap(int cap)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t caps = cap_get_proc();
    if (!caps)
        return false;
    int r = cap_get_flag(caps, (cap_value_t)cap, CAP_EFFECTIVE, &value);
    cap_free(caps);
    return r == 0 && value == CAP_SET;
}

// What a child does: fill `size` bytes at `out`, which are then sent to the asker.
typedef void (*work_fn)(const void *arg, void *out);

static _Noreturn void run_child(work_fn work, const void *arg, void *out, size_t size, int fd)
{
    // A crash leaves no core file.
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
        dup3(null, i, O_CLOEXEC); // a probe executes nothing
    work(arg, out);
    spc_write_all(fd, out, size);
    _exit(0);
}

static uint64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

// True when something can be read, or the other end is closed, before `deadline`.
static bool wait_readable(int fd, uint64_t deadline)
{
    for (;;) {
        uint64_t now = now_ms();
        struct pollfd pfd = {.fd = fd, .events = POLLIN};
        int n = poll(&pfd, 1, now < deadline ? (int)(deadline - now) : 0);
        if (n > 0)
            return true;
        if (n == 0 || errno != EINTR)
            return false;
    }
}

// A process stuck in the kernel cannot be killed; it must not stop the doctor as well.
static int reap(pid_t pid, int *ret_status)
{
    for (int i = 0; i < 100; i++) {
        pid_t r = waitpid(pid, ret_status, WNOHANG);
        if (r == pid || (r < 0 && errno != EINTR))
            return r == pid ? 0 : -errno;
        nanosleep(&(struct timespec){.tv_nsec = i < 20 ? 100000 : 5000000}, NULL);
    }
    return -ETIMEDOUT;
}

// Read until `size` bytes are there, the other end is closed, or the time is up. Returns how many
// came, or -ETIMEDOUT.
static ssize_t read_in_time(int fd, void *buf, size_t size, unsigned limit_ms)
{
    uint64_t deadline = now_ms() + limit_ms;
    size_t have = 0;
    while (have < size) {
        if (!wait_readable(fd, deadline))
            return -ETIMEDOUT;
        ssize_t n = read(fd, (char *)buf + have, size - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

// Have `work` fill `size` bytes at `out` in a child process. True when it did; else *why says what
// happened instead, and what is at `out` is of no use.
static bool run_apart(work_fn work, const void *arg, void *out, size_t size, unsigned limit_ms,
                      struct doctor_answer *why)
{
    int fds[2], status = 0;
    *why = (struct doctor_answer){.status = DOCTOR_UNKNOWN};
    if (pipe2(fds, O_CLOEXEC) != 0) {
        doctor_say(why, DOCTOR_UNKNOWN, "pipe: %s", strerror(errno));
        return false;
    }
    spc_auto_close int in = fds[0];
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        doctor_die_with(self);
        run_child(work, arg, out, size, fds[1]);
    }
    int code = -errno;
    close(fds[1]);
    if (pid < 0) {
        doctor_say(why, DOCTOR_UNKNOWN, "fork: %s", strerror(-code));
        return false;
    }
    ssize_t n = read_in_time(in, out, size, limit_ms);
    if (n < 0)
        kill(pid, SIGKILL);
    int reaped = reap(pid, &status);
    if (n == (ssize_t)size)
        return true;
    if (n < 0)
        doctor_say(why, DOCTOR_UNKNOWN, "no answer within %u ms", limit_ms);
    else if (reaped == 0 && WIFSIGNALED(status))
        doctor_say(why, DOCTOR_UNKNOWN, "the probe died of signal %d", WTERMSIG(status));
    else
        doctor_say(why, DOCTOR_UNKNOWN, "the probe ended without an answer");
    return false;
}

static void ask_here(const void *arg, void *out)
{
    const struct doctor_probe *probe = arg;
    struct doctor_answer *answer = out;
    probe->ask(answer);
    if (answer->is_refused && !answer->advice[0])
        doctor_advise(answer, "run as root on the host%s%s", probe->grant ? ", or grant " : "",
                      probe->grant ?: "");
}

void doctor_ask(const struct doctor_probe *probe, unsigned limit_ms, struct doctor_answer *ret)
{
    struct doctor_answer why, answer = {.status = DOCTOR_UNKNOWN};
    bool done = run_apart(ask_here, probe, &answer, sizeof(answer), limit_ms, &why);
    *ret = done ? answer : why;
}

static void find_engines_here(const void *arg, void *out)
{
    (void)arg;
    doctor_find_engines(out);
}

void doctor_ask_engines(unsigned limit_ms, struct doctor_answer ret[DOCTOR_ENGINES])
{
    struct doctor_answer why;
    size_t size = DOCTOR_ENGINES * sizeof(ret[0]);
    memset(ret, 0, size);
    if (!run_apart(find_engines_here, NULL, ret, size, limit_ms, &why))
        for (int i = 0; i < DOCTOR_ENGINES; i++)
            ret[i] = why;
}
