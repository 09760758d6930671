// SPDX-License-Identifier: BSD-2-Clause
// A progress line on a terminal, for what takes more than a second.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// Plain data, zero-initialised: shows nothing. Nothing is ever written to what is no terminal.
struct spc_progress {
    FILE *stream; // NULL: silent
    const char *what;
    uint64_t total; // bytes; 0: not known
    uint64_t done;
    uint64_t start_ns, shown_ns;
    bool is_shown;
};

// `what` is borrowed until spc_progress_end().
void spc_progress_begin(struct spc_progress *progress, FILE *stream, const char *what,
                        uint64_t total);
// Safe with NULL, so that whoever works needs not know whether somebody watches.
void spc_progress_add(struct spc_progress *progress, uint64_t bytes);
// Takes the line away again.
void spc_progress_end(struct spc_progress *progress);

// What would be shown now: one line without control characters. For tests.
void spc_progress_line(const struct spc_progress *progress, uint64_t now_ns, char *ret,
                       unsigned size);
