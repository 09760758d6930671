// SPDX-License-Identifier: BSD-2-Clause
// HTTP/1 request and status lines (RFC 9112).
#include "dissect.h"

#include <string.h>

static const char *const starts[] = {"GET ",     "HEAD ",    "POST ",  "PUT ",   "DELETE ",
                                     "OPTIONS ", "CONNECT ", "TRACE ", "PATCH ", "HTTP/1."};

void dissect_http(struct dissect *d, const struct bytes *b)
{
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        uint32_t len = (uint32_t)strlen(starts[i]);
        if (!bytes_have(b, 0, len) || memcmp(b->data, starts[i], len) != 0)
            continue;
        uint32_t end = 0;
        while (end < b->cap && b->data[end] != '\r' && b->data[end] != '\n')
            end++;
        spc_buf_puts(d->out, ": HTTP: ");
        text_dots(d->out, b->data, end);
        return;
    }
    spc_buf_puts(d->out, ": HTTP");
}
