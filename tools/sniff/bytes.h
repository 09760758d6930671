// SPDX-License-Identifier: BSD-2-Clause
// Bounds-checked reading of packet bytes. Dissectors touch a packet through these only.
//
// A read that is not wholly inside the captured bytes gives 0; dissectors ask bytes_have() first
// and print a truncation mark, so the 0 is only ever seen where that was forgotten.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    uint32_t cap; // bytes that are here
    uint32_t len; // bytes that there should be, from the headers around them; at least `cap`
};

static inline bool bytes_have(const struct bytes *b, uint32_t off, uint32_t count)
{
    return count <= b->cap && off <= b->cap - count;
}

static inline uint8_t bytes_u8(const struct bytes *b, uint32_t off)
{
    return bytes_have(b, off, 1) ? b->data[off] : 0;
}

static inline uint16_t bytes_u16(const struct bytes *b, uint32_t off)
{
    if (!bytes_have(b, off, 2))
        return 0;
    return (uint16_t)(b->data[off] << 8 | b->data[off + 1]);
}

static inline uint32_t bytes_u32(const struct bytes *b, uint32_t off)
{
    if (!bytes_have(b, off, 4))
        return 0;
    return (uint32_t)b->data[off] << 24 | (uint32_t)b->data[off + 1] << 16 |
           (uint32_t)b->data[off + 2] << 8 | b->data[off + 3];
}

// A pointer to `count` bytes, or to zeros (at most 16) when they are not all here.
static inline const uint8_t *bytes_at(const struct bytes *b, uint32_t off, uint32_t count)
{
    static const uint8_t zeros[16];
    return bytes_have(b, off, count) ? b->data + off : zeros;
}

// What follows the first `off` bytes.
static inline struct bytes bytes_from(const struct bytes *b, uint32_t off)
{
    uint32_t cap = off < b->cap ? off : b->cap;
    return (struct bytes){
        .data = b->data + cap,
        .cap = b->cap - cap,
        .len = off < b->len ? b->len - off : 0,
    };
}

// The first `len` bytes: what an inner length field says there is.
static inline struct bytes bytes_first(const struct bytes *b, uint32_t len)
{
    return (struct bytes){
        .data = b->data,
        .cap = len < b->cap ? len : b->cap,
        .len = len < b->len ? len : b->len,
    };
}
