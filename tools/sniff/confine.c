// SPDX-License-Identifier: BSD-2-Clause
#include "confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include <spc/own.h>

// clang-format off
static const char *const loop_calls[] = {
    // the loop
    "read", "write", "writev", "poll", "ppoll", "ioctl", "getsockopt", "setsockopt", "close", "lseek",
    "fstat", "newfstatat", "statx", "fcntl", "ftruncate",
    // memory, time, the end
    "mmap", "munmap", "mremap", "brk", "madvise", "mprotect", "futex", "clock_gettime", "gettimeofday",
    "clock_nanosleep", "nanosleep", "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "restart_syscall",
    "getpid", "gettid", "tgkill", "exit", "exit_group",
    // sanitizers
    "sigaltstack", "sched_yield", "getrlimit", "prlimit64",
};
static const char *const file_calls[] = {"openat"};
// clang-format on

static int allow(scmp_filter_ctx ctx, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        if (number == __NR_SCMP_ERROR || number < 0) // not on this architecture
            continue;
        int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
        if (r < 0)
            return r;
    }
    return 0;
}

__attribute__((unused)) static int load_filter(const struct sniff_confinement *confinement)
{
    // EPERM and not a kill: a system call that was forgotten costs a feature, not the capture.
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!ctx)
        return -ENOMEM;
    int r = allow(ctx, loop_calls, SPC_ARRAY_SIZE(loop_calls));
    if (r == 0 && confinement->opens_files)
        r = allow(ctx, file_calls, SPC_ARRAY_SIZE(file_calls));
    if (r == 0)
        r = seccomp_load(ctx);
    seccomp_release(ctx);
    return r;
}

// A rotating file may lie in a directory that only CAP_DAC_OVERRIDE may write to.
static int drop_capabilities(bool keep_dac)
{
    cap_t caps = cap_init();
    cap_value_t dac = CAP_DAC_OVERRIDE;
    cap_flag_value_t is_there = CAP_CLEAR;
    if (!caps)
        return -errno;
    cap_t now = cap_get_proc();
    if (now && keep_dac)
        cap_get_flag(now, dac, CAP_PERMITTED, &is_there);
    cap_free(now);
    // The bounding set needs CAP_SETPCAP; without it there is nothing to lose there either, since
    // no program is executed any more.
    for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    if (is_there == CAP_SET) {
        cap_set_flag(caps, CAP_PERMITTED, 1, &dac, CAP_SET);
        cap_set_flag(caps, CAP_EFFECTIVE, 1, &dac, CAP_SET);
    }
    int r = cap_set_proc(caps) < 0 ? -errno : 0;
    cap_free(caps);
    return r;
}

int sniff_confine(const struct sniff_confinement *confinement, struct spc_err *err)
{
    int r = drop_capabilities(confinement->opens_files);
    if (r < 0)
        return spc_err_set(err, r, "drop capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return spc_err_set(err, -errno, "no new privileges");
#ifdef __SANITIZE_ADDRESS__
    // The leak checker of a test build needs ptrace(2) and clone(2) at exit.
    (void)confinement;
    r = 0;
#else
    r = load_filter(confinement);
#endif
    // A kernel without seccomp: the capabilities are gone all the same.
    if (r < 0 && r != -EINVAL && r != -ENOSYS)
        return spc_err_set(err, r, "seccomp");
    return 0;
}
