// SPDX-License-Identifier: BSD-2-Clause
// Errors that gain context on the way up.
//
// Every fallible function returns 0 (or a count) or a negative errno, and takes the error object
// last. Whoever first sees the failure calls spc_err_set(); callers add what they were doing with
// spc_err_wrap(); spc_cmd_main() prints the result once, in one line. Nothing else prints.
#pragma once

#include <stdarg.h>

// The exit codes of every verb and tool. README and manual pages list this enum.
enum spc_exit {
    SPC_EXIT_OK = 0,
    SPC_EXIT_FAIL = 1,
    SPC_EXIT_USAGE = 2,
    SPC_EXIT_TARGET = 3,       // target not found or ambiguous
    SPC_EXIT_LOST = 4,         // done, but data was lost (and how much was printed)
    SPC_EXIT_RUN_FAILED = 125, // `run`: spc itself failed
    SPC_EXIT_RUN_NOEXEC = 126, // `run`: command found but not executable
    SPC_EXIT_RUN_NOENT = 127,  // `run`: command not found
    SPC_EXIT_SIGNAL_BASE = 128,
};

// Plain data: owns nothing, may be zero-initialised and dropped at any time.
struct spc_err {
    int code;             // negative errno, 0 while nothing has failed
    enum spc_exit status; // exit code the process should end with; SPC_EXIT_OK means "default"
    char text[1024];      // "outer context: inner context: cause", unescaped
    char hint[512];       // what the user can do about it, or empty
};

// Record a failure: text from fmt, then ": " and the errno's own text. Returns code, so that
// `return spc_err_set(err, -errno, "open %s", path)` reads well.
// err may be NULL in all of these: then only the code is passed through, and those that are given
// none return -EIO.
int spc_err_set(struct spc_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// As spc_err_set() without the errno text: for failures that the message explains itself.
int spc_err_say(struct spc_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// Prepend context ("resolving 'web'"). Returns err->code.
int spc_err_wrap(struct spc_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Say what to do about it; a hint set deeper down is kept. Returns err->code.
int spc_err_hint(struct spc_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Choose the exit code; the first (innermost) choice stands. Returns err->code.
int spc_err_exit(struct spc_err *err, enum spc_exit status);

// A usage error: spc_err_say() with -EINVAL and SPC_EXIT_USAGE.
int spc_err_usage(struct spc_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Forget a failure that was handled (a fallback was taken).
void spc_err_clear(struct spc_err *err);

#ifdef __clang_analyzer__
// The analyser sees one file at a time: tell it that these return what they were given.
#define spc_err_set(err, code, ...) ((spc_err_set)((err), (code), __VA_ARGS__), (code))
#define spc_err_say(err, code, ...) ((spc_err_say)((err), (code), __VA_ARGS__), (code))
#define spc_err_usage(err, ...)     ((spc_err_usage)((err), __VA_ARGS__), -22)
#endif
