// SPDX-License-Identifier: BSD-2-Clause
// trace=kill,pause,nanosleep,rt_sigreturn,tgkill
// Signals: shown, delivered, calls that they interrupt.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught += number;
}

static void alarm_soon(void)
{
    struct itimerval soon = {{0, 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

int main(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGALRM, &act, NULL);
    sigaction(SIGRTMIN, &act, NULL);

    kill(getpid(), SIGUSR1);
    expect("kill(%d, SIGUSR1) = 0", getpid());
    expect("--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=%d, si_uid=%d} ---", getpid(),
           getuid());
    expect("rt_sigreturn({mask=[]}) = 0");
    syscall(SYS_kill, getpid(), 34);
    expect("kill(%d, SIGRT_2) = 0", getpid());

    alarm_soon();
    syscall(SYS_pause);
    expect("pause() = ? ERESTARTNOHAND (To be restarted if no handler)");
    expect("--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---");
    expect("rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)");

    kill(getpid(), 0);
    expect("kill(%d, 0) = 0", getpid());
    kill(getpid(), SIGCONT);
    expect("--- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=%d, si_uid=%d} ---", getpid(),
           getuid());
    if (caught != SIGUSR1 + SIGALRM + 34) // a tracer that swallows signals
        expect("(a signal was not delivered)");
    expect("kill(%d, SIGTERM) = 0", getpid());
    expect("+++ killed by SIGTERM +++");
    kill(getpid(), SIGTERM);
    return 0;
}
