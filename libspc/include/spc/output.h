// SPDX-License-Identifier: BSD-2-Clause
// A byte stream that a sink writes: buffered, and honest about a full disk.
#pragma once

#include <stdbool.h>

#include <spc/buf.h>
#include <spc/err.h>
#include <spc/own.h>

// The first write error is kept and every later write is a no-op, so that a sink can write freely
// and check once per event.
struct spc_output {
    struct spc_buf pending; // append to it with spc_buf_*()
    char *name;             // for messages
    int fd;
    bool is_owned;  // close it at the end
    bool is_prompt; // somebody watches: nothing waits in `pending`
    int failed;     // negative errno of the first write that failed
};

// path NULL: write to fd (borrowed) instead. A file is created with 0666 & ~umask.
int spc_output_open(const char *path, int fd, struct spc_output **ret, struct spc_err *err);
// Call after each event: writes when somebody watches or enough has come together.
int spc_output_commit(struct spc_output *out, struct spc_err *err);
int spc_output_flush(struct spc_output *out, struct spc_err *err);
// Also flushes and closes; errors of those were to be had from spc_output_flush().
void spc_output_free(struct spc_output *out);
SPC_DEFINE_CLEANUP(struct spc_output *, spc_output_free)
