// SPDX-License-Identifier: BSD-2-Clause
// The launcher: what the user started, what the shell waits for.
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spc/own.h>

#include "tree.h"

// Everything that the launcher keeps until the end.
struct life {
    const struct run_plan *plan;
    struct run_report *report;
    struct run_inherited inherited;
    sigset_t waited; // signals that are taken one by one instead of being delivered
    pid_t guardian;
};

static void life_free(struct life *life)
{
    if (life->report)
        munmap(life->report, sizeof(*life->report));
    spc_run_restore(&life->inherited);
}

// Signals that a program may get from outside and that mean something to the command. Those of the
// terminal are on the list for when they are sent by kill(1), see forward().
static void block_signals(struct life *life)
{
    static const int taken[] = {
        SIGCHLD, SIGHUP,   SIGINT,  SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,   SIGALRM,
        SIGPIPE, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPWR,    SIGVTALRM,
        SIGPROF, SIGIO,    SIGXCPU, SIGXFSZ, SIGURG,  SIGTRAP, SIGSTKFLT,
    };
    sigemptyset(&life->waited);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(taken); i++)
        sigaddset(&life->waited, taken[i]);
    // Those that we send the guardian must not kill it before it has settled.
    sigset_t blocked = life->waited;
    sigaddset(&blocked, RUN_SIG_FORWARD);
    sigaddset(&blocked, RUN_SIG_ORPHANED);
    sigprocmask(SIG_BLOCK, &blocked, &life->inherited.mask);

    // Who ignores it never learns how a child ended (wait(2)).
    struct sigaction old;
    if (sigaction(SIGCHLD, NULL, &old) == 0 && old.sa_handler == SIG_IGN) {
        life->inherited.is_child_ignored = true;
        signal(SIGCHLD, SIG_DFL);
    }
}

// A signal that the terminal sent (SI_KERNEL) reached the command as well, which is in the same
// process group, or has a group of its own that it was meant for.
static void forward(const struct life *life, int sig, const siginfo_t *info)
{
    if (info->si_code == SI_KERNEL)
        return;
    // By the guardian, who knows whether that process still exists, and who exists as long as we
    // have not reaped it.
    sigqueue(life->guardian, RUN_SIG_FORWARD, (union sigval){.sival_int = sig});
}

// The command stopped: so do we, for the shell to see, in the way that the command did.
static void stop_too(const struct life *life)
{
    int sig = life->report->stop;
    life->report->stop = 0;
    if (sig == SIGSTOP) {
        raise(SIGSTOP);
    } else {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, sig);
        raise(sig);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        sigprocmask(SIG_BLOCK, &set, NULL);
    }
    // Awake again. The shell sent SIGCONT to our group; the command may have another one.
    sigqueue(life->guardian, RUN_SIG_FORWARD, (union sigval){.sival_int = SIGCONT});
}

static bool guardian_is_gone(const struct life *life)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | (life->report->ended ? 0 : WNOHANG)) < 0)
            return true;
        if (info.si_pid == 0)
            return false;
        if (info.si_pid == life->guardian)
            return true;
    }
}

static void wait_for_guardian(const struct life *life)
{
    siginfo_t info;
    for (;;) {
        int sig = sigwaitinfo(&life->waited, &info);
        if (sig == SIGCHLD) {
            if (guardian_is_gone(life))
                return;
            if (life->report->stop)
                stop_too(life);
        } else if (sig > 0) {
            forward(life, sig, &info);
        }
    }
}

static int conclude(const struct life *life, struct spc_err *err)
{
    const struct run_report *report = life->report;
    if (report->err.code < 0) {
        *err = report->err;
        return err->code;
    }
    if (report->finished)
        return report->status;
    return spc_err_say(err, -ECHILD, "the guardian process was killed; the command with it");
}

static int start(struct life *life, struct spc_err *err)
{
    pid_t self = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    life->guardian = fork();
    if (life->guardian < 0)
        return spc_err_set(err, -errno, "fork");
    if (life->guardian == 0) {
        spc_run_guard(life->plan, &life->inherited, life->report, self);
    }
    // Who reads the command's output must see its end when the command closes it.
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    return 0;
}

int spc_run_life(const struct run_plan *plan, struct spc_err *err)
{
    if (plan->image.kind == RUN_IMAGE_BUILTIN) {
        int r = spc_run_builtin_check(err);
        if (r < 0)
            return r;
    }
    struct life life SPC_CLEANUP(life_free) = {
        .plan = plan,
    };
    block_signals(&life);
    life.inherited.umask = umask(0);
    life.report =
        mmap(NULL, sizeof(*life.report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (life.report == MAP_FAILED) {
        life.report = NULL;
        return spc_err_set(err, -errno, "shared memory");
    }
    int r = start(&life, err);
    if (r < 0)
        return r;
    wait_for_guardian(&life);
    spc_run_end_children(); // none, unless the guardian was killed
    return conclude(&life, err);
}
