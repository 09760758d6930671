// SPDX-License-Identifier: BSD-2-Clause
// What the command line says, as plain data; see options.c for the table that fills it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/opt.h>

#include "sinks.h"
#include "trace_filter.h"

struct config {
    unsigned follow; // -f
    struct spc_strv pids;
    const char *target;
    const char *output;
    struct trace_filter filter;
    bool is_summary, is_summary_too; // -c, -C
    bool is_wall;                    // -w
    int sort;
    uint32_t string_limit;
    uint32_t column;
    unsigned times; // -t, -tt, -ttt
    bool is_relative, has_duration;
    unsigned quiet;
    bool is_verbose;
    bool is_json;
    bool is_without_syscall_info, is_without_vm_read;
};

extern const struct spc_opt strace_options[];
extern const struct spc_example strace_examples[], strace_verb_examples[];
extern const char strace_notes[];
extern const struct config strace_defaults;
void strace_config_free(void *config);
