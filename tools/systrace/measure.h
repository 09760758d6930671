// SPDX-License-Identifier: BSD-2-Clause
// What every command that measures shares: its options, and the life of a measurement.
#pragma once

#include <stdbool.h>

#include <spc/opt.h>

#include "probe.h"
#include "rows.h"

struct measure_options {
    struct call_filter filter;
    int by;   // enum group_by
    int kind; // enum probe_kind
    uint64_t memory;
};
extern const struct spc_choice systrace_probe_choices[];

// Rows of an option table, for a member `m` of type struct measure_options.
#define SYSTRACE_MEASURE_OPTIONS(type, m)                                                          \
    {'b',                                                                                          \
     "by",                                                                                         \
     SPC_OPT_CHOICE,                                                                               \
     SPC_OPT_AT(type, m.by),                                                                       \
     "WHAT",                                                                                       \
     "What a line is about.",                                                                      \
     .choices = systrace_by_choices},                                                              \
        {'e',                                                                                      \
         "expr",                                                                                   \
         SPC_OPT_CALL,                                                                             \
         SPC_OPT_AT(type, m.filter),                                                               \
         "trace=CALL[,CALL...]",                                                                   \
         "Only these calls; with ! in front, all but these.",                                      \
         .parse = systrace_filter_parse},                                                          \
        {0,                                                                                        \
         "probe",                                                                                  \
         SPC_OPT_CHOICE,                                                                           \
         SPC_OPT_AT(type, m.kind),                                                                 \
         "KIND",                                                                                   \
         "Do not use the best probes that this kernel loads.",                                     \
         .choices = systrace_probe_choices},                                                       \
    {                                                                                              \
        0, "memory", SPC_OPT_U64, SPC_OPT_AT(type, m.memory), "BYTES",                             \
            "Kernel memory for statistics (16777216).", .min = 65536, .max = 1ull << 32            \
    }

struct measure {
    struct measure_options options;
    struct scope scope;
    struct probe *probe;
    struct call_names *names;
    char what[256]; // "system calls of the host"
    uint64_t begin, begin_real;
};
#define SYSTRACE_MEASURE_NONE                                                                      \
    {                                                                                              \
        .probe = NULL                                                                              \
    }

// prepare, then load; between them the scope may be replaced.
int systrace_measure_prepare(struct measure *measure, const struct measure_options *options,
                             char *const *targets, size_t count, struct spc_err *err);
int systrace_measure_load(struct measure *measure, struct spc_err *err);
int systrace_measure_open(struct measure *measure, const struct measure_options *options,
                          char *const *targets, size_t count, struct spc_err *err);
int systrace_measure_begin(struct measure *measure, struct spc_err *err);
int systrace_measure_end(struct measure *measure, struct sample *ret, struct spc_err *err);
void systrace_measure_close(struct measure *measure);
#define systrace_auto_measure SPC_CLEANUP(systrace_measure_close)

// Says on stderr what was lost. Returns whether anything was.
bool systrace_measure_report_lost(const struct sample *sample);
