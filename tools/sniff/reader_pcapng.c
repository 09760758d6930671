// SPDX-License-Identifier: BSD-2-Clause
// Blocks of pcapng (IETF draft-ietf-opsawg-pcapng). Unknown ones are skipped.
#include "reader_priv.h"

#include <errno.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_SIMPLE = 3,
    BLOCK_PACKET = 6,
};

enum {
    OPT_END = 0,
    OPT_COMMENT = 1,
    IF_NAME = 2,
    IF_TSRESOL = 9,
    EPB_FLAGS = 2,
    EPB_DROPCOUNT = 4
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define FRAME            12u // type, length in front, length behind
#define NS_PER_S         UINT64_C(1000000000)
#define IFACES_MAX       4096u

struct body {
    const uint8_t *data;
    size_t len;
};

struct option {
    uint16_t code, len;
    const uint8_t *data;
};

// The next option at *at; false at the end or where it does not fit.
static bool next_option(const struct sniff_reader *reader, const struct body *body, size_t *at,
                        struct option *ret)
{
    if (body->len < *at || body->len - *at < 4)
        return false;
    ret->code = sniff_reader_u16(reader, body->data + *at);
    ret->len = sniff_reader_u16(reader, body->data + *at + 2);
    ret->data = body->data + *at + 4;
    if (ret->code == OPT_END || ret->len > body->len - *at - 4)
        return false;
    *at += 4 + (((size_t)ret->len + 3) & ~(size_t)3);
    return true;
}

// if_tsresol: a power of 10, or of 2 with the top bit.
static uint64_t to_ns(const struct sniff_iface *iface, uint64_t ticks)
{
    uint8_t value = iface->ts_resolution;
    unsigned power = value & 0x7f;
    if (value & 0x80) {
        if (power >= 64)
            return 0;
        uint64_t s = ticks >> power, rest = ticks - (s << power);
        return s * NS_PER_S + (uint64_t)((__uint128_t)rest * NS_PER_S >> power);
    }
    for (; power < 9; power++)
        ticks *= 10;
    for (; power > 9 && ticks; power--)
        ticks /= 10;
    return ticks;
}

static int read_interface(struct sniff_reader *reader, const struct body *body, struct spc_err *err)
{
    if (body->len < 8)
        return sniff_reader_damaged(reader, "interface block too short", err);
    if (reader->ifaces_in_section >= IFACES_MAX)
        return sniff_reader_damaged(reader, "too many interfaces", err);
    struct sniff_iface *iface =
        sniff_reader_add_iface(reader, sniff_reader_u16(reader, body->data));
    if (!iface)
        return spc_err_set(err, -ENOMEM, "read '%s'", reader->path);
    iface->ts_resolution = 6;
    struct option option;
    for (size_t at = 8; next_option(reader, body, &at, &option);) {
        if (option.code == IF_NAME)
            snprintf(iface->label, sizeof(iface->label), "%.*s", option.len,
                     (const char *)option.data);
        else if (option.code == IF_TSRESOL && option.len >= 1)
            iface->ts_resolution = option.data[0];
    }
    snprintf(iface->name, sizeof(iface->name), "%.31s", iface->label);
    return 0;
}

static enum sniff_direction direction_of(uint32_t flags)
{
    static const enum sniff_direction received[8] = {
        [2] = SNIFF_DIR_MULTICAST, [3] = SNIFF_DIR_BROADCAST, [4] = SNIFF_DIR_OTHER};
    switch (flags & 3) {
    case 1:
        return received[flags >> 2 & 7]; // not said: SNIFF_DIR_IN
    case 2:
        return SNIFF_DIR_OUT;
    default:
        return SNIFF_DIR_UNKNOWN;
    }
}

static void read_packet_options(struct sniff_reader *reader, const struct body *body, size_t at,
                                struct sniff_packet *ret)
{
    struct option option;
    while (next_option(reader, body, &at, &option)) {
        if (option.code == EPB_FLAGS && option.len == 4) {
            ret->direction = direction_of(sniff_reader_u32(reader, option.data));
        } else if (option.code == EPB_DROPCOUNT && option.len == 8) {
            memcpy(&ret->lost_before, option.data, 8);
            if (reader->is_swapped)
                ret->lost_before = __builtin_bswap64(ret->lost_before);
        } else if (option.code == OPT_COMMENT && !reader->comment) {
            reader->comment = strndup((const char *)option.data, option.len);
            ret->comment = reader->comment;
        }
    }
}

static int read_packet(struct sniff_reader *reader, const struct body *body,
                       struct sniff_packet *ret, struct spc_err *err)
{
    if (body->len < 20)
        return sniff_reader_damaged(reader, "packet block too short", err);
    uint32_t id = sniff_reader_u32(reader, body->data);
    uint64_t ticks = (uint64_t)sniff_reader_u32(reader, body->data + 4) << 32 |
                     sniff_reader_u32(reader, body->data + 8);
    uint32_t caplen = sniff_reader_u32(reader, body->data + 12);
    struct sniff_iface *iface = NULL;
    if (id < reader->ifaces_in_section)
        iface = reader->ifaces.items[reader->ifaces.count - reader->ifaces_in_section + id];
    if (!iface)
        return sniff_reader_damaged(reader, "packet of an unknown interface", err);
    if (caplen > body->len - 20)
        return sniff_reader_damaged(reader, "packet longer than its block", err);
    *ret = (struct sniff_packet){
        .ts_ns = to_ns(iface, ticks),
        .data = body->data + 20,
        .caplen = caplen,
        .len = sniff_reader_u32(reader, body->data + 16),
        .iface = iface,
        .direction = SNIFF_DIR_UNKNOWN,
    };
    if (ret->len < caplen)
        ret->len = caplen;
    read_packet_options(reader, body, 20 + (((size_t)caplen + 3) & ~(size_t)3), ret);
    return 1;
}

static int read_simple(struct sniff_reader *reader, const struct body *body,
                       struct sniff_packet *ret, struct spc_err *err)
{
    if (body->len < 4 || !reader->ifaces_in_section)
        return sniff_reader_damaged(reader, "simple packet block", err);
    uint32_t len = sniff_reader_u32(reader, body->data);
    *ret = (struct sniff_packet){
        .data = body->data + 4,
        .caplen = len < body->len - 4 ? len : (uint32_t)(body->len - 4),
        .len = len,
        .iface = reader->ifaces.items[reader->ifaces.count - reader->ifaces_in_section],
        .direction = SNIFF_DIR_UNKNOWN,
    };
    return 1;
}

// A section says its byte order behind its length, so it is looked at before it is taken.
static int begin_section(struct sniff_reader *reader, struct spc_err *err)
{
    const uint8_t *p;
    uint32_t magic;
    int r = sniff_reader_peek(reader, FRAME, &p, err);
    if (r <= 0)
        return r < 0 ? r : sniff_reader_damaged(reader, "section header", err);
    memcpy(&magic, p + 8, sizeof(magic));
    if (magic != BYTE_ORDER_MAGIC && __builtin_bswap32(magic) != BYTE_ORDER_MAGIC)
        return sniff_reader_damaged(reader, "section header without its byte order", err);
    reader->is_swapped = magic != BYTE_ORDER_MAGIC;
    reader->section++;
    reader->ifaces_in_section = 0;
    return 0;
}

// The next block: its type and its body. 1, 0 at the end, or an error.
static int next_block(struct sniff_reader *reader, uint32_t *ret_type, struct body *ret,
                      struct spc_err *err)
{
    const uint8_t *p;
    int r = sniff_reader_peek(reader, 8, &p, err);
    if (r <= 0)
        return r;
    uint32_t type;
    memcpy(&type, p, sizeof(type));
    if (type == BLOCK_SECTION) {
        r = begin_section(reader, err);
        if (r < 0)
            return r;
    }
    r = sniff_reader_peek(reader, 8, &p, err);
    if (r <= 0)
        return r;
    *ret_type = sniff_reader_u32(reader, p);
    uint32_t total = sniff_reader_u32(reader, p + 4);
    if (total < FRAME || total % 4)
        return sniff_reader_damaged(reader, "block of an impossible length", err);
    r = sniff_reader_take(reader, total, &p, err);
    if (r <= 0)
        return r;
    if (sniff_reader_u32(reader, p + total - 4) != total)
        return sniff_reader_damaged(reader, "the two lengths of a block differ", err);
    *ret = (struct body){.data = p + 8, .len = total - FRAME};
    return 1;
}

int sniff_reader_next_ng(struct sniff_reader *reader, struct sniff_packet *ret, struct spc_err *err)
{
    free(SPC_TAKE_PTR(reader->comment));
    for (;;) {
        uint32_t type = 0;
        struct body body = {0};
        int r = next_block(reader, &type, &body, err);
        if (r <= 0)
            return r;
        if (type == BLOCK_INTERFACE)
            r = read_interface(reader, &body, err);
        else if (type == BLOCK_PACKET)
            return read_packet(reader, &body, ret, err);
        else if (type == BLOCK_SIMPLE)
            return read_simple(reader, &body, ret, err);
        else
            r = 0;
        if (r < 0)
            return r;
    }
}
