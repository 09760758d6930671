// SPDX-License-Identifier: BSD-2-Clause
// -e trace=: which system calls are shown.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/err.h>

#include "syscalls.h"

#define FILTER_NUMBERS 1024 // system-call numbers that can be chosen; others follow `has_unknown`

struct trace_filter {
    bool is_set;      // an expression was given
    bool has_unknown; // calls without a name are shown
    bool wants[_ABI_MAX][FILTER_NUMBERS];
};

// LIST | !LIST | all | none, where LIST has names, %classes, /regular expressions and ?names that
// may be unknown. Several expressions replace each other, as in strace.
int strace_filter_parse(struct trace_filter *filter, const char *expression, struct spc_err *err);

bool strace_filter_wants(const void *filter, unsigned abi, uint64_t number);
