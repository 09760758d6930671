// SPDX-License-Identifier: BSD-2-Clause
#include "flags.h"

#include <inttypes.h>

#include <strace_flags_tables.h>

const char *strace_flag_name(const struct flag_set *set, uint64_t value)
{
    for (const struct flag *f = set->items; f->name; f++)
        if (f->value == value)
            return f->name;
    return NULL;
}

static void put_unknown(struct spc_buf *out, const struct flag_set *set, uint64_t value)
{
    spc_buf_printf(out, "%#" PRIx64, value);
    if (set->unknown)
        spc_buf_printf(out, " /* %s */", set->unknown);
}

void strace_flags_put(struct spc_buf *out, const struct flag_set *set, uint64_t value)
{
    uint64_t left = value;
    bool is_any = false;
    if (value == 0) {
        const char *zero = strace_flag_name(set, 0);
        spc_buf_puts(out, zero ? zero : "0");
        return;
    }
    for (const struct flag *f = set->items; f->name && left; f++) {
        if (!f->value || (left & f->value) != f->value)
            continue;
        if (is_any)
            spc_buf_putc(out, '|');
        spc_buf_puts(out, f->name);
        left &= ~f->value;
        is_any = true;
    }
    if (left && is_any)
        spc_buf_printf(out, "|%#" PRIx64, left);
    else if (left)
        put_unknown(out, set, left);
}

void strace_enum_put(struct spc_buf *out, const struct flag_set *set, uint64_t value)
{
    const char *name = strace_flag_name(set, value);
    if (name)
        spc_buf_puts(out, name);
    else
        put_unknown(out, set, value);
}
