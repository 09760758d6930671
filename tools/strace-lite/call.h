// SPDX-License-Identifier: BSD-2-Clause
// One system call of one task, from its entry to its return: what back ends fill and decoders read.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/event.h>

#include "memory.h"
#include "printer.h"
#include "syscalls.h"

struct call {
    struct spc_event_call event; // what sinks see; its payload is this struct
    // Filled by the back end.
    enum syscall_abi abi;
    const struct syscall *entry; // never NULL: a number without a name has a row of its own
    uint64_t args[SYSCALL_MAX_ARGS];
    uint64_t stack_pointer;
    const char *previous; // name of the task's call before, NULL when not known
    const struct memory *memory;
    // Of the decoder, between entry and exit.
    unsigned next_arg;
    bool is_complete; // set by whole-call decoders that left nothing for the exit
    bool has_saved, result_is_hex;
    uint64_t saved; // what a decoder noted at entry (a length that the kernel will overwrite)
    struct printer printer;
    struct spc_buf rendered;
    struct spc_buf note;
    char name_text[24]; // name of a call that has none
    char result_text[32];
};

void strace_call_free(struct call *call);

struct decode_options {
    uint32_t string_limit; // -s
    bool is_verbose;       // -v: structures in full
    bool is_json;
    bool has_names; // -N: names of arguments in text
};

// Render the arguments that are known at entry, then, at exit, the others and the result.
// `event.base.kind` says which of the two it is.
void strace_decode_call(struct call *call, const struct decode_options *options);

// A siginfo_t (128 bytes) into `text`; returns its string.
const char *strace_decode_signal(const void *siginfo, struct spc_buf *text,
                                 const struct decode_options *options);
