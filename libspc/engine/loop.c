// SPDX-License-Identifier: BSD-2-Clause
#include <spc/loop.h>

#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include <spc/own.h>

#define TICK_US  100000
#define HURRY_US 20000

static const int fatal_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

// What the handlers write: the one place of mutable file-scope state, because a handler gets no
// argument and dispositions belong to the whole process (signal-safety(7)).
static struct {
    volatile sig_atomic_t signal, ticks, is_hurried;
    struct sigaction before[SPC_ARRAY_SIZE(fatal_signals)], before_alarm, before_pipe;
    bool is_ticking;
} state;

static void set_timer(long us)
{
    struct itimerval every = {.it_interval = {0, us}, .it_value = {0, us}};
    setitimer(ITIMER_REAL, &every, NULL);
}

static void on_fatal(int signal)
{
    int saved = errno;
    state.signal = signal;
    state.is_hurried = 1;
    set_timer(HURRY_US);
    errno = saved;
}

static void on_alarm(int signal)
{
    (void)signal;
    state.ticks++;
}

int spc_loop_begin(bool are_fatal_ignored, struct spc_err *err)
{
    struct sigaction fatal = {.sa_handler = are_fatal_ignored ? SIG_IGN : on_fatal};
    struct sigaction alarm = {.sa_handler = on_alarm}, ignore = {.sa_handler = SIG_IGN};

    state.signal = state.ticks = state.is_hurried = 0;
    state.is_ticking = false;
    int r = sigaction(SIGALRM, &alarm, &state.before_alarm);
    if (r == 0)
        r = sigaction(SIGPIPE, &ignore, &state.before_pipe);
    for (size_t i = 0; r == 0 && i < SPC_ARRAY_SIZE(fatal_signals); i++) {
        r = sigaction(fatal_signals[i], NULL, &state.before[i]);
        // nohup(1) and shells that start us in the background ignore some on purpose.
        if (r == 0 && state.before[i].sa_handler != SIG_IGN)
            r = sigaction(fatal_signals[i], &fatal, NULL);
    }
    return r < 0 ? spc_err_set(err, -errno, "install signal handlers") : 0;
}

void spc_loop_end(void)
{
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &state.before_alarm, NULL);
    sigaction(SIGPIPE, &state.before_pipe, NULL);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(fatal_signals); i++)
        sigaction(fatal_signals[i], &state.before[i], NULL);
}

int spc_loop_signal(void)
{
    return state.signal;
}

bool spc_loop_tick(void)
{
    if (!state.ticks)
        return false;
    state.ticks = 0;
    return true;
}

void spc_loop_tick_on(bool is_on)
{
    if (is_on == state.is_ticking || state.is_hurried)
        return;
    state.is_ticking = is_on;
    set_timer(is_on ? TICK_US : 0);
}

void spc_loop_hurry(void)
{
    state.is_hurried = 1;
    set_timer(HURRY_US);
}
