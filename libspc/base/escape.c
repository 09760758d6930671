// SPDX-License-Identifier: BSD-2-Clause
#include <spc/escape.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// Length of the valid UTF-8 sequence at `p` (RFC 3629: no overlong forms, no surrogates), 0 if
// none.
static size_t utf8_len(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
                 : p[0] >= 0xe0 && p[0] <= 0xef ? 3
                 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                                : 0;
    if (!len || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

// U+0080..U+009F: control characters as well, and terminals act on them.
static bool is_c1(const unsigned char *p, size_t len)
{
    return len == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

// U+202A..U+202E and U+2066..U+2069 reorder what stands around them: a name could be shown as
// another one (UAX #9).
static bool is_bidi_control(const unsigned char *p, size_t len)
{
    return len == 3 && p[0] == 0xe2 &&
           ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
            (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

// Single-letter escapes that every reader of C knows.
static char short_escape(unsigned char c)
{
    switch (c) {
    case '\n':
        return 'n';
    case '\t':
        return 't';
    case '\r':
        return 'r';
    case '\f':
        return 'f';
    case '\v':
        return 'v';
    case '\\':
        return '\\';
    default:
        return 0;
    }
}

void spc_escape_text(struct spc_buf *out, const char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    for (size_t i = 0; i < len;) {
        size_t n = utf8_len(p + i, len - i);
        if (n == 1 && short_escape(p[i]))
            spc_buf_printf(out, "\\%c", short_escape(p[i]));
        else if (n == 0 || (n == 1 && (p[i] < 0x20 || p[i] == 0x7f)))
            spc_buf_printf(out, "\\x%02x", p[i]);
        else if (is_c1(p + i, n))
            spc_buf_printf(out, "\\x%02x\\x%02x", p[i], p[i + 1]);
        else if (is_bidi_control(p + i, n))
            spc_buf_printf(out, "\\x%02x\\x%02x\\x%02x", p[i], p[i + 1], p[i + 2]);
        else
            spc_buf_add(out, p + i, n);
        i += n ? n : 1;
    }
}

void spc_escape_json(struct spc_buf *out, const char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    for (size_t i = 0; i < len;) {
        size_t n = utf8_len(p + i, len - i);
        if (n == 0)
            spc_buf_puts(out, "\\ufffd");
        else if (p[i] == '"' || p[i] == '\\')
            spc_buf_printf(out, "\\%c", p[i]);
        else if (n == 1 && (p[i] < 0x20 || p[i] == 0x7f))
            spc_buf_printf(out, "\\u%04x", p[i]);
        else if (is_c1(p + i, n))
            spc_buf_printf(out, "\\u%04x", p[i + 1]); // U+0080 is C2 80
        else
            spc_buf_add(out, p + i, n);
        i += n ? n : 1;
    }
}

void spc_escape_c(struct spc_buf *out, const char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    for (size_t i = 0; i < len; i++) {
        char letter = short_escape(p[i]);
        bool digit_follows = i + 1 < len && p[i + 1] >= '0' && p[i + 1] <= '7';
        if (letter)
            spc_buf_printf(out, "\\%c", letter);
        else if (p[i] == '"')
            spc_buf_puts(out, "\\\"");
        else if (p[i] >= 0x20 && p[i] < 0x7f)
            spc_buf_putc(out, (char)p[i]);
        else
            spc_buf_printf(out, digit_follows ? "\\%03o" : "\\%o", p[i]);
    }
}
