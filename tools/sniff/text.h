// SPDX-License-Identifier: BSD-2-Clause
// Appending to a line, quickly: a line of text has some thirty parts, and printf(3) would be most
// of its cost.
#pragma once

#include <stdint.h>

#include <spc/buf.h>

void text_u(struct spc_buf *out, uint64_t value);                 // decimal
void text_padded(struct spc_buf *out, uint64_t value, int width); // decimal with leading zeros
void text_hex(struct spc_buf *out, uint64_t value, int width);    // lower case, leading zeros
void text_ip4(struct spc_buf *out, const uint8_t *address);
void text_ip6(struct spc_buf *out, const uint8_t *address);
void text_mac(struct spc_buf *out, const uint8_t *address);
// Printable ASCII as it is, everything else as '.'.
void text_dots(struct spc_buf *out, const uint8_t *data, uint32_t len);

// "name value" where value is decimal: the commonest pair.
static inline void text_su(struct spc_buf *out, const char *str, uint64_t value)
{
    spc_buf_puts(out, str);
    text_u(out, value);
}

// Hex dumps below a line, as tcpdump shows them.
void text_dump_hex(struct spc_buf *out, const uint8_t *data, uint32_t len);
void text_dump_hex_ascii(struct spc_buf *out, const uint8_t *data, uint32_t len);
void text_dump_ascii(struct spc_buf *out, const uint8_t *data, uint32_t len);
