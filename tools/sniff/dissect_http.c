// SPDX-License-Identifier: BSD-2-Clause
// Protocols of lines of text: HTTP/1 (RFC 9112), the greeting of SSH (RFC 4253).
#include "dissect.h"

#include <string.h>

static const char *const starts[] = {"GET ",     "HEAD ",    "POST ",  "PUT ",   "DELETE ",
                                     "OPTIONS ", "CONNECT ", "TRACE ", "PATCH ", "HTTP/1."};

// From `off` on, the end of the line and, behind it, the start of the next.
static uint32_t line_end(const struct bytes *b, uint32_t off, uint32_t *ret_next)
{
    uint32_t end = off;
    while (end < b->cap && b->data[end] != '\r' && b->data[end] != '\n')
        end++;
    *ret_next = end;
    if (*ret_next < b->cap && b->data[*ret_next] == '\r')
        ++*ret_next;
    if (*ret_next < b->cap && b->data[*ret_next] == '\n')
        ++*ret_next;
    return end;
}

// With -v: all lines of the header.
static void put_lines(struct dissect *d, const struct bytes *b)
{
    for (uint32_t off = 0, next; off < b->cap; off = next) {
        uint32_t end = line_end(b, off, &next);
        spc_buf_puts(d->out, "\n\t");
        text_dots(d->out, b->data + off, end - off);
        if (end == off)
            break;
    }
}

static bool is_http(const struct bytes *b)
{
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        uint32_t len = (uint32_t)strlen(starts[i]);
        if (bytes_have(b, 0, len) && memcmp(b->data, starts[i], len) == 0)
            return true;
    }
    return false;
}

static void put_protocol(struct dissect *d, const struct bytes *b, const char *name, bool has_lines)
{
    uint32_t next;
    spc_buf_puts(d->out, ": ");
    spc_buf_puts(d->out, name);
    if (d->opt->verbose) {
        text_su(d->out, ", length: ", b->len);
        if (has_lines)
            put_lines(d, b);
    } else if (has_lines) {
        spc_buf_puts(d->out, ": ");
        text_dots(d->out, b->data, line_end(b, 0, &next));
    }
}

void dissect_http(struct dissect *d, const struct bytes *b)
{
    put_protocol(d, b, "HTTP", is_http(b));
}

void dissect_ssh(struct dissect *d, const struct bytes *b)
{
    uint32_t next;
    if (!bytes_have(b, 0, 4) || memcmp(b->data, "SSH-", 4) != 0)
        return;
    spc_buf_puts(d->out, ": SSH: ");
    text_dots(d->out, b->data, line_end(b, 0, &next));
}
