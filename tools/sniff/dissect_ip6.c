// SPDX-License-Identifier: BSD-2-Clause
// IPv6 and its extension headers (RFC 8200).
#include "dissect.h"

#include <netinet/in.h>

#define HEADER_LEN     40u
#define EXTENSIONS_MAX 8

static void put_verbose(struct dissect *d, const struct bytes *b)
{
    uint32_t word = bytes_u32(b, 0);
    uint8_t next = bytes_u8(b, 6);
    const char *name = dissect_protocol_name(next);

    spc_buf_putc(d->out, '(');
    if (word & 0x0ff00000)
        spc_buf_printf(d->out, "class 0x%02x, ", word >> 20 & 0xff);
    if (word & 0x000fffff)
        spc_buf_printf(d->out, "flowlabel 0x%05x, ", word & 0xfffff);
    text_su(d->out, "hlim ", bytes_u8(b, 7));
    spc_buf_puts(d->out, ", next-header ");
    spc_buf_puts(d->out, name ? name : "unknown");
    text_su(d->out, " (", next);
    text_su(d->out, ") payload length: ", bytes_u16(b, 4));
    spc_buf_puts(d->out, ") ");
}

// Options of a hop-by-hop or destination header, with -v.
static void put_options(struct dissect *d, const struct bytes *b, uint32_t off, uint32_t end)
{
    while (off < end) {
        uint8_t type = bytes_u8(b, off), len = bytes_u8(b, off + 1);
        if (type == 0) {
            spc_buf_puts(d->out, "(pad1) ");
            off++;
            continue;
        }
        if (!bytes_have(b, off, 2) || off + 2 + len > end) {
            spc_buf_puts(d->out, "(bad option)");
            return;
        }
        if (type == 1)
            spc_buf_puts(d->out, "(padn)");
        else if (type == 5 && len == 2)
            spc_buf_printf(d->out, "(rtalert: 0x%04x)", bytes_u16(b, off + 2));
        else if (type == 0xc2 && len == 4)
            spc_buf_printf(d->out, "(jumbo: %u)", bytes_u32(b, off + 2));
        else
            spc_buf_printf(d->out, "(opt_type 0x%02x: len=%u)", type, len);
        spc_buf_putc(d->out, ' ');
        off += 2u + len;
    }
}

static void put_fragment(struct dissect *d, const struct bytes *b, uint32_t off)
{
    uint16_t word = bytes_u16(b, off + 2);
    spc_buf_puts(d->out, "frag (");
    if (d->opt->verbose)
        spc_buf_printf(d->out, "0x%08x:", bytes_u32(b, off + 4));
    bool is_first = !(word & 0xfff8u);
    spc_buf_printf(d->out, "%u|%u)%s", word & 0xfff8u, b->len - off - 8, is_first ? " " : "");
}

static const char *extension_name(uint8_t type)
{
    switch (type) {
    case IPPROTO_HOPOPTS:
        return "HBH";
    case IPPROTO_DSTOPTS:
        return "DSTOPT";
    case IPPROTO_ROUTING:
        return "srcrt";
    case IPPROTO_FRAGMENT:
        return "frag";
    default:
        return NULL;
    }
}

static void put_extension(struct dissect *d, const struct bytes *b, uint8_t type, uint32_t off,
                          uint32_t len)
{
    if (type == IPPROTO_FRAGMENT) {
        put_fragment(d, b, off);
        return;
    }
    spc_buf_puts(d->out, extension_name(type));
    spc_buf_putc(d->out, ' ');
    if (type == IPPROTO_ROUTING) {
        text_su(d->out, "(len=", bytes_u8(b, off + 1));
        text_su(d->out, ", type=", bytes_u8(b, off + 2));
        text_su(d->out, ", segleft=", bytes_u8(b, off + 3));
        spc_buf_puts(d->out, ") ");
    } else if (d->opt->verbose) {
        put_options(d, b, off + 2, off + len);
    }
}

// Walk the extension headers. Returns the offset of the transport header, or 0 when there is none.
static uint32_t walk_extensions(struct dissect *d, const struct bytes *b, struct ip_context *ip)
{
    uint32_t off = HEADER_LEN;
    for (int i = 0; i < EXTENSIONS_MAX && extension_name(ip->protocol); i++) {
        uint8_t type = ip->protocol;
        if (!ip->is_shown)
            dissect_addresses(d, ip);
        ip->is_shown = true;
        uint32_t len = type == IPPROTO_FRAGMENT ? 8 : ((uint32_t)bytes_u8(b, off + 1) + 1) * 8;
        if (!bytes_have(b, off, len)) {
            dissect_cut(d, type == IPPROTO_HOPOPTS ? "hbhopt" : extension_name(type));
            return 0;
        }
        put_extension(d, b, type, off, len);
        ip->protocol = bytes_u8(b, off);
        uint16_t fragment = type == IPPROTO_FRAGMENT ? bytes_u16(b, off + 2) : 0;
        off += len;
        if (fragment & 1)
            ip->is_fragment = true;
        if (fragment & 0xfff8)
            return 0;
    }
    return off;
}

void dissect_ip6(struct dissect *d, const struct bytes *b)
{
    if (bytes_have(b, 0, 1) && bytes_u8(b, 0) >> 4 != 6) {
        text_su(d->out, "IP", bytes_u8(b, 0) >> 4);
        spc_buf_puts(d->out, ", wrong link-layer encapsulation (invalid)");
        return;
    }
    d->info->kind = SNIFF_KIND_IP;
    d->info->protocol = "IPv6";
    if (b->len >= HEADER_LEN && !bytes_have(b, 0, HEADER_LEN)) {
        dissect_cut(d, "ip6");
        return;
    }
    if (!d->opt->has_link)
        spc_buf_puts(d->out, "IP6 ");
    if (b->len < HEADER_LEN) {
        text_su(d->out, "truncated-ip6 ", b->len);
        return;
    }

    uint32_t length = HEADER_LEN + bytes_u16(b, 4);
    if (length == HEADER_LEN && bytes_u8(b, 6) != IPPROTO_NONE)
        length = b->len; // a jumbogram, or segmentation left to the device
    if (b->len < length) {
        text_su(d->out, "truncated-ip6 - ", length - b->len);
        spc_buf_puts(d->out, " bytes missing!");
    }
    struct bytes packet = bytes_first(b, length);
    packet.len = length;
    if (d->opt->verbose)
        put_verbose(d, &packet);

    struct ip_context ip = {
        .src = bytes_at(b, 8, 16),
        .dst = bytes_at(b, 24, 16),
        .version = 6,
        .protocol = bytes_u8(b, 6),
    };
    d->info->ttl = bytes_u8(b, 7);
    d->info->ip_length = length;
    dissect_note_addresses(d, &ip);
    uint32_t off = walk_extensions(d, &packet, &ip);
    if (!off)
        return;
    struct bytes inner = bytes_from(&packet, off);
    dissect_transport(d, &inner, &ip);
}
