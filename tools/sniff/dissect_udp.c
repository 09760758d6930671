// SPDX-License-Identifier: BSD-2-Clause
// UDP (RFC 768).
#include "dissect.h"

#define HEADER_LEN 8u
#define PORT_DNS   53
#define PORT_MDNS  5353

static void put_checksum(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    uint16_t field = bytes_u16(b, 6);
    if (field == 0) {
        spc_buf_puts(d->out, "[no cksum] ");
        return;
    }
    if (b->cap < b->len)
        return;
    uint16_t sum = dissect_checksum_ip(b, ip);
    if (sum == 0)
        spc_buf_puts(d->out, "[udp sum ok] ");
    else if (d->is_csum_pending)
        spc_buf_puts(d->out, "[udp sum left to the device] ");
    else
        spc_buf_printf(d->out, "[bad udp cksum 0x%04x -> 0x%04x!] ", field,
                       dissect_checksum_wanted(field, sum));
}

void dissect_udp(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    if (!bytes_have(b, 0, 4)) {
        if (!ip->is_shown)
            dissect_addresses(d, ip);
        dissect_cut(d, "udp");
        return;
    }
    uint16_t sport = bytes_u16(b, 0), dport = bytes_u16(b, 2), ulen = bytes_u16(b, 4);
    dissect_ports(d, ip, sport, dport);
    if (b->len < HEADER_LEN || (bytes_have(b, 0, HEADER_LEN) && ulen < HEADER_LEN)) {
        text_su(d->out, "truncated-udplength ", b->len < HEADER_LEN ? b->len : ulen);
        return;
    }
    if (!bytes_have(b, 0, HEADER_LEN)) {
        dissect_cut(d, "udp");
        return;
    }
    d->info->kind = SNIFF_KIND_UDP;
    uint32_t length = ulen - HEADER_LEN, there = b->len - HEADER_LEN;
    d->info->payload = length;
    struct bytes datagram = bytes_first(b, ulen);
    // From -vv on, with IPv6 from -v: as tcpdump.
    if (d->opt->verbose > (ip->version == 4) && !d->opt->is_unchecked && !ip->is_fragment)
        put_checksum(d, &datagram, ip);

    struct bytes payload = bytes_from(&datagram, HEADER_LEN);
    bool is_dns = sport == PORT_DNS || dport == PORT_DNS;
    bool is_mdns = sport == PORT_MDNS || dport == PORT_MDNS;
    if (!d->opt->is_quiet && (is_dns || is_mdns)) {
        dissect_dns(d, &payload, is_mdns);
        return;
    }
    if (length > there && !ip->is_fragment) {
        text_su(d->out, "UDP, bad length ", length);
        text_su(d->out, " > ", there);
    } else {
        text_su(d->out, "UDP, length ", length);
    }
}
