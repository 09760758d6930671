// SPDX-License-Identifier: BSD-2-Clause
// What a source saw: one small struct per kind, and one field table per kind.
//
// A source makes events, a filter drops some, a decoder fills the rendered members, sinks write
// them. An event and everything it points to is borrowed: valid until the sink returns.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/field.h>

enum spc_event_kind {
    SPC_EVENT_CALL_ENTER, // struct spc_event_call
    SPC_EVENT_CALL_EXIT,  // struct spc_event_call
    SPC_EVENT_CALL_END,   // struct spc_event_call: the task ends or changes inside of the call
    SPC_EVENT_SIGNAL,     // struct spc_event_signal: about to be delivered
    SPC_EVENT_STOP,       // struct spc_event_signal: stopped by job control
    SPC_EVENT_EXIT,       // struct spc_event_exit
    SPC_EVENT_EXEC,       // struct spc_event_exec: another thread's execve took this one's ID
    SPC_EVENT_ATTACH,     // struct spc_event
    SPC_EVENT_DETACH,     // struct spc_event
    _SPC_EVENT_MAX,
};

#define SPC_EVENT_BIT(kind) (1u << (kind))
#define SPC_EVENT_ALL       (SPC_EVENT_BIT(_SPC_EVENT_MAX) - 1)

// Head of every event.
struct spc_event {
    enum spc_event_kind kind;
    uint64_t time_ns; // CLOCK_REALTIME; 0 where the source was not asked for times
    pid_t pid;        // process (thread group), 0 when not known
    pid_t tid;
    const char *comm; // or NULL
};

// A system call. Enter, exit and end of one call show the same object with more and more in it.
struct spc_event_call {
    struct spc_event base;
    uint64_t entered_ns; // CLOCK_REALTIME of the entry
    const char *name;
    uint64_t number;
    const char *args;        // rendered by the decoder: text, or JSON where the sink wants that
    size_t args_len;         // in bytes
    size_t args_entered;     // how much of it the enter event had
    bool is_complete;        // all arguments are rendered
    bool has_returned;       // the members below are set
    bool is_failed;          // error holds the errno
    int64_t result;          // as the kernel returned it, -errno on failure
    int error;               // errno number, 0 when the call did not fail
    const char *error_name;  // "ENOENT", or NULL
    const char *result_text; // rendered, without notes
    const char *note;        // what goes behind the result in brackets, or NULL
    uint64_t duration_ns;    // wall time between enter and exit
    uint64_t system_ns;      // CPU time of the kernel for this task in between, where asked for
    const void *payload;     // the source's own record of the call
};

struct spc_event_signal {
    struct spc_event base;
    int number;
    const char *name; // "SIGINT"
    const char *info; // rendered siginfo, or NULL
    const void *payload;
};

struct spc_event_exit {
    struct spc_event base;
    int status; // exit code, when not killed
    int signal; // 0 when not killed
    const char *signal_name;
    bool has_core;
};

struct spc_event_exec {
    struct spc_event base;
    pid_t by; // the thread that called execve
};

// Name and fields of a kind's struct; what JSON and other generic sinks walk.
const struct spc_record_kind *spc_event_record(enum spc_event_kind kind);
