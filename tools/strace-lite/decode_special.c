// SPDX-License-Identifier: BSD-2-Clause
// Calls whose arguments depend on each other: clone, futex, fcntl, prctl, ioctl.
#include "decode.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

static void separate(struct decode *d)
{
    d->out->ops->separate(d->out);
}

static void show_clone_flags(struct decode *d, const char *name, uint64_t flags)
{
    spc_auto_buf struct spc_buf text = {0};
    char buf[16];
    uint64_t signal = flags & CSIGNAL, rest = flags & ~(uint64_t)CSIGNAL;
    if (rest)
        strace_flags_put(&text, &flags_clone, rest);
    if (signal)
        spc_buf_printf(&text, "%s%s", rest ? "|" : "", strace_signal_name((int)signal, buf));
    print_symbol(d->out, name, text.len ? text.data : "0");
}

// Names are printed in text as well: that is how strace shows clone, whose argument order differs
// between architectures.
static void named_address(struct decode *d, const char *name, uint64_t value)
{
    if (!d->options->is_json) {
        spc_buf_puts(d->out->out, name);
        spc_buf_putc(d->out->out, '=');
    }
    print_address(d->out, name, value);
}

void special_clone(struct decode *d)
{
    uint64_t flags = decode_arg(d, 0);
    if (!d->is_exit) {
        named_address(d, "child_stack", decode_arg(d, 1));
        separate(d);
        if (!d->options->is_json)
            spc_buf_puts(d->out->out, "flags=");
        show_clone_flags(d, "flags", flags);
        d->call->is_complete = !(flags & (CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                                          CLONE_CHILD_CLEARTID | CLONE_SETTLS | CLONE_PIDFD));
        return;
    }
    if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
        uint32_t tid;
        separate(d);
        if (!d->options->is_json)
            spc_buf_puts(d->out->out, "parent_tid=");
        if (!d->call->event.is_failed && decode_get(d, decode_arg(d, 2), &tid, sizeof(tid))) {
            print_array(d->out, "parent_tid");
            print_count(d->out, NULL, tid);
            print_array_end(d->out);
        } else {
            print_address(d->out, "parent_tid", decode_arg(d, 2));
        }
    }
    if (flags & CLONE_SETTLS) {
        separate(d);
        named_address(d, "tls", decode_arg(d, 4));
    }
    if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
        separate(d);
        named_address(d, "child_tidptr", decode_arg(d, 3));
    }
}

static void clone3_members(struct decode *d, const struct clone_args *args)
{
    char text[16];
    print_struct(d->out, "cl_args");
    spc_auto_buf struct spc_buf flags = {0};
    strace_flags_put(&flags, &flags_clone, args->flags);
    print_symbol(d->out, "flags", spc_buf_str(&flags));
    if (args->flags & CLONE_PIDFD)
        print_address(d->out, "pidfd", args->pidfd);
    if (args->flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
        print_address(d->out, "child_tid", args->child_tid);
    if (args->flags & CLONE_PARENT_SETTID)
        print_address(d->out, "parent_tid", args->parent_tid);
    if (args->exit_signal)
        print_symbol(d->out, "exit_signal", strace_signal_name((int)args->exit_signal, text));
    else
        print_number(d->out, "exit_signal", 0);
    print_address(d->out, "stack", args->stack);
    print_bits(d->out, "stack_size", args->stack_size);
    if (args->flags & CLONE_SETTLS)
        print_address(d->out, "tls", args->tls);
    print_struct_end(d->out);
}

void special_clone3(struct decode *d)
{
    struct clone_args args = {0};
    uint64_t size = decode_arg(d, 1);
    size_t len = size < sizeof(args) ? size : sizeof(args);
    bool is_readable = len >= 64 && decode_get(d, decode_arg(d, 0), &args, len);
    if (!d->is_exit) {
        if (is_readable)
            clone3_members(d, &args);
        else
            print_address(d->out, "cl_args", decode_arg(d, 0));
        return;
    }
    uint32_t number;
    bool has_tid = is_readable && !d->call->event.is_failed && args.flags & CLONE_PARENT_SETTID &&
                   decode_get(d, args.parent_tid, &number, sizeof(number));
    if (has_tid && !d->options->is_json)
        spc_buf_printf(d->out->out, " => {parent_tid=[%u]}", number);
    separate(d);
    print_count(d->out, "size", size);
}

static void show_flock(struct decode *d, uint64_t addr)
{
    struct flock lock;
    if (!decode_fetch(d, "arg", addr, &lock, sizeof(lock)))
        return;
    print_struct(d->out, "arg");
    decode_enum(d, "l_type", &flags_fcntl_lock, (uint16_t)lock.l_type);
    decode_enum(d, "l_whence", &flags_whence, (uint16_t)lock.l_whence);
    print_number(d->out, "l_start", lock.l_start);
    print_number(d->out, "l_len", lock.l_len);
    if (d->is_exit && (int)decode_arg(d, 1) != F_SETLK)
        print_number(d->out, "l_pid", lock.l_pid);
    print_struct_end(d->out);
}

// Whether the third argument is known only at the end.
static bool is_fcntl_getter(int cmd)
{
    return cmd == F_GETLK || cmd == F_OFD_GETLK || cmd == F_GETOWN_EX;
}

static void show_fcntl_arg(struct decode *d, int cmd, uint64_t arg)
{
    switch (cmd) {
    case F_GETFD:
    case F_GETFL:
    case F_GETOWN:
    case F_GETSIG:
    case F_GETLEASE:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
        return; // take none
    default:
        separate(d);
    }
    switch (cmd) {
    case F_SETFD:
        decode_flags(d, "arg", &flags_fd_flags, (uint32_t)arg);
        break;
    case F_SETFL:
        show_open_flags(d, "arg", arg);
        break;
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_GETLK:
    case F_OFD_GETLK:
        if (d->is_exit && d->call->event.is_failed)
            print_address(d->out, "arg", arg);
        else
            show_flock(d, arg);
        break;
    case F_SETSIG:
        decode_signal(d, "arg", arg);
        break;
    case F_SETLEASE:
        decode_enum(d, "arg", &flags_fcntl_lock, (uint32_t)arg);
        break;
    case F_ADD_SEALS:
        decode_flags(d, "arg", &flags_seals, (uint32_t)arg);
        break;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_SETOWN:
    case F_SETPIPE_SZ:
        print_number(d->out, "arg", (int)arg);
        break;
    default:
        print_bits(d->out, "arg", arg);
    }
}

void special_fcntl(struct decode *d)
{
    int cmd = (int)decode_arg(d, 1);
    if (!d->is_exit) {
        decode_fd(d, "fd", (int)decode_arg(d, 0));
        separate(d);
        decode_enum(d, "op", &flags_fcntl_cmd, (uint32_t)cmd);
        d->call->is_complete = !is_fcntl_getter(cmd);
        if (d->call->is_complete)
            show_fcntl_arg(d, cmd, decode_arg(d, 2));
        return;
    }
    if (is_fcntl_getter(cmd))
        show_fcntl_arg(d, cmd, decode_arg(d, 2));
    if (d->call->event.is_failed)
        return;
    struct spc_buf *note = &d->call->note;
    uint64_t result = (uint64_t)d->call->event.result;
    if (cmd == F_GETFD && result) {
        spc_buf_puts(note, "flags ");
        strace_flags_put(note, &flags_fd_flags, result);
    } else if (cmd == F_GETFL) {
        spc_buf_puts(note, "flags ");
        strace_enum_put(note, &flags_open_access, result & O_ACCMODE);
        if (result & ~(uint64_t)O_ACCMODE) {
            spc_buf_putc(note, '|');
            strace_flags_put(note, &flags_open, result & ~(uint64_t)O_ACCMODE);
        }
    } else if (cmd == F_GET_SEALS && result) {
        spc_buf_puts(note, "seals ");
        strace_flags_put(note, &flags_seals, result);
    }
    d->call->result_is_hex = cmd == F_GETFD || cmd == F_GETFL || cmd == F_GET_SEALS;
}

static void show_futex_op(struct decode *d, uint32_t op)
{
    char text[64];
    uint32_t command = op & (uint32_t)FUTEX_CMD_MASK;
    const char *name = strace_flag_name(&flags_futex_op, command);
    if (name)
        snprintf(text, sizeof(text), "%s%s%s", name, op & FUTEX_PRIVATE_FLAG ? "_PRIVATE" : "",
                 op & FUTEX_CLOCK_REALTIME ? "|FUTEX_CLOCK_REALTIME" : "");
    else
        snprintf(text, sizeof(text), "%#x /* FUTEX_??? */", op);
    print_symbol(d->out, "futex_op", text);
}

static void futex_rest(struct decode *d, uint32_t command)
{
    uint64_t timeout = decode_arg(d, 3), second = decode_arg(d, 4);
    uint32_t third = (uint32_t)decode_arg(d, 5);
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_LOCK_PI:
    case 13: // FUTEX_LOCK_PI2
        separate(d);
        decode_timespec(d, "timeout", timeout);
        break;
    case FUTEX_WAIT_BITSET:
        separate(d);
        decode_timespec(d, "timeout", timeout);
        /* fallthrough */
    case FUTEX_WAKE_BITSET:
        separate(d);
        if (command == FUTEX_WAIT_BITSET) {
            print_address(d->out, "uaddr2", second);
            separate(d);
        }
        if (third == UINT32_MAX)
            print_symbol(d->out, "val3", "FUTEX_BITSET_MATCH_ANY");
        else
            print_bits(d->out, "val3", third);
        break;
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
    case FUTEX_WAKE_OP:
        separate(d);
        print_count(d->out, "val2", (uint32_t)timeout);
        separate(d);
        print_address(d->out, "uaddr2", second);
        if (command != FUTEX_REQUEUE) {
            separate(d);
            command == FUTEX_WAKE_OP ? print_bits(d->out, "val3", third)
                                     : print_count(d->out, "val3", third);
        }
        break;
    case FUTEX_WAIT_REQUEUE_PI:
        separate(d);
        decode_timespec(d, "timeout", timeout);
        separate(d);
        print_address(d->out, "uaddr2", second);
        break;
    default:
        break;
    }
}

void special_futex(struct decode *d)
{
    uint32_t op = (uint32_t)decode_arg(d, 1), command = op & (uint32_t)FUTEX_CMD_MASK;
    if (d->is_exit)
        return;
    print_address(d->out, "uaddr", decode_arg(d, 0));
    separate(d);
    show_futex_op(d, op);
    d->call->is_complete = true;
    if (command == FUTEX_UNLOCK_PI || command == FUTEX_TRYLOCK_PI)
        return;
    if (command != FUTEX_LOCK_PI && command != 13) {
        separate(d);
        print_count(d->out, "val", (uint32_t)decode_arg(d, 2));
    }
    futex_rest(d, command);
}

static void show_prctl_rest(struct decode *d,
                            void (*print)(struct printer *, const char *, uint64_t))
{
    static const char *const names[] = {"arg2", "arg3", "arg4", "arg5"};
    for (unsigned i = 0; i < SPC_ARRAY_SIZE(names); i++) {
        separate(d);
        print(d->out, names[i], decode_arg(d, i + 1));
    }
}

static void show_task_name(struct decode *d, uint64_t addr)
{
    uint32_t limit = d->options->string_limit;
    decode_string(d, "arg2", addr, limit && limit < 15 ? limit : 15); // TASK_COMM_LEN - 1
}

static void prctl_exit(struct decode *d, uint32_t option)
{
    uint64_t result = decode_result(d), arg = decode_arg(d, 1);
    if (option == PR_GET_DUMPABLE && !d->call->event.is_failed && result < 3) {
        static const char *const names[] = {"SUID_DUMP_DISABLE", "SUID_DUMP_USER",
                                            "SUID_DUMP_ROOT"};
        spc_buf_puts(&d->call->note, names[result]);
    }
    if (option != PR_GET_NAME)
        return;
    separate(d);
    if (d->call->event.is_failed)
        print_address(d->out, "arg2", arg);
    else
        show_task_name(d, arg);
}

void special_prctl(struct decode *d)
{
    uint32_t option = (uint32_t)decode_arg(d, 0);
    uint64_t arg = decode_arg(d, 1);
    if (d->is_exit) {
        prctl_exit(d, option);
        return;
    }
    decode_enum(d, "option", &flags_prctl, option);
    d->call->is_complete = option != PR_GET_NAME;
    switch (option) {
    case PR_GET_NAME:
    case PR_GET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_GET_SECUREBITS:
    case PR_GET_TIMERSLACK:
        return;
    case PR_SET_NAME:
        separate(d);
        show_task_name(d, arg);
        return;
    case PR_SET_PDEATHSIG:
        separate(d);
        decode_signal(d, "arg2", arg);
        return;
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
        separate(d);
        decode_enum(d, "arg2", &flags_cap, arg);
        return;
    case PR_SET_DUMPABLE:
    case PR_SET_KEEPCAPS:
    case PR_SET_TIMERSLACK:
    case PR_SET_CHILD_SUBREAPER:
        separate(d);
        print_count(d->out, "arg2", arg);
        return;
    case PR_SET_NO_NEW_PRIVS:
        show_prctl_rest(d, print_count);
        return;
    default:
        show_prctl_rest(d, print_bits);
    }
}

static void show_ioctl_command(struct decode *d, uint32_t command)
{
    const char *name = strace_flag_name(&flags_ioctl, command);
    char text[96], directions[32];
    if (name) {
        print_symbol(d->out, "op", name);
        return;
    }
    unsigned direction = _IOC_DIR(command);
    snprintf(directions, sizeof(directions), "%s",
             direction == _IOC_NONE    ? "_IOC_NONE"
             : direction == _IOC_READ  ? "_IOC_READ"
             : direction == _IOC_WRITE ? "_IOC_WRITE"
                                       : "_IOC_READ|_IOC_WRITE");
    snprintf(text, sizeof(text), "_IOC(%s, %#x, %#x, %#x)", directions, _IOC_TYPE(command),
             _IOC_NR(command), _IOC_SIZE(command));
    print_symbol(d->out, "op", text);
}

// Commands whose argument the kernel fills and that we know.
static bool is_ioctl_getter(uint32_t command)
{
    return command == FIONREAD || command == TIOCGWINSZ || command == TIOCGPGRP ||
           command == TIOCGSID;
}

static void show_ioctl_arg(struct decode *d, uint32_t command, uint64_t arg)
{
    struct winsize ws;
    if (d->is_exit && d->call->event.is_failed) {
        print_address(d->out, "argp", arg);
        return;
    }
    switch (command) {
    case FIONREAD:
    case FIONBIO:
    case FIOASYNC:
    case TIOCGPGRP:
    case TIOCSPGRP:
    case TIOCGSID:
        show_int_array1(d, "argp", arg);
        return;
    case TIOCGWINSZ:
    case TIOCSWINSZ:
        if (!decode_fetch(d, "argp", arg, &ws, sizeof(ws)))
            return;
        print_struct(d->out, "argp");
        print_count(d->out, "ws_row", ws.ws_row);
        print_count(d->out, "ws_col", ws.ws_col);
        print_count(d->out, "ws_xpixel", ws.ws_xpixel);
        print_count(d->out, "ws_ypixel", ws.ws_ypixel);
        print_struct_end(d->out);
        return;
    default:
        print_bits(d->out, "argp", arg);
    }
}

void special_ioctl(struct decode *d)
{
    uint32_t command = (uint32_t)decode_arg(d, 1);
    uint64_t arg = decode_arg(d, 2);
    bool has_no_arg = command == FIOCLEX || command == FIONCLEX || command == TIOCNOTTY;
    if (!d->is_exit) {
        decode_fd(d, "fd", (int)decode_arg(d, 0));
        separate(d);
        show_ioctl_command(d, command);
        if (!has_no_arg)
            separate(d);
        d->call->is_complete = !is_ioctl_getter(command);
    }
    if (d->is_exit == is_ioctl_getter(command) && !has_no_arg)
        show_ioctl_arg(d, command, arg);
}
