// SPDX-License-Identifier: BSD-2-Clause
// The other link headers: Linux cooked (both versions), BSD loopback, none.
#include "dissect.h"

#include <net/ethernet.h>

static const char *const packet_types[] = {"In", "B", "M", "P", "Out"};

static const char *packet_type(uint32_t type)
{
    return type < sizeof(packet_types) / sizeof(packet_types[0]) ? packet_types[type] : "?";
}

static void dissect_cooked(struct dissect *d, const struct bytes *b, uint16_t type, uint32_t off)
{
    d->link_len = off;
    d->info->ethertype = type;
    if (d->opt->has_link) {
        const char *name = dissect_ethertype_name(type);
        spc_buf_printf(d->out, "ethertype %s (0x%04x), length %u: ", name ? name : "Unknown", type,
                       b->len);
    }
    struct bytes inner = bytes_from(b, off);
    if (dissect_ethertype(d, &inner, type))
        return;
    if (!d->opt->has_link)
        spc_buf_printf(d->out, "ethertype Unknown (0x%04x), length %u: ", type, b->len);
    d->is_unknown = true;
}

// LINKTYPE_LINUX_SLL: type 2, hardware type 2, address length 2, address 8, protocol 2.
void dissect_sll(struct dissect *d, const struct bytes *b)
{
    if (!bytes_have(b, 0, 16)) {
        dissect_cut(d, "sll");
        return;
    }
    if (d->opt->has_link) {
        spc_buf_printf(d->out, "%3s ", packet_type(bytes_u16(b, 0)));
        if (bytes_u16(b, 4) == 6) {
            text_mac(d->out, bytes_at(b, 6, 6));
            spc_buf_putc(d->out, ' ');
        }
    }
    dissect_cooked(d, b, bytes_u16(b, 14), 16);
}

// LINKTYPE_LINUX_SLL2: protocol 2, reserved 2, interface 4, hardware type 2, type 1, address
// length 1, address 8.
void dissect_sll2(struct dissect *d, const struct bytes *b)
{
    if (!bytes_have(b, 0, 20)) {
        dissect_cut(d, "sll2");
        return;
    }
    // The index of an interface of whatever machine wrote the file: its name is not known.
    text_su(d->out, "if", bytes_u32(b, 4));
    spc_buf_putc(d->out, ' ');
    spc_buf_printf(d->out, "%-3s ", packet_type(bytes_u8(b, 10)));
    if (d->opt->has_link && bytes_u8(b, 11) == 6) {
        text_mac(d->out, bytes_at(b, 12, 6));
        spc_buf_putc(d->out, ' ');
    }
    dissect_cooked(d, b, bytes_u16(b, 0), 20);
}

// AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of Darwin.
static bool is_family6(uint32_t family)
{
    return family == 10 || family == 24 || family == 28 || family == 30;
}

// LINKTYPE_NULL is in the byte order of the machine that wrote it; the family tells which: it is a
// small number.
void dissect_loopback(struct dissect *d, const struct bytes *b, bool is_big_endian)
{
    if (!bytes_have(b, 0, 4)) {
        dissect_cut(d, "null");
        return;
    }
    uint32_t family = bytes_u32(b, 0);
    if (!is_big_endian && (family & 0xffff0000))
        family = __builtin_bswap32(family);
    d->link_len = 4;
    if (d->opt->has_link) {
        spc_buf_puts(d->out, family == 2 ? "AF IPv4 (" : is_family6(family) ? "AF IPv6 (" : "AF (");
        text_u(d->out, family);
        text_su(d->out, "), length ", b->len);
        spc_buf_puts(d->out, ": ");
    }
    struct bytes inner = bytes_from(b, 4);
    if (family == 2) { // AF_INET everywhere
        dissect_ip(d, &inner);
    } else if (is_family6(family)) {
        dissect_ip6(d, &inner);
    } else {
        if (!d->opt->has_link)
            text_su(d->out, "AF ", family);
        d->is_unknown = true;
    }
}

void dissect_raw(struct dissect *d, const struct bytes *b)
{
    if (!bytes_have(b, 0, 1)) {
        dissect_cut(d, "raw");
        return;
    }
    if (d->opt->has_link)
        spc_buf_puts(d->out, "ip: ");
    if (bytes_u8(b, 0) >> 4 == 6)
        dissect_ip6(d, b);
    else
        dissect_ip(d, b);
}
