// SPDX-License-Identifier: BSD-2-Clause
// The time in front of a line: tcpdump's -t to -ttttt.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/buf.h>

struct stamp {
    unsigned
        level; // how many -t: 1 none, 2 since 1970, 3 since last, 4 date and time, 5 since first
    bool is_nano;
    uint64_t first_ns, last_ns;
    int64_t second; // of `text`
    char text[32];
};

// Appends it with a blank behind.
void stamp_put(struct stamp *stamp, uint64_t ts_ns, struct spc_buf *out);
