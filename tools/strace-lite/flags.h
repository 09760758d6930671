// SPDX-License-Identifier: BSD-2-Clause
// Families of constants: flags/NAME.in, made into C by flags/gen.awk as `flags_NAME`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/buf.h>

struct flag {
    uint64_t value;
    const char *name;
};

struct flag_set {
    const char *name;
    const char *unknown;      // "O_???"
    bool is_bits;             // values are or-ed together; else one of them
    const struct flag *items; // ended by a NULL name
};

#include <strace_flags.h>

// The name of one value, NULL when the set does not have it.
const char *strace_flag_name(const struct flag_set *set, uint64_t value);

// "A|B|0x40", "0x40 /* X_??? */", "0". Appends what the set knows and returns whether it did.
void strace_flags_put(struct spc_buf *out, const struct flag_set *set, uint64_t value);
// One of the set: "A" or "0x7 /* X_??? */".
void strace_enum_put(struct spc_buf *out, const struct flag_set *set, uint64_t value);

extern const struct flag_set *const strace_flag_sets[]; // all of them, ended by NULL
