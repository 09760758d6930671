// SPDX-License-Identifier: BSD-2-Clause
#include "dissect.h"

#include <net/ethernet.h>

#define HEADER_LEN     14u
#define TAG_LEN        4u
#define TAGS_MAX       4
#define LENGTH_MAX     1500 // a smaller type is a length (IEEE 802.3)
#define ETHERTYPE_QINQ 0x88a8

bool dissect_ethertype(struct dissect *d, const struct bytes *b, uint16_t type)
{
    switch (type) {
    case ETHERTYPE_IP:
        dissect_ip(d, b);
        return true;
    case ETHERTYPE_IPV6:
        dissect_ip6(d, b);
        return true;
    case ETHERTYPE_ARP:
        dissect_arp(d, b);
        return true;
    default:
        return false;
    }
}

static void note_link(struct dissect *d, const struct bytes *b)
{
    struct spc_buf *save = d->out;
    const uint8_t *dst = bytes_at(b, 0, 6), *src = bytes_at(b, 6, 6);
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 6; i++) {
        d->info->src_mac[3 * i] = hex[src[i] >> 4];
        d->info->src_mac[3 * i + 1] = hex[src[i] & 15];
        d->info->src_mac[3 * i + 2] = i < 5 ? ':' : '\0';
        d->info->dst_mac[3 * i] = hex[dst[i] >> 4];
        d->info->dst_mac[3 * i + 1] = hex[dst[i] & 15];
        d->info->dst_mac[3 * i + 2] = i < 5 ? ':' : '\0';
    }
    d->info->src_mac_str = d->info->src_mac;
    d->info->dst_mac_str = d->info->dst_mac;
    d->out = save;
}

static void put_link(struct dissect *d)
{
    spc_buf_puts(d->out, d->info->src_mac_str);
    spc_buf_puts(d->out, " > ");
    spc_buf_puts(d->out, d->info->dst_mac_str);
}

static void put_type(struct dissect *d, uint16_t type)
{
    if (d->opt->is_quiet) {
        const char *name = dissect_ethertype_name(type);
        spc_buf_puts(d->out, ", ");
        spc_buf_puts(d->out, name ? name : "Unknown Ethertype (0x");
        if (!name) {
            text_hex(d->out, type, 4);
            spc_buf_putc(d->out, ')');
        }
        return;
    }
    const char *name = dissect_ethertype_name(type);
    spc_buf_puts(d->out, ", ethertype ");
    spc_buf_puts(d->out, name ? name : "Unknown");
    spc_buf_puts(d->out, " (0x");
    text_hex(d->out, type, 4);
    spc_buf_putc(d->out, ')');
}

static void put_tag(struct dissect *d, uint16_t tci)
{
    text_su(d->out, "vlan ", tci & 0xfff);
    text_su(d->out, ", p ", tci >> 13);
    if (tci & 0x1000)
        spc_buf_puts(d->out, ", DEI");
}

// IEEE 802.2: what spanning tree and its like use.
static void dissect_llc(struct dissect *d, const struct bytes *b, uint16_t length)
{
    d->info->protocol = "802.3";
    if (!d->opt->has_link)
        put_link(d);
    text_su(d->out, d->opt->has_link ? ", 802.3, length " : " 802.3, length ", length);
    if (!bytes_have(b, 0, 3)) {
        dissect_cut(d, "llc");
        return;
    }
    spc_buf_puts(d->out, ": LLC, dsap 0x");
    text_hex(d->out, bytes_u8(b, 0), 2);
    spc_buf_puts(d->out, ", ssap 0x");
    text_hex(d->out, bytes_u8(b, 1), 2);
    spc_buf_puts(d->out, ", ctrl 0x");
    text_hex(d->out, bytes_u8(b, 2), 2);
    d->is_unknown = true;
}

void dissect_ethernet(struct dissect *d, const struct bytes *b)
{
    if (!bytes_have(b, 0, HEADER_LEN)) {
        dissect_cut(d, "ether");
        return;
    }
    note_link(d, b);
    uint16_t type = bytes_u16(b, 12);
    uint32_t off = HEADER_LEN;
    if (d->opt->has_link && type > LENGTH_MAX) {
        put_link(d);
        put_type(d, type);
        text_su(d->out, ", length ", b->len);
        spc_buf_puts(d->out, ": ");
    } else if (d->opt->has_link) {
        put_link(d);
    }
    for (int i = 0; i < TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ); i++) {
        if (!bytes_have(b, off, TAG_LEN)) {
            dissect_cut(d, "vlan");
            return;
        }
        uint16_t tci = bytes_u16(b, off);
        d->info->vlan = tci & 0xfff;
        type = bytes_u16(b, off + 2);
        off += TAG_LEN;
        if (d->opt->has_link) {
            put_tag(d, tci);
            if (type > LENGTH_MAX)
                put_type(d, type);
            spc_buf_puts(d->out, type > LENGTH_MAX ? ", " : "");
        }
    }

    d->link_len = off;
    d->info->ethertype = type;
    struct bytes inner = bytes_from(b, off);
    if (type <= LENGTH_MAX) {
        dissect_llc(d, &inner, type);
        return;
    }
    if (dissect_ethertype(d, &inner, type))
        return;
    const char *name = dissect_ethertype_name(type);
    d->info->protocol = name ? name : "ethernet";
    if (!d->opt->has_link) {
        put_link(d);
        put_type(d, type);
        text_su(d->out, ", length ", b->len);
        spc_buf_puts(d->out, ": ");
    }
    d->is_unknown = true;
}
