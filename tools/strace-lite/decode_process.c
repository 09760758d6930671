// SPDX-License-Identifier: BSD-2-Clause
// Processes: execve, wait, limits, usage, scheduling.
#include "decode.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>

// As many entries of argv as strace shows without -v is bounded by -s; the environment is counted
// only, up to this bound for arrays that never end.
#define VECTOR_MAX (1024 * 1024)

static bool read_pointer(const struct decode *d, uint64_t addr, uint64_t *ret)
{
    return decode_get(d, addr, ret, sizeof(*ret));
}

void show_argv(struct decode *d, const char *name, uint64_t value)
{
    uint64_t at, count = 0;
    if (!value || !read_pointer(d, value, &at)) {
        print_address(d->out, name, value);
        return;
    }
    print_array(d->out, name);
    for (;; count++) {
        if (!read_pointer(d, value + count * sizeof(at), &at)) {
            char text[32];
            snprintf(text, sizeof(text), "... /* %#" PRIx64 " */", value + count * sizeof(at));
            print_symbol(d->out, NULL, text);
            break;
        }
        if (!at)
            break;
        if (!d->options->is_verbose && count >= d->options->string_limit) {
            print_more(d->out);
            break;
        }
        decode_string(d, NULL, at, d->options->string_limit);
    }
    print_array_end(d->out);
}

void show_envp(struct decode *d, const char *name, uint64_t value)
{
    if (d->options->is_verbose) {
        show_argv(d, name, value);
        return;
    }
    uint64_t block[64], count = 0;
    bool is_ended = false;
    print_address(d->out, name, value);
    if (!value)
        return;
    while (!is_ended && count < VECTOR_MAX) {
        // Up to the end of a page, so that an array that ends there is read whole.
        uint64_t at = value + count * sizeof(block[0]);
        size_t want = 4096 - (at & 4095);
        if (want > sizeof(block))
            want = sizeof(block);
        want -= want % sizeof(block[0]);
        if (want == 0)
            want = sizeof(block[0]);
        if (!decode_get(d, at, block, want))
            break;
        for (size_t i = 0; i < want / sizeof(block[0]) && !is_ended; i++) {
            is_ended = block[i] == 0;
            count += !is_ended;
        }
    }
    char text[64];
    snprintf(text, sizeof(text), "%" PRIu64 " var%s%s", count, count == 1 ? "" : "s",
             is_ended ? "" : ", unterminated");
    print_comment(d->out, text);
}

static void put_signal(struct spc_buf *out, int number)
{
    char text[16];
    spc_buf_puts(out, strace_signal_name(number, text));
}

static void put_wait_status(struct spc_buf *out, int status)
{
    if (WIFSTOPPED(status)) {
        spc_buf_puts(out, "{WIFSTOPPED(s) && WSTOPSIG(s) == ");
        put_signal(out, WSTOPSIG(status) & 0x7f);
        spc_buf_puts(out, WSTOPSIG(status) & 0x80 ? " | 0x80}" : "}");
    } else if (WIFSIGNALED(status)) {
        spc_buf_puts(out, "{WIFSIGNALED(s) && WTERMSIG(s) == ");
        put_signal(out, WTERMSIG(status));
        spc_buf_puts(out, WCOREDUMP(status) ? " && WCOREDUMP(s)}" : "}");
    } else if (WIFEXITED(status)) {
        spc_buf_printf(out, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}", WEXITSTATUS(status));
    } else if (WIFCONTINUED(status)) {
        spc_buf_puts(out, "{WIFCONTINUED(s)}");
    } else {
        spc_buf_printf(out, "{%#x}", status);
    }
}

void show_wait_status(struct decode *d, const char *name, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    int status;
    // Nothing was waited for (WNOHANG): nothing was written.
    if (decode_result(d) == 0) {
        print_address(d->out, name, value);
        return;
    }
    if (!decode_fetch(d, name, value, &status, sizeof(status)))
        return;
    put_wait_status(&text, status);
    print_array(d->out, name);
    print_symbol(d->out, NULL, spc_buf_str(&text));
    print_array_end(d->out);
}

static void show_time_member(struct decode *d, const char *name, const struct timeval *tv)
{
    print_struct(d->out, name);
    print_number(d->out, "tv_sec", tv->tv_sec);
    print_number(d->out, "tv_usec", tv->tv_usec);
    print_struct_end(d->out);
}

void show_rusage(struct decode *d, const char *name, uint64_t value)
{
    struct rusage ru;
    if (!decode_fetch(d, name, value, &ru, sizeof(ru)))
        return;
    print_struct(d->out, name);
    show_time_member(d, "ru_utime", &ru.ru_utime);
    show_time_member(d, "ru_stime", &ru.ru_stime);
    if (d->options->is_verbose) {
        const struct {
            const char *name;
            long value;
        } members[] = {
            {"ru_maxrss", ru.ru_maxrss},   {"ru_ixrss", ru.ru_ixrss},
            {"ru_idrss", ru.ru_idrss},     {"ru_isrss", ru.ru_isrss},
            {"ru_minflt", ru.ru_minflt},   {"ru_majflt", ru.ru_majflt},
            {"ru_nswap", ru.ru_nswap},     {"ru_inblock", ru.ru_inblock},
            {"ru_oublock", ru.ru_oublock}, {"ru_msgsnd", ru.ru_msgsnd},
            {"ru_msgrcv", ru.ru_msgrcv},   {"ru_nsignals", ru.ru_nsignals},
            {"ru_nvcsw", ru.ru_nvcsw},     {"ru_nivcsw", ru.ru_nivcsw},
        };
        for (size_t i = 0; i < SPC_ARRAY_SIZE(members); i++)
            print_number(d->out, members[i].name, members[i].value);
    } else {
        print_more(d->out);
    }
    print_struct_end(d->out);
}

static void show_limit(struct decode *d, const char *name, uint64_t value)
{
    char text[32];
    if (value == UINT64_MAX)
        print_symbol(d->out, name, "RLIM64_INFINITY");
    else if (value > 1024 && value % 1024 == 0) {
        snprintf(text, sizeof(text), "%" PRIu64 "*1024", value / 1024);
        print_symbol(d->out, name, text);
    } else {
        print_count(d->out, name, value);
    }
}

void show_rlimit(struct decode *d, const char *name, uint64_t value)
{
    uint64_t limit[2];
    if (!decode_fetch(d, name, value, limit, sizeof(limit)))
        return;
    print_struct(d->out, name);
    show_limit(d, "rlim_cur", limit[0]);
    show_limit(d, "rlim_max", limit[1]);
    print_struct_end(d->out);
}

static void show_cpuset(struct decode *d, const char *name, uint64_t addr, uint64_t size)
{
    unsigned char mask[1024 / 8];
    size_t len = size < sizeof(mask) ? size : sizeof(mask);
    if (!addr || !decode_get(d, addr, mask, len)) {
        print_address(d->out, name, addr);
        return;
    }
    print_array(d->out, name);
    spc_auto_buf struct spc_buf text = {0};
    for (size_t cpu = 0; cpu < len * 8; cpu++)
        if (mask[cpu / 8] >> cpu % 8 & 1)
            spc_buf_printf(&text, "%s%zu", text.len ? " " : "", cpu);
    print_symbol(d->out, NULL, spc_buf_str(&text));
    print_array_end(d->out);
}

void show_cpuset_in(struct decode *d, const char *name, uint64_t value)
{
    show_cpuset(d, name, value, decode_arg(d, 1));
}

void show_cpuset_out(struct decode *d, const char *name, uint64_t value)
{
    show_cpuset(d, name, value, decode_result(d));
}

void show_tms(struct decode *d, const char *name, uint64_t value)
{
    struct tms tms;
    if (!decode_fetch(d, name, value, &tms, sizeof(tms)))
        return;
    print_struct(d->out, name);
    print_number(d->out, "tms_utime", tms.tms_utime);
    print_number(d->out, "tms_stime", tms.tms_stime);
    print_number(d->out, "tms_cutime", tms.tms_cutime);
    print_number(d->out, "tms_cstime", tms.tms_cstime);
    print_struct_end(d->out);
}
