// SPDX-License-Identifier: BSD-2-Clause
// Names and numbers of system calls, from libseccomp's tables of every architecture.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/err.h>
#include <spc/own.h>

// Which table a number is of. "compat" are the 32-bit calls of the same machine.
enum abi { SYSTRACE_ABI_NATIVE, SYSTRACE_ABI_COMPAT, SYSTRACE_ABI_X32, SYSTRACE_ABI_MAX };

enum { SYSTRACE_CALL_MAX = 1023 }; // every number beyond it is counted as this one

const char *systrace_abi_name(enum abi abi); // "native", "compat", "x32"

// The number of a call, or -1 where that table has none of this name.
int systrace_call_number(enum abi abi, const char *name);

// Names once looked up are kept: libseccomp's look-up walks its table and allocates.
struct call_names;
int systrace_names_open(struct call_names **ret, struct spc_err *err);
void systrace_names_free(struct call_names *names);
SPC_DEFINE_CLEANUP(struct call_names *, systrace_names_free)
// "openat", "compat:openat", "call_777". Valid while `names` is. NULL when memory is short.
const char *systrace_call_name(struct call_names *names, enum abi abi, unsigned nr);

// `-e trace=`: which calls are timed.
struct call_filter {
    bool is_set;
    uint64_t bits[SYSTRACE_ABI_MAX][(SYSTRACE_CALL_MAX + 1) / 64];
};
// "trace=open,close", "open,close", "!futex", "trace=!futex,poll", "?statx" (no error when
// unknown).
int systrace_filter_parse(void *filter, const char *value, struct spc_err *err);
