// SPDX-License-Identifier: BSD-2-Clause
// Recordings: a text file that says by itself where, how and what was measured.
//
//   systrace-recording 1
//   meta KEY VALUE
//   run N
//   time START DURATION whole|cut
//   calibration SPIN UNTRACED TRACED QUANTUM
//   lost KIND COUNT
//   call GROUP NAME ABI COUNT TOTAL MIN MAX OFF RUNQUEUE SWITCHED ERRORS RESTARTS DENIED NOENTRY
//        NORETURN
//   wall BUCKET:COUNT ...        of the call above it; the same for `cpu`
//   error NUMBER COUNT
//   flight start|end TID NS COMM GROUP NAME
//   done N
//   end RUNS
//
// One word a field: what is not printable, '%' and blanks are %XX; "-" is the empty word. Times are
// ns. A run without `done` does not count, so a file that was cut short keeps all runs before.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <spc/buf.h>
#include <spc/err.h>

#include "sample.h"

enum { RECORDING_VERSION = 1 };

struct meta {
    char *key, *value;
};

struct recording {
    struct meta *meta;
    size_t meta_count;
    struct sample *runs; // each sorted
    size_t run_count;
    bool is_cut; // ends without `end`
};

void systrace_recording_free(struct recording *recording);
#define systrace_auto_recording SPC_CLEANUP(systrace_recording_free)

int systrace_recording_add_meta(struct recording *recording, const char *key, const char *value);
const char *systrace_recording_meta(const struct recording *recording, const char *key); // or NULL

// `data` need not be NUL-terminated, nothing in it is trusted.
int systrace_recording_parse(const char *data, size_t len, struct recording *ret,
                             struct spc_err *err);
int systrace_recording_read(const char *path, struct recording *ret, struct spc_err *err);
// All runs as one.
int systrace_recording_merge(const struct recording *recording, struct sample *ret,
                             struct spc_err *err);

// Each part is on its way to the disk when the function returns.
int systrace_recording_write_head(FILE *file, const struct recording *recording,
                                  struct spc_err *err);
int systrace_recording_write_run(FILE *file, size_t number, const struct sample *sample,
                                 struct spc_err *err);
int systrace_recording_write_end(FILE *file, size_t runs, struct spc_err *err);

void systrace_word_put(struct spc_buf *out, const char *text);
int systrace_word_get(char *word); // in place; 0 or -EINVAL
