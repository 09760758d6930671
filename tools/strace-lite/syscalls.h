// SPDX-License-Identifier: BSD-2-Clause
// The table of system calls: syscalls/ARCH.tbl, made into C by syscalls/gen.awk.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <spc/own.h>

#define SYSCALL_MAX_ARGS 6

// The %classes of -e trace=, strace(1). One bit each.
#define STRACE_CLASSES(X)                                                                          \
    X(desc)                                                                                        \
    X(file)                                                                                        \
    X(memory)                                                                                      \
    X(process)                                                                                     \
    X(signal)                                                                                      \
    X(ipc)                                                                                         \
    X(network)                                                                                     \
    X(creds)                                                                                       \
    X(clock)                                                                                       \
    X(pure)                                                                                        \
    X(stat)                                                                                        \
    X(lstat)                                                                                       \
    X(fstat)                                                                                       \
    X(statfs)                                                                                      \
    X(fstatfs)

enum {
#define X(name) CLASS_BIT_##name,
    STRACE_CLASSES(X)
#undef X
        _CLASS_BIT_MAX,
};

enum {
#define X(name) CLASS_##name = 1 << CLASS_BIT_##name,
    STRACE_CLASSES(X)
#undef X
};

enum return_kind {
    RETURN_number,
    RETURN_hex,
    RETURN_fd,
    RETURN_octal,
    RETURN_none,         // does not return
    RETURN_personality,  // the same
    RETURN_sched_policy, // a number, and its name beside it
};

struct decode;

struct syscall_arg {
    uint8_t kind; // enum kind_id
    const char *name;
};

struct syscall {
    const char *name; // NULL: a hole in the table
    uint32_t classes;
    uint8_t arg_count, return_kind;
    struct syscall_arg args[SYSCALL_MAX_ARGS];
    // Takes the whole call where arguments depend on each other; called at entry and at exit, tells
    // the two apart by d->is_exit. NULL: the arguments one by one.
    void (*special)(struct decode *d);
};

enum syscall_abi {
    ABI_X86_64,
    _ABI_MAX,
};

struct syscall_table {
    const char *name;
    uint32_t audit_arch; // AUDIT_ARCH_*, as PTRACE_GET_SYSCALL_INFO reports it
    const struct syscall *rows;
    size_t count;
};

extern const struct syscall_table strace_syscall_tables[];
extern const char *const strace_class_names[_CLASS_BIT_MAX + 1];

// NULL for a number that the table does not know.
const struct syscall *strace_syscall_get(enum syscall_abi abi, uint64_t number);
