// SPDX-License-Identifier: BSD-2-Clause
// strace's text.
#include "printer.h"

#include <inttypes.h>
#include <string.h>

#include <spc/escape.h>

// The comma between items of a bracket, and the member's name. Arguments of the call itself are
// separated by the decoder, because where it stops at entry decides what the line looks like.
static void item(struct printer *p, const char *name)
{
    if (p->depth == 0)
        return;
    uint64_t bit = UINT64_C(1) << (p->depth & 63);
    if (p->has_items & bit)
        spc_buf_add(p->out, ", ", 2);
    p->has_items |= bit;
    if (name) {
        spc_buf_puts(p->out, name);
        spc_buf_putc(p->out, '=');
    }
}

static void put_decimal(struct spc_buf *out, uint64_t value, bool is_negative)
{
    char digits[24], *at = digits + sizeof(digits);
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    if (is_negative)
        *--at = '-';
    spc_buf_add(out, at, (size_t)(digits + sizeof(digits) - at));
}

static void text_begin(struct printer *p, const char *name, char bracket)
{
    item(p, name);
    spc_buf_putc(p->out, bracket);
    p->depth++;
    p->has_items &= ~(UINT64_C(1) << (p->depth & 63));
}

static void text_end(struct printer *p, char bracket)
{
    spc_buf_putc(p->out, bracket);
    p->depth--;
}

static void text_number(struct printer *p, const char *name, int64_t value)
{
    item(p, name);
    put_decimal(p->out, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

static void text_count(struct printer *p, const char *name, uint64_t value)
{
    item(p, name);
    put_decimal(p->out, value, false);
}

static void put_hex(struct spc_buf *out, uint64_t value)
{
    char digits[20], *at = digits + sizeof(digits);
    do
        *--at = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    *--at = 'x';
    *--at = '0';
    spc_buf_add(out, at, (size_t)(digits + sizeof(digits) - at));
}

static void text_address(struct printer *p, const char *name, uint64_t value)
{
    item(p, name);
    if (value)
        put_hex(p->out, value);
    else
        spc_buf_add(p->out, "NULL", 4);
}

static void text_bits(struct printer *p, const char *name, uint64_t value)
{
    item(p, name);
    if (value)
        put_hex(p->out, value);
    else
        spc_buf_putc(p->out, '0');
}

static void text_symbol(struct printer *p, const char *name, const char *text)
{
    item(p, name);
    spc_buf_puts(p->out, text);
}

static void text_string(struct printer *p, const char *name, const char *data, size_t len,
                        bool is_cut)
{
    item(p, name);
    spc_buf_putc(p->out, '"');
    spc_escape_c(p->out, data, len);
    spc_buf_putc(p->out, '"');
    if (is_cut)
        spc_buf_add(p->out, "...", 3);
}

static void text_more(struct printer *p)
{
    item(p, NULL);
    spc_buf_add(p->out, "...", 3);
}

static void text_comment(struct printer *p, const char *text)
{
    spc_buf_add(p->out, " /* ", 4);
    spc_buf_puts(p->out, text);
    spc_buf_add(p->out, " */", 3);
}

static void text_separate(struct printer *p)
{
    spc_buf_add(p->out, ", ", 2);
}

// The call's own brackets belong to the line, not to the arguments.
static void text_nothing(struct printer *p)
{
    (void)p;
}

static const struct printer_ops text_ops = {
    .begin = text_begin,
    .end = text_end,
    .number = text_number,
    .count = text_count,
    .address = text_address,
    .bits = text_bits,
    .symbol = text_symbol,
    .string = text_string,
    .more = text_more,
    .comment = text_comment,
    .open = text_nothing,
    .separate = text_separate,
    .close = text_nothing,
};

void strace_printer_text(struct printer *p, struct spc_buf *out)
{
    *p = (struct printer){.ops = &text_ops, .out = out};
}
