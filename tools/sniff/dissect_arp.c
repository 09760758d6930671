// SPDX-License-Identifier: BSD-2-Clause
// ARP (RFC 826).
#include "dissect.h"

#include <arpa/inet.h>
#include <net/ethernet.h>

static const char *const operations[] = {NULL, "Request", "Reply", "Reverse Request",
                                         "Reverse Reply"};

static void put_body(struct dissect *d, const struct bytes *b, uint16_t operation)
{
    const uint8_t *sender_mac = bytes_at(b, 8, 6), *sender = bytes_at(b, 14, 4);
    const uint8_t *target_mac = bytes_at(b, 18, 6), *target = bytes_at(b, 24, 4);
    inet_ntop(AF_INET, sender, d->info->src, sizeof(d->info->src));
    inet_ntop(AF_INET, target, d->info->dst, sizeof(d->info->dst));
    d->info->src_str = d->info->src;
    d->info->dst_str = d->info->dst;

    switch (operation) {
    case 1: {
        bool is_known = false;
        for (int i = 0; i < 6; i++)
            is_known |= target_mac[i] != 0;
        spc_buf_puts(d->out, "who-has ");
        text_ip4(d->out, target);
        if (is_known) {
            spc_buf_puts(d->out, " (");
            text_mac(d->out, target_mac);
            spc_buf_putc(d->out, ')');
        }
        spc_buf_puts(d->out, " tell ");
        text_ip4(d->out, sender);
        return;
    }
    case 2:
        text_ip4(d->out, sender);
        spc_buf_puts(d->out, " is-at ");
        text_mac(d->out, sender_mac);
        return;
    case 3:
        spc_buf_puts(d->out, "who-is ");
        text_mac(d->out, target_mac);
        spc_buf_puts(d->out, " tell ");
        text_mac(d->out, sender_mac);
        return;
    default:
        text_mac(d->out, target_mac);
        spc_buf_puts(d->out, " at ");
        text_ip4(d->out, target);
        return;
    }
}

void dissect_arp(struct dissect *d, const struct bytes *b)
{
    d->info->kind = SNIFF_KIND_ARP;
    d->info->protocol = "ARP";
    if (!bytes_have(b, 0, 8) || !bytes_have(b, 0, 8 + 2u * (bytes_u8(b, 4) + bytes_u8(b, 5)))) {
        dissect_cut(d, "arp");
        return;
    }
    if (!d->opt->has_link)
        spc_buf_puts(d->out, "ARP, ");
    uint16_t hardware = bytes_u16(b, 0), protocol = bytes_u16(b, 2), operation = bytes_u16(b, 6);
    uint8_t hardware_len = bytes_u8(b, 4), protocol_len = bytes_u8(b, 5);
    bool is_usual =
        hardware == 1 && hardware_len == 6 && protocol == ETHERTYPE_IP && protocol_len == 4;
    if (!is_usual || d->opt->verbose) {
        const char *name = dissect_ethertype_name(protocol);
        if (hardware == 1)
            spc_buf_puts(d->out, "Ethernet");
        else
            text_su(d->out, "hardware #", hardware);
        spc_buf_printf(d->out, " (len %u), ", hardware_len);
        if (name)
            spc_buf_puts(d->out, name);
        else
            spc_buf_printf(d->out, "Unknown (0x%04x)", protocol);
        spc_buf_printf(d->out, " (len %u), ", protocol_len);
    }
    if (!is_usual || operation == 0 || operation >= sizeof(operations) / sizeof(operations[0])) {
        text_su(d->out, "Unknown operation ", operation);
    } else {
        spc_buf_puts(d->out, operations[operation]);
        spc_buf_putc(d->out, ' ');
        put_body(d, b, operation);
    }
    text_su(d->out, ", length ", b->len);
}
