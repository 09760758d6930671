// SPDX-License-Identifier: BSD-2-Clause
// The tables of one sample: rows made from statistics, sorted, printed as text or JSON.
#pragma once

#include <stdio.h>

#include <spc/opt.h>
#include <spc/table.h>

#include "sample.h"
#include "scope.h"

enum sort_key { SORT_TOTAL, SORT_COUNT, SORT_P99, SORT_ERRORS, SORT_BLOCKED };
extern const struct spc_choice systrace_sort_choices[];
extern const struct spc_choice systrace_by_choices[];

struct rows_options {
    enum sort_key sort;
    enum spc_format format;
    bool is_times;      // the table of `-t`
    bool has_no_groups; // everything is one group: no column for it
    bool has_no_queue;  // run-queue time is not known with these probes
    bool has_no_off;    // nor is any time off the CPU
    bool is_bold;
    size_t limit; // lines of calls, 0: all
};

int systrace_rows_calls(FILE *stream, const struct sample *sample,
                        const struct rows_options *options, struct spc_err *err);
int systrace_rows_errors(FILE *stream, const struct sample *sample,
                         const struct rows_options *options, struct spc_err *err);
// Calls that did not end within the time measured, the longest first, at most `limit`.
int systrace_rows_flights(FILE *stream, const struct sample *sample,
                          const struct rows_options *options, struct spc_err *err);
