// SPDX-License-Identifier: BSD-2-Clause
// Kinds of arguments: the words that stand before the colon in syscalls/*.tbl.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds_list.h"

struct call;
struct decode;
struct flag_set;

enum kind_when {
    WHEN_ENTRY,       // known when the call begins
    WHEN_EXIT,        // filled by the kernel; only the address is shown when the call failed
    WHEN_EXIT_ALWAYS, // the decoder itself looks at how the call ended
};

struct kind {
    const char *name;
    enum kind_when when;
    void (*show)(struct decode *d, const char *name, uint64_t value);
    const struct flag_set *set;                // for show_flags and show_enum
    bool (*is_there)(const struct call *call); // NULL: always (open's mode is not)
};

enum kind_id {
#define X(name, when, show, set, is_there) KIND_##name,
    STRACE_KINDS(X)
#undef X
        _KIND_MAX,
};

extern const struct kind strace_kinds[];

// Decoders of one argument: strace_kinds[] names each, decode_FAMILY.c hold them.
#define X(name, when, show, set, is_there)                                                         \
    void show(struct decode *d, const char *name_, uint64_t value);
STRACE_KINDS(X)
#undef X

bool strace_has_open_mode(const struct call *call);
bool strace_has_mknod_dev(const struct call *call);
bool strace_has_mremap_addr(const struct call *call);

// Decoders of whole calls: the words behind '@' in the table.
#define STRACE_SPECIALS(X)                                                                         \
    X(clone)                                                                                       \
    X(clone3)                                                                                      \
    X(fcntl)                                                                                       \
    X(futex)                                                                                       \
    X(poll)                                                                                        \
    X(select)                                                                                      \
    X(prctl)                                                                                       \
    X(ioctl)                                                                                       \
    X(recvmsg)                                                                                     \
    X(time)
#define X(name) void special_##name(struct decode *d);
STRACE_SPECIALS(X)
#undef X
