// SPDX-License-Identifier: BSD-2-Clause
#include "text.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

// Writes the digits in front of `end` and returns where they start.
static char *digits(char *end, uint64_t value)
{
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

void text_u(struct spc_buf *out, uint64_t value)
{
    char buf[20];
    char *start = digits(buf + sizeof(buf), value);
    spc_buf_add(out, start, (size_t)(buf + sizeof(buf) - start));
}

void text_padded(struct spc_buf *out, uint64_t value, int width)
{
    char buf[20];
    char *start = digits(buf + sizeof(buf), value);
    while (buf + sizeof(buf) - start < width)
        *--start = '0';
    spc_buf_add(out, start, (size_t)(buf + sizeof(buf) - start));
}

void text_hex(struct spc_buf *out, uint64_t value, int width)
{
    char buf[16];
    char *start = buf + sizeof(buf);
    do
        *--start = hex_digits[value & 15];
    while (value >>= 4);
    while (buf + sizeof(buf) - start < width)
        *--start = '0';
    spc_buf_add(out, start, (size_t)(buf + sizeof(buf) - start));
}

void text_ip4(struct spc_buf *out, const uint8_t *address)
{
    char buf[16];
    char *start = buf + sizeof(buf);
    for (int i = 3; i >= 0; i--) {
        start = digits(start, address[i]);
        if (i)
            *--start = '.';
    }
    spc_buf_add(out, start, (size_t)(buf + sizeof(buf) - start));
}

void text_ip6(struct spc_buf *out, const uint8_t *address)
{
    char buf[INET6_ADDRSTRLEN];
    spc_buf_puts(out, inet_ntop(AF_INET6, address, buf, sizeof(buf)) ? buf : "?");
}

void text_mac(struct spc_buf *out, const uint8_t *address)
{
    char buf[17];
    for (int i = 0; i < 6; i++) {
        buf[3 * i] = hex_digits[address[i] >> 4];
        buf[3 * i + 1] = hex_digits[address[i] & 15];
        if (i < 5)
            buf[3 * i + 2] = ':';
    }
    spc_buf_add(out, buf, sizeof(buf));
}

static bool is_graph(uint8_t c)
{
    return c > 0x20 && c < 0x7f;
}

void text_dots(struct spc_buf *out, const uint8_t *data, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        spc_buf_putc(out, is_graph(data[i]) || data[i] == ' ' ? (char)data[i] : '.');
}

#define ROW 16u

static void put_row(struct spc_buf *out, const uint8_t *data, uint32_t off, uint32_t count)
{
    spc_buf_puts(out, "\n\t0x");
    text_hex(out, off, 4);
    spc_buf_puts(out, ": ");
    for (uint32_t i = 0; i < count; i++) {
        char pair[3] = {' ', hex_digits[data[i] >> 4], hex_digits[data[i] & 15]};
        bool is_first = i % 2 == 0;
        spc_buf_add(out, is_first ? pair : pair + 1, is_first ? 3 : 2);
    }
}

void text_dump_hex(struct spc_buf *out, const uint8_t *data, uint32_t len)
{
    for (uint32_t off = 0; off < len; off += ROW)
        put_row(out, data + off, off, len - off < ROW ? len - off : ROW);
}

void text_dump_hex_ascii(struct spc_buf *out, const uint8_t *data, uint32_t len)
{
    for (uint32_t off = 0; off < len; off += ROW) {
        uint32_t count = len - off < ROW ? len - off : ROW;
        put_row(out, data + off, off, count);
        // A full row is 8 groups of 5 characters; two more blanks, then the letters.
        uint32_t used = count / 2 * 5 + count % 2 * 3;
        spc_buf_pad(out, ' ', ROW / 2 * 5 - used + 2);
        for (uint32_t i = 0; i < count; i++)
            spc_buf_putc(out, is_graph(data[off + i]) ? (char)data[off + i] : '.');
    }
}

void text_dump_ascii(struct spc_buf *out, const uint8_t *data, uint32_t len)
{
    spc_buf_putc(out, '\n');
    for (uint32_t i = 0; i < len; i++) {
        uint8_t c = data[i];
        if (c == '\r' && (i + 1 == len || data[i + 1] == '\n'))
            continue;
        spc_buf_putc(out, is_graph(c) || c == '\t' || c == ' ' || c == '\n' ? (char)c : '.');
    }
}
