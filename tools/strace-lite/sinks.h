// SPDX-License-Identifier: BSD-2-Clause
// The sinks that look like strace.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/sink.h>

enum time_format { TIME_NONE, TIME_SECONDS, TIME_MICROSECONDS, TIME_EPOCH };

struct lines_options {
    enum time_format time; // -t, -tt, -ttt
    bool is_relative;      // -r
    bool has_duration;     // -T
    bool has_pids;         // from the start; else from the second task on
    bool is_pid_plain;     // "123 " as in files, else "[pid   123] "
    bool is_quiet;         // -q: no lines about attaching and detaching
    bool hides_exits;      // -qq
    uint32_t column;       // where "= RESULT" stands, -a
    const char *tool;      // name in messages
};

// strace's text. The output stays the caller's.
int strace_lines_open(struct spc_output *output, const struct lines_options *options,
                      struct spc_sink **ret, struct spc_err *err);

enum summary_sort {
    SORT_TIME,
    SORT_CALLS,
    SORT_ERRORS,
    SORT_NAME,
    SORT_NOTHING,
    SORT_MIN,
    SORT_MAX,
    SORT_AVERAGE,
};

// -c: counts and times per call, printed at the end.
int strace_summary_open(struct spc_output *output, enum summary_sort sort, bool is_wall,
                        struct spc_sink **ret, struct spc_err *err);
