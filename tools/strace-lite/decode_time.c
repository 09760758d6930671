// SPDX-License-Identifier: BSD-2-Clause
// Times, timers and clocks.
#include "decode.h"

#include <linux/time_types.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

// "2026-11-22T05:54:01.000000002+0000", without the fraction where that is 0.
static bool format_time(char *text, size_t size, time_t when, uint64_t ns)
{
    struct tm tm;
    char date[40], zone[8], fraction[16] = "";
    if (!localtime_r(&when, &tm) || !strftime(date, sizeof(date), "%FT%T", &tm) ||
        !strftime(zone, sizeof(zone), "%z", &tm))
        return false;
    if (ns)
        snprintf(fraction, sizeof(fraction), ".%09u", (unsigned)(ns % 1000000000));
    snprintf(text, size, "%s%s%s", date, fraction, zone);
    return true;
}

void decode_time_comment(struct decode *d, int64_t when, uint64_t ns)
{
    char text[80];
    if (when && format_time(text, sizeof(text), when, ns))
        print_comment(d->out, text);
}

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
        else {
            put_timespec(d, NULL, &ts[i]);
            decode_time_comment(d, ts[i].tv_sec, (uint64_t)ts[i].tv_nsec);
        }
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

static void show_time(struct decode *d, const char *name, uint64_t value)
{
    time_t when;
    if (!decode_fetch(d, name, value, &when, sizeof(when)))
        return;
    print_array(d->out, name);
    print_number(d->out, NULL, when);
    decode_time_comment(d, when, 0);
    print_array_end(d->out);
}

void special_time(struct decode *d)
{
    char text[80];
    if (!d->is_exit)
        return;
    if (d->call->event.is_failed)
        print_address(d->out, "tloc", decode_arg(d, 0));
    else
        show_time(d, "tloc", decode_arg(d, 0));
    if (format_time(text, sizeof(text), (time_t)decode_result(d), 0))
        spc_buf_puts(&d->call->note, text);
}
