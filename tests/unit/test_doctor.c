// SPDX-License-Identifier: BSD-2-Clause
// The table of `spc doctor`, what becomes of probes that misbehave, and callers that are confined.
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spc/doctor/doctor_priv.h"

#define LONG_ENOUGH_MS 60000

static void test_table(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct doctor_probe *p = doctor_probes; p->name; p++, count++) {
        assert_true(strlen(p->name) > 0 &&
                    strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(p->name));
        assert_non_null(p->what);
        assert_non_null(p->ask);
        // Whoever can be told "missing" must be told what to do about it.
        assert_true(p->advice || strcmp(p->name, "kernel") == 0);
        assert_ptr_equal(doctor_probe_find(p->name), p); // also: no name twice
    }
    assert_true(count > 30);
    assert_null(doctor_probe_find("nosuch"));
    for (int i = 0; i < _DOCTOR_STATUS_MAX; i++)
        assert_non_null(doctor_status_names[i]);
}

// Every probe ends by itself, in any surroundings, and says something.
static void test_every_probe_answers(void **state)
{
    (void)state;
    for (const struct doctor_probe *p = doctor_probes; p->name; p++) {
        struct doctor_answer answer;
        doctor_ask(p, LONG_ENOUGH_MS, &answer);
        assert_true(answer.detail[0]);
        if (strstr(answer.detail, "the probe") || strstr(answer.detail, "no answer"))
            fail_msg("%s: %s", p->name, answer.detail);
    }
}

static void ask_crash(struct doctor_answer *answer)
{
    doctor_say(answer, DOCTOR_OK, "never seen");
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    // Not by a bad pointer: a sanitizer would turn that into an exit.
    kill(getpid(), SIGKILL);
}

static void ask_hang(struct doctor_answer *answer)
{
    doctor_say(answer, DOCTOR_OK, "never seen");
    for (;;)
        pause();
}

static void ask_leave(struct doctor_answer *answer)
{
    doctor_say(answer, DOCTOR_OK, "never seen");
    _exit(0);
}

static void test_crash(void **state)
{
    (void)state;
    const struct doctor_probe probe = {.name = "crash", .ask = ask_crash};
    struct doctor_answer answer;
    doctor_ask(&probe, LONG_ENOUGH_MS, &answer);
    assert_int_equal(answer.status, DOCTOR_UNKNOWN);
    assert_string_equal(answer.detail, "the probe died of signal 9");
}

static void test_hang(void **state)
{
    (void)state;
    const struct doctor_probe probe = {.name = "hang", .ask = ask_hang};
    struct doctor_answer answer;
    time_t start = time(NULL);
    doctor_ask(&probe, 100, &answer);
    assert_true(time(NULL) - start < 30);
    assert_int_equal(answer.status, DOCTOR_UNKNOWN);
    assert_string_equal(answer.detail, "no answer within 100 ms");
    // Killed and waited for: no child is left.
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

// Whoever asks may be killed at any moment; the probe must not stay behind.
static void test_killed_asker(void **state)
{
    (void)state;
    const struct doctor_probe probe = {.name = "hang", .ask = ask_hang};
    struct doctor_answer answer;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t asker = fork();
    if (asker == 0) {
        doctor_ask(&probe, LONG_ENOUGH_MS, &answer);
        _exit(0);
    }
    close(fds[1]);
    usleep(50000);
    kill(asker, SIGKILL);
    waitpid(asker, NULL, 0);
    // The end of file comes when nobody holds the other end: neither asker nor probe.
    struct pollfd pfd = {.fd = fds[0], .events = POLLIN};
    assert_int_equal(poll(&pfd, 1, 20000), 1);
    close(fds[0]);
}

static void test_silence(void **state)
{
    (void)state;
    const struct doctor_probe probe = {.name = "leave", .ask = ask_leave};
    struct doctor_answer answer;
    doctor_ask(&probe, LONG_ENOUGH_MS, &answer);
    assert_int_equal(answer.status, DOCTOR_UNKNOWN);
    assert_string_equal(answer.detail, "the probe ended without an answer");
}

// The status that `name` has for a process that has done confine() to itself.
static enum doctor_status ask_confined(const char *name, void (*confine)(void))
{
    int fds[2], status;
    enum doctor_status answer = _DOCTOR_STATUS_MAX;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct doctor_answer a;
        confine();
        doctor_ask(doctor_probe_find(name), LONG_ENOUGH_MS, &a);
        _exit(write(fds[1], &a.status, sizeof(a.status)) < 0);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &answer, sizeof(answer)), sizeof(answer));
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return answer;
}

static void deny_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ptrace), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(process_vm_readv), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(pidfd_open), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(bpf), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(fsopen), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(perf_event_open), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(syslog), 0);
    seccomp_load(filter);
    seccomp_release(filter);
}

static void test_seccomp(void **state)
{
    (void)state;
    // As a container's profile does it: what is asked for is refused, and that must be seen.
    static const char *const refused[] = {
        "ptrace",     "ptrace-any",      "process-vm",    "pidfd",         "openat2",
        "namespaces", "user-namespaces", "packet-socket", "mount-api",     "bpf",
        "ringbuf",    "raw-tracepoint",  "perf-buffer",   "task-storage",  "perf-counters",
        "dmesg",      "kprobe",          "perf-software", "perf-paranoid",
    };
    assert_int_equal(ask_confined("seccomp", deny_calls), DOCTOR_LIMITED);
    assert_int_equal(ask_confined("no-new-privs", deny_calls), DOCTOR_LIMITED);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (ask_confined(refused[i], deny_calls) != DOCTOR_MISSING)
            fail_msg("%s is not missing behind the filter", refused[i]);
    assert_int_equal(ask_confined("kernel", deny_calls), DOCTOR_OK);
}

static void set_no_new_privs(void)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void test_no_new_privs(void **state)
{
    (void)state;
    assert_int_equal(ask_confined("no-new-privs", set_no_new_privs), DOCTOR_LIMITED);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_table),   cmocka_unit_test(test_every_probe_answers),
    cmocka_unit_test(test_crash),   cmocka_unit_test(test_hang),
    cmocka_unit_test(test_silence), cmocka_unit_test(test_killed_asker),
    cmocka_unit_test(test_seccomp), cmocka_unit_test(test_no_new_privs),
};

UNIT_MAIN(tests)
