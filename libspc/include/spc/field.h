// SPDX-License-Identifier: BSD-2-Clause
// Records described once.
//
// A record kind (a container, a process, a system call) is a plain struct and one const array of
// fields. Text tables, JSON and HTML walk that array; nobody writes `if (json)`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spc_type {
    SPC_TYPE_STR,      // const char *, NULL when not known
    SPC_TYPE_STRV,     // struct spc_strv: "a,b" in text, an array in JSON
    SPC_TYPE_BOOL,     // bool
    SPC_TYPE_INT,      // int
    SPC_TYPE_I64,      // int64_t
    SPC_TYPE_U64,      // uint64_t
    SPC_TYPE_PID,      // pid_t, 0 when not known
    SPC_TYPE_TIME,     // uint64_t ns since the epoch (CLOCK_REALTIME), 0 when not known
    SPC_TYPE_DURATION, // uint64_t ns; text as 5s, 3m, 2h, 4d; JSON as seconds; UINT64_MAX unknown
    SPC_TYPE_JSON,     // const char *: a value that is JSON already, NULL when not known
    SPC_TYPE_NS,       // uint64_t ns; text as 812ns, 3.42us, 1.07s; JSON as ns; UINT64_MAX unknown
    SPC_TYPE_DOUBLE,   // double, text with one decimal; NAN when not known
    _SPC_TYPE_MAX,
};

enum spc_field_flags {
    SPC_FIELD_RIGHT = 1 << 0, // align right (numbers)
    SPC_FIELD_WIDE = 1 << 1,  // shown only in the wide form
    SPC_FIELD_JSON = 1 << 2,  // never in text
};

struct spc_field {
    const char *name;  // stable name: JSON key
    const char *title; // column heading
    enum spc_type type;
    size_t offset;
    unsigned flags; // enum spc_field_flags
    const char *help;
};

struct spc_record_kind {
    const char *name;               // "container": value of the "kind" key
    const struct spc_field *fields; // ended by an all-zero row
    size_t size;                    // of the struct
};
