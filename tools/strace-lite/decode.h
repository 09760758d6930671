// SPDX-License-Identifier: BSD-2-Clause
// What decoders of arguments share. A decoder gets a value, reads target memory through the call's
// reader, and says what it found to the printer.
#pragma once

#include "call.h"
#include "flags.h"
#include "kinds.h"
#include "printer.h"

struct decode {
    struct printer *out;
    struct call *call;
    const struct decode_options *options;
    unsigned index;          // of the argument
    const struct kind *kind; // of the argument
    bool is_exit;
};

static inline uint64_t decode_arg(const struct decode *d, unsigned index)
{
    return d->call->args[index];
}

static inline bool decode_get(const struct decode *d, uint64_t addr, void *buf, size_t len)
{
    return strace_memory_get(d->call->memory, addr, buf, len);
}

// The result of a call that worked, as a length or count; 0 when it failed.
static inline uint64_t decode_result(const struct decode *d)
{
    return d->call->event.is_failed ? 0 : (uint64_t)d->call->event.result;
}

// Read a structure or print its address: `if (!decode_fetch(...)) return;`.
bool decode_fetch(struct decode *d, const char *name, uint64_t addr, void *buf, size_t len);

void decode_flags(struct decode *d, const char *name, const struct flag_set *set, uint64_t value);
void decode_enum(struct decode *d, const char *name, const struct flag_set *set, uint64_t value);
void decode_fd(struct decode *d, const char *name, int fd);
void decode_mode(struct decode *d, const char *name, uint32_t mode); // S_IFREG|0644
void decode_octal(struct decode *d, const char *name, uint64_t value);
// `len` bytes at addr as a string, cut as -s says.
void decode_bytes(struct decode *d, const char *name, uint64_t addr, uint64_t len);
// A string up to its NUL; `limit` as for -s, 0: paths and names are not cut.
void decode_string(struct decode *d, const char *name, uint64_t addr, uint32_t limit);
// A string in a buffer of our own.
void decode_text(struct decode *d, const char *name, const char *data, size_t len, uint32_t limit);
void decode_signal(struct decode *d, const char *name, uint64_t number);
void decode_sigset(struct decode *d, const char *name, uint64_t addr, uint64_t size);
// "/* 2026-11-22T05:54:01+0000 */" behind a time that was just printed; nothing for 0.
void decode_time_comment(struct decode *d, int64_t when, uint64_t ns);
void decode_timespec(struct decode *d, const char *name, uint64_t addr);
void decode_sockaddr(struct decode *d, const char *name, uint64_t addr, uint64_t len);
void decode_iovec(struct decode *d, const char *name, uint64_t addr, uint64_t count,
                  uint64_t data_len);
void decode_wait_status(struct decode *d, const char *name, uint64_t addr);

// siginfo_t as strace prints it.
void decode_siginfo(struct decode *d, const char *name, const void *siginfo);
// For rendering outside of a call (signals).
const char *strace_signal_name(int number, char buf[static 16]);
