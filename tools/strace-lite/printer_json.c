// SPDX-License-Identifier: BSD-2-Clause
// JSON: structures are objects, numbers numbers, symbols and strings strings, addresses strings in
// hexadecimal (they do not fit a JSON number of every reader), NULL null.
#include "printer.h"

#include <inttypes.h>
#include <stdio.h>

// Names of arguments make them members of one object per call; a value without a name beside named
// ones cannot be, and gets its place as name.
static const char *key_of(struct printer *p, const char *name, char buf[static 16])
{
    bool is_member = p->depth ? (p->has_items >> (p->depth & 63) & 1) : p->json.depth > 0;
    if (name || !is_member)
        return is_member ? name : NULL;
    snprintf(buf, 16, "value%zu", p->out->len);
    return buf;
}

// For this printer has_items says: level n is an object.
static void json_begin(struct printer *p, const char *name, char bracket)
{
    char buf[16];
    const char *key = key_of(p, name, buf);
    uint64_t bit = UINT64_C(1) << (++p->depth & 63);
    if (bracket == '{') {
        spc_json_object(&p->json, key);
        p->has_items |= bit;
    } else {
        spc_json_array(&p->json, key);
        p->has_items &= ~bit;
    }
}

static void json_end(struct printer *p, char bracket)
{
    p->depth--;
    if (bracket == '}')
        spc_json_object_end(&p->json);
    else
        spc_json_array_end(&p->json);
}

static void json_number(struct printer *p, const char *name, int64_t value)
{
    char buf[16];
    spc_json_i64(&p->json, key_of(p, name, buf), value);
}

static void json_count(struct printer *p, const char *name, uint64_t value)
{
    char buf[16];
    spc_json_u64(&p->json, key_of(p, name, buf), value);
}

static void json_address(struct printer *p, const char *name, uint64_t value)
{
    char buf[16], text[24];
    snprintf(text, sizeof(text), "0x%" PRIx64, value);
    spc_json_str(&p->json, key_of(p, name, buf), value ? text : NULL);
}

static void json_bits(struct printer *p, const char *name, uint64_t value)
{
    char buf[16], text[24];
    snprintf(text, sizeof(text), "0x%" PRIx64, value);
    spc_json_str(&p->json, key_of(p, name, buf), text);
}

static void json_symbol(struct printer *p, const char *name, const char *text)
{
    char buf[16];
    spc_json_str(&p->json, key_of(p, name, buf), text);
}

static void json_string(struct printer *p, const char *name, const char *data, size_t len,
                        bool is_cut)
{
    char buf[16];
    (void)is_cut;
    spc_json_strn(&p->json, key_of(p, name, buf), data, len);
}

static void json_nothing(struct printer *p)
{
    (void)p;
}

static void json_open(struct printer *p)
{
    spc_json_object(&p->json, NULL);
}

static void json_close(struct printer *p)
{
    spc_json_object_end(&p->json);
}

static void json_comment(struct printer *p, const char *text)
{
    (void)p, (void)text;
}

static const struct printer_ops json_ops = {
    .begin = json_begin,
    .end = json_end,
    .number = json_number,
    .count = json_count,
    .address = json_address,
    .bits = json_bits,
    .symbol = json_symbol,
    .string = json_string,
    .more = json_nothing,
    .comment = json_comment,
    .open = json_open,
    .separate = json_nothing,
    .close = json_close,
};

void strace_printer_json(struct printer *p, struct spc_buf *out)
{
    *p = (struct printer){.ops = &json_ops, .out = out, .json = {.buf = out}};
}
