// SPDX-License-Identifier: BSD-2-Clause
// Times, timers and clocks.
#include "decode.h"

#include <linux/time_types.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

static void put_timespec(struct decode *d, const char *name, const struct timespec *ts)
{
    print_struct(d->out, name);
    print_number(d->out, "tv_sec", ts->tv_sec);
    print_number(d->out, "tv_nsec", ts->tv_nsec);
    print_struct_end(d->out);
}

static void put_timeval(struct decode *d, const char *name, const struct timeval *tv)
{
    print_struct(d->out, name);
    print_number(d->out, "tv_sec", tv->tv_sec);
    print_number(d->out, "tv_usec", tv->tv_usec);
    print_struct_end(d->out);
}

void decode_timespec(struct decode *d, const char *name, uint64_t addr)
{
    struct timespec ts;
    if (decode_fetch(d, name, addr, &ts, sizeof(ts)))
        put_timespec(d, name, &ts);
}

void show_timespec(struct decode *d, const char *name, uint64_t value)
{
    decode_timespec(d, name, value);
}

// What is left of a sleep is written only when a signal cut it short.
void show_timespec_rem(struct decode *d, const char *name, uint64_t value)
{
    int error = d->call->event.error;
    if (error == 516 /* ERESTART_RESTARTBLOCK */ || error == 4 /* EINTR */)
        decode_timespec(d, name, value);
    else
        print_address(d->out, name, value);
}

// utimensat(2): two times, each of which may say "now" or "leave it" instead.
void show_timespec2(struct decode *d, const char *name, uint64_t value)
{
    struct timespec ts[2];
    if (!decode_fetch(d, name, value, ts, sizeof(ts)))
        return;
    print_array(d->out, name);
    for (int i = 0; i < 2; i++) {
        if (ts[i].tv_nsec == UTIME_NOW)
            print_symbol(d->out, NULL, "UTIME_NOW");
        else if (ts[i].tv_nsec == UTIME_OMIT)
            print_symbol(d->out, NULL, "UTIME_OMIT");
        else
            put_timespec(d, NULL, &ts[i]);
    }
    print_array_end(d->out);
}

void show_timeval(struct decode *d, const char *name, uint64_t value)
{
    struct timeval tv;
    if (decode_fetch(d, name, value, &tv, sizeof(tv)))
        put_timeval(d, name, &tv);
}

void show_timeval2(struct decode *d, const char *name, uint64_t value)
{
    struct timeval tv[2];
    if (!decode_fetch(d, name, value, tv, sizeof(tv)))
        return;
    print_array(d->out, name);
    put_timeval(d, NULL, &tv[0]);
    put_timeval(d, NULL, &tv[1]);
    print_array_end(d->out);
}

void show_timezone(struct decode *d, const char *name, uint64_t value)
{
    struct timezone tz;
    if (!decode_fetch(d, name, value, &tz, sizeof(tz)))
        return;
    print_struct(d->out, name);
    print_number(d->out, "tz_minuteswest", tz.tz_minuteswest);
    print_number(d->out, "tz_dsttime", tz.tz_dsttime);
    print_struct_end(d->out);
}

void show_itimerval(struct decode *d, const char *name, uint64_t value)
{
    struct itimerval it;
    if (!decode_fetch(d, name, value, &it, sizeof(it)))
        return;
    print_struct(d->out, name);
    put_timeval(d, "it_interval", &it.it_interval);
    put_timeval(d, "it_value", &it.it_value);
    print_struct_end(d->out);
}

void show_itimerspec(struct decode *d, const char *name, uint64_t value)
{
    struct itimerspec it;
    if (!decode_fetch(d, name, value, &it, sizeof(it)))
        return;
    print_struct(d->out, name);
    put_timespec(d, "it_interval", &it.it_interval);
    put_timespec(d, "it_value", &it.it_value);
    print_struct_end(d->out);
}

static void comment_time(struct decode *d, time_t when)
{
    struct tm tm;
    char text[64];
    if (localtime_r(&when, &tm) && strftime(text, sizeof(text), "%FT%T%z", &tm))
        print_comment(d->out, text);
}

void show_time(struct decode *d, const char *name, uint64_t value)
{
    time_t when;
    if (!decode_fetch(d, name, value, &when, sizeof(when)))
        return;
    print_array(d->out, name);
    print_number(d->out, NULL, when);
    comment_time(d, when);
    print_array_end(d->out);
}

// Negative numbers are clocks of a process or thread, or of a device (clock_gettime(2)).
void show_clockid(struct decode *d, const char *name, uint64_t value)
{
    int id = (int)value;
    char text[64];
    const char *known = strace_flag_name(&flags_clockid, (uint32_t)id);
    if (known) {
        print_symbol(d->out, name, known);
        return;
    }
    if (id >= 0) {
        decode_enum(d, name, &flags_clockid, (uint32_t)id);
        return;
    }
    const char *const which[] = {"PROF", "VIRT", "SCHED"};
    if ((id & 7) == 3)
        snprintf(text, sizeof(text), "FD_TO_CLOCKID(%d)", (int)~((unsigned)id >> 3 | 7u << 29));
    else if ((id & 3) < 3)
        snprintf(text, sizeof(text), "MAKE_%s_CPUCLOCK(%d, CPUCLOCK_%s)",
                 id & 4 ? "THREAD" : "PROCESS", ~(id >> 3), which[id & 3]);
    else
        snprintf(text, sizeof(text), "%#x /* CLOCK_??? */", (unsigned)id);
    print_symbol(d->out, name, text);
}
