// SPDX-License-Identifier: BSD-2-Clause
// Signals: names, sets, actions, siginfo.
#include "decode.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

// Signals are numbered 1..64 on every architecture but MIPS; SIGRTMIN of the kernel is 32, two of
// which the C library keeps (signal(7)). Names count from the kernel's.
#define KERNEL_SIGRTMIN 32
#define SIGNAL_COUNT    64

const char *strace_signal_name(int number, char buf[static 16])
{
    const char *name = strace_flag_name(&flags_sig, (uint64_t)number);
    if (name)
        return name;
    if (number == KERNEL_SIGRTMIN)
        return "SIGRTMIN";
    if (number > KERNEL_SIGRTMIN && number <= SIGNAL_COUNT)
        snprintf(buf, 16, "SIGRT_%d", number - KERNEL_SIGRTMIN);
    else
        snprintf(buf, 16, "%d", number);
    return buf;
}

void decode_signal(struct decode *d, const char *name, uint64_t number)
{
    char text[16];
    print_symbol(d->out, name, strace_signal_name((int)number, text));
}

void show_signal(struct decode *d, const char *name, uint64_t value)
{
    decode_signal(d, name, value);
}

// "[INT CHLD]", or "~[KILL]" when more than two thirds are in it.
static void put_sigset(struct decode *d, const char *name, uint64_t set)
{
    spc_auto_buf struct spc_buf text = {0};
    bool is_inverted = __builtin_popcountll(set) > SIGNAL_COUNT * 2 / 3;
    bool is_first = true;
    if (is_inverted)
        set = ~set;
    spc_buf_puts(&text, is_inverted ? "~[" : "[");
    for (int i = 1; i <= SIGNAL_COUNT; i++) {
        char buf[16];
        if (!(set >> (i - 1) & 1))
            continue;
        spc_buf_printf(&text, "%s%s", is_first ? "" : " ", strace_signal_name(i, buf) + 3);
        is_first = false;
    }
    spc_buf_putc(&text, ']');
    print_symbol(d->out, name, spc_buf_str(&text));
}

void decode_sigset(struct decode *d, const char *name, uint64_t addr, uint64_t size)
{
    uint64_t set = 0;
    if (size > sizeof(set))
        size = sizeof(set);
    if (decode_fetch(d, name, addr, &set, size))
        put_sigset(d, name, set);
}

void show_sigset(struct decode *d, const char *name, uint64_t value)
{
    decode_sigset(d, name, value, sizeof(uint64_t));
}

// The kernel's own layout, not the C library's (sigaction(2), NOTES).
struct kernel_sigaction {
    uint64_t handler, flags, restorer, mask;
};

void show_sigaction(struct decode *d, const char *name, uint64_t value)
{
    struct kernel_sigaction act;
    if (!decode_fetch(d, name, value, &act, sizeof(act)))
        return;
    print_struct(d->out, name);
    if (act.handler == 0)
        print_symbol(d->out, "sa_handler", "SIG_DFL");
    else if (act.handler == 1)
        print_symbol(d->out, "sa_handler", "SIG_IGN");
    else
        print_address(d->out, "sa_handler", act.handler);
    put_sigset(d, "sa_mask", act.mask);
    decode_flags(d, "sa_flags", &flags_sigaction, act.flags);
    if (act.flags & 0x04000000)
        print_address(d->out, "sa_restorer", act.restorer);
    print_struct_end(d->out);
}

void show_sigstack(struct decode *d, const char *name, uint64_t value)
{
    stack_t stack;
    if (!decode_fetch(d, name, value, &stack, sizeof(stack)))
        return;
    print_struct(d->out, name);
    print_address(d->out, "ss_sp", (uint64_t)(uintptr_t)stack.ss_sp);
    decode_flags(d, "ss_flags", &flags_sigstack, (uint32_t)stack.ss_flags);
    print_count(d->out, "ss_size", stack.ss_size);
    print_struct_end(d->out);
}

void show_sigevent(struct decode *d, const char *name, uint64_t value)
{
    struct sigevent event;
    if (!decode_fetch(d, name, value, &event, sizeof(event)))
        return;
    print_struct(d->out, name);
    if (event.sigev_value.sival_ptr) {
        print_struct(d->out, "sigev_value");
        print_number(d->out, "sival_int", event.sigev_value.sival_int);
        print_address(d->out, "sival_ptr", (uint64_t)(uintptr_t)event.sigev_value.sival_ptr);
        print_struct_end(d->out);
    }
    if (event.sigev_notify == SIGEV_SIGNAL || event.sigev_notify == SIGEV_THREAD_ID)
        decode_signal(d, "sigev_signo", (uint64_t)event.sigev_signo);
    else
        print_number(d->out, "sigev_signo", event.sigev_signo);
    decode_enum(d, "sigev_notify", &flags_sigev, (uint32_t)event.sigev_notify);
    if (event.sigev_notify == SIGEV_THREAD_ID)
        print_number(d->out, "sigev_notify_thread_id", event._sigev_un._tid);
    print_struct_end(d->out);
}

void show_sigreturn(struct decode *d, const char *name, uint64_t value)
{
    uint64_t mask;
    (void)value;
    // The stack pointer is at the ucontext of the frame that the kernel built (x86-64).
    uint64_t at = d->call->stack_pointer + offsetof(ucontext_t, uc_sigmask);
    if (!d->call->stack_pointer || !decode_get(d, at, &mask, sizeof(mask)))
        return;
    print_struct(d->out, name);
    put_sigset(d, "mask", mask);
    print_struct_end(d->out);
}

static const struct flag_set *code_set(int signal)
{
    switch (signal) {
    case SIGCHLD:
        return &flags_si_chld;
    case SIGSEGV:
        return &flags_si_segv;
    case SIGBUS:
        return &flags_si_bus;
    case SIGILL:
        return &flags_si_ill;
    case SIGFPE:
        return &flags_si_fpe;
    case SIGTRAP:
        return &flags_si_trap;
    case SIGIO:
        return &flags_si_poll;
    case SIGSYS:
        return &flags_si_sys;
    default:
        return NULL;
    }
}

static void show_code(struct decode *d, int signal, int code)
{
    char text[16];
    const struct flag_set *set = code_set(signal);
    const char *name = strace_flag_name(&flags_si_code, (uint64_t)code);
    if (!name && set)
        name = strace_flag_name(set, (uint64_t)code);
    if (name) {
        print_symbol(d->out, "si_code", name);
        return;
    }
    snprintf(text, sizeof(text), "%#x", (unsigned)code);
    print_symbol(d->out, "si_code", text);
    print_comment(d->out, "SI_???");
}

static void show_value(struct decode *d, const siginfo_t *si)
{
    print_number(d->out, "si_int", si->si_value.sival_int);
    print_address(d->out, "si_ptr", (uint64_t)(uintptr_t)si->si_value.sival_ptr);
}

// Clock ticks; their number a second is 100 for user space everywhere (USER_HZ, times(2)).
static void show_ticks(struct decode *d, const char *name, long ticks)
{
    char text[48];
    print_number(d->out, name, ticks);
    if (!ticks)
        return;
    if (ticks % 100 == 0)
        snprintf(text, sizeof(text), "%ld s", ticks / 100);
    else
        snprintf(text, sizeof(text), "%ld.%02ld s", ticks / 100, labs(ticks % 100));
    print_comment(d->out, text);
}

static void show_child(struct decode *d, const siginfo_t *si)
{
    print_number(d->out, "si_pid", si->si_pid);
    print_count(d->out, "si_uid", si->si_uid);
    if (si->si_code == CLD_EXITED)
        print_number(d->out, "si_status", si->si_status);
    else
        decode_signal(d, "si_status", (uint64_t)si->si_status);
    show_ticks(d, "si_utime", si->si_utime);
    show_ticks(d, "si_stime", si->si_stime);
}

// Signals that the kernel raises for a reason of its own.
static void show_reason(struct decode *d, const siginfo_t *si)
{
    switch (si->si_signo) {
    case SIGCHLD:
        show_child(d, si);
        break;
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
    case SIGTRAP:
        print_address(d->out, "si_addr", (uint64_t)(uintptr_t)si->si_addr);
        break;
    case SIGIO:
        print_number(d->out, "si_band", si->si_band);
        print_number(d->out, "si_fd", si->si_fd);
        break;
    case SIGSYS:
        print_address(d->out, "si_call_addr", (uint64_t)(uintptr_t)si->si_call_addr);
        print_number(d->out, "si_syscall", si->si_syscall);
        print_number(d->out, "si_arch", si->si_arch);
        break;
    default:
        if (si->si_pid || si->si_uid) {
            print_number(d->out, "si_pid", si->si_pid);
            print_count(d->out, "si_uid", si->si_uid);
        }
        break;
    }
}

void decode_siginfo(struct decode *d, const char *name, const void *siginfo)
{
    siginfo_t si;
    memcpy(&si, siginfo, sizeof(si));
    print_struct(d->out, name);
    decode_signal(d, "si_signo", (uint64_t)si.si_signo);
    show_code(d, si.si_signo, si.si_code);
    if (si.si_errno) {
        const char *error = strace_flag_name(&flags_errno, (uint64_t)si.si_errno);
        error ? print_symbol(d->out, "si_errno", error)
              : print_number(d->out, "si_errno", si.si_errno);
    }
    switch (si.si_code) {
    case SI_USER:
    case SI_TKILL:
    case SI_QUEUE:
        print_number(d->out, "si_pid", si.si_pid);
        print_count(d->out, "si_uid", si.si_uid);
        if (si.si_code == SI_QUEUE)
            show_value(d, &si);
        break;
    case SI_TIMER:
        print_bits(d->out, "si_timerid", (unsigned)si.si_timerid);
        print_number(d->out, "si_overrun", si.si_overrun);
        show_value(d, &si);
        break;
    case SI_KERNEL:
        if (code_set(si.si_signo) && si.si_signo != SIGCHLD)
            print_address(d->out, "si_addr", (uint64_t)(uintptr_t)si.si_addr);
        break;
    default:
        show_reason(d, &si);
        break;
    }
    print_struct_end(d->out);
}

void show_siginfo(struct decode *d, const char *name, uint64_t value)
{
    unsigned char si[128];
    if (decode_fetch(d, name, value, si, sizeof(si)))
        decode_siginfo(d, name, si);
}
