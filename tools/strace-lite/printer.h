// SPDX-License-Identifier: BSD-2-Clause
// What decoders write to: calls that say what a value is, not how it looks. One implementation
// makes strace's text, another JSON.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/json_writer.h>

struct printer;

struct printer_ops {
    void (*begin)(struct printer *p, const char *name, char bracket); // '{', '[' or '('
    void (*end)(struct printer *p, char bracket);                     // '}', ']' or ')'
    void (*number)(struct printer *p, const char *name, int64_t value);
    void (*count)(struct printer *p, const char *name, uint64_t value);
    void (*address)(struct printer *p, const char *name, uint64_t value); // 0 is NULL
    void (*bits)(struct printer *p, const char *name, uint64_t value);    // 0 is 0
    void (*symbol)(struct printer *p, const char *name, const char *text);
    void (*string)(struct printer *p, const char *name, const char *data, size_t len, bool is_cut);
    void (*more)(struct printer *p);                      // "and so on", in an array
    void (*comment)(struct printer *p, const char *text); // beside the value before it
    void (*open)(struct printer *p);                      // before the arguments of a call
    void (*separate)(struct printer *p);                  // between two of them
    void (*close)(struct printer *p);                     // after the last one
};

// In all of the calls `name` is the member of a structure or the argument, NULL in an array.
struct printer {
    const struct printer_ops *ops;
    struct spc_buf *out;
    unsigned depth;     // text: brackets open
    uint64_t has_items; // text: bit n: level n already holds an item
    struct spc_json json;
};

void strace_printer_text(struct printer *p, struct spc_buf *out);
void strace_printer_json(struct printer *p, struct spc_buf *out);

static inline void print_struct(struct printer *p, const char *name)
{
    p->ops->begin(p, name, '{');
}

static inline void print_struct_end(struct printer *p)
{
    p->ops->end(p, '}');
}

static inline void print_array(struct printer *p, const char *name)
{
    p->ops->begin(p, name, '[');
}

static inline void print_array_end(struct printer *p)
{
    p->ops->end(p, ']');
}

static inline void print_number(struct printer *p, const char *name, int64_t value)
{
    p->ops->number(p, name, value);
}

static inline void print_count(struct printer *p, const char *name, uint64_t value)
{
    p->ops->count(p, name, value);
}

static inline void print_address(struct printer *p, const char *name, uint64_t value)
{
    p->ops->address(p, name, value);
}

static inline void print_bits(struct printer *p, const char *name, uint64_t value)
{
    p->ops->bits(p, name, value);
}

static inline void print_symbol(struct printer *p, const char *name, const char *text)
{
    p->ops->symbol(p, name, text);
}

static inline void print_string(struct printer *p, const char *name, const char *data, size_t len,
                                bool is_cut)
{
    p->ops->string(p, name, data, len, is_cut);
}

static inline void print_more(struct printer *p)
{
    p->ops->more(p);
}

static inline void print_comment(struct printer *p, const char *text)
{
    p->ops->comment(p, text);
}
