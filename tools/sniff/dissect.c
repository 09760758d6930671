// SPDX-License-Identifier: BSD-2-Clause
// The entry by link type, and the pieces that dissectors share.
#include "dissect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

void dissect_packet(struct dissect *d, const struct sniff_packet *packet)
{
    struct bytes b = {.data = packet->data, .cap = packet->caplen, .len = packet->len};
    d->depth = 0;
    d->link_len = 0;
    d->is_unknown = false;
    d->is_csum_pending = packet->is_csum_pending;
    switch (packet->iface->linktype) {
    case SNIFF_LINK_ETHERNET:
        dissect_ethernet(d, &b);
        return;
    case SNIFF_LINK_RAW:
    case SNIFF_LINK_IPV4:
    case SNIFF_LINK_IPV6:
        dissect_raw(d, &b);
        return;
    case SNIFF_LINK_NULL:
    case SNIFF_LINK_LOOP:
        dissect_loopback(d, &b, packet->iface->linktype == SNIFF_LINK_LOOP);
        return;
    case SNIFF_LINK_SLL:
        dissect_sll(d, &b);
        return;
    case SNIFF_LINK_SLL2:
        dissect_sll2(d, &b);
        return;
    default:
        text_su(d->out, "link type ", (uint64_t)packet->iface->linktype);
        text_su(d->out, ", length ", packet->len);
        d->is_unknown = true;
        return;
    }
}

void dissect_cut(struct dissect *d, const char *protocol)
{
    spc_buf_puts(d->out, " [|");
    spc_buf_puts(d->out, protocol);
    spc_buf_putc(d->out, ']');
}

void dissect_address(struct dissect *d, const struct ip_context *ip, const uint8_t *address)
{
    if (ip->version == 4)
        text_ip4(d->out, address);
    else
        text_ip6(d->out, address);
}

void dissect_note_addresses(struct dissect *d, const struct ip_context *ip)
{
    int family = ip->version == 4 ? AF_INET : AF_INET6;
    d->info->src_str = inet_ntop(family, ip->src, d->info->src, sizeof(d->info->src));
    d->info->dst_str = inet_ntop(family, ip->dst, d->info->dst, sizeof(d->info->dst));
}

void dissect_addresses(struct dissect *d, const struct ip_context *ip)
{
    dissect_address(d, ip, ip->src);
    spc_buf_puts(d->out, " > ");
    dissect_address(d, ip, ip->dst);
    spc_buf_puts(d->out, ": ");
}

void dissect_port(struct dissect *d, uint8_t protocol, uint16_t port)
{
    const char *name = d->opt->names ? sniff_names_service(d->opt->names, protocol, port) : NULL;
    if (name)
        spc_buf_puts(d->out, name);
    else
        text_u(d->out, port);
}

void dissect_ports(struct dissect *d, const struct ip_context *ip, uint16_t sport, uint16_t dport)
{
    if (!ip->is_shown) {
        dissect_address(d, ip, ip->src);
        spc_buf_putc(d->out, '.');
    }
    dissect_port(d, ip->protocol, sport);
    spc_buf_puts(d->out, " > ");
    if (!ip->is_shown) {
        dissect_address(d, ip, ip->dst);
        spc_buf_putc(d->out, '.');
    }
    dissect_port(d, ip->protocol, dport);
    spc_buf_puts(d->out, ": ");
    d->info->src_port = sport;
    d->info->dst_port = dport;
}

void dissect_transport(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    const char *name = dissect_protocol_name(ip->protocol);
    d->info->protocol = name ? name : "ip";
    switch (ip->protocol) {
    case IPPROTO_TCP:
        dissect_tcp(d, b, ip);
        return;
    case IPPROTO_UDP:
        dissect_udp(d, b, ip);
        return;
    }
    if (!ip->is_shown)
        dissect_addresses(d, ip);
    struct bytes inner = *b;
    if (++d->depth > DISSECT_DEPTH) {
        spc_buf_puts(d->out, "[nested too deeply]");
        return;
    }
    switch (ip->protocol) {
    case IPPROTO_ICMP:
        dissect_icmp(d, b, ip);
        return;
    case IPPROTO_ICMPV6:
        dissect_icmp6(d, b, ip);
        return;
    case IPPROTO_IPIP:
        dissect_ip(d, &inner);
        return;
    case IPPROTO_IPV6:
        dissect_ip6(d, &inner);
        return;
    case IPPROTO_NONE:
        spc_buf_puts(d->out, "no next header");
        return;
    }
    if (name)
        spc_buf_printf(d->out, " %s", name);
    else
        text_su(d->out, " ip-proto-", ip->protocol);
    text_su(d->out, " ", b->len);
}

uint16_t dissect_checksum(const struct bytes *b, uint32_t sum)
{
    uint64_t total = sum;
    uint32_t i = 0;
    for (; i + 1 < b->cap; i += 2)
        total += bytes_u16(b, i);
    if (i < b->cap)
        total += (uint32_t)bytes_u8(b, i) << 8;
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

uint16_t dissect_checksum_ip(const struct bytes *b, const struct ip_context *ip)
{
    uint32_t len = ip->version == 4 ? 4 : 16,
             sum = ip->protocol + (b->cap >> 16) + (b->cap & 0xffff);
    for (uint32_t i = 0; i < len; i += 2)
        sum += (uint32_t)(ip->src[i] << 8 | ip->src[i + 1]) +
               (uint32_t)(ip->dst[i] << 8 | ip->dst[i + 1]);
    return dissect_checksum(b, sum);
}

uint16_t dissect_checksum_wanted(uint16_t field, uint16_t sum)
{
    uint32_t wanted = (uint32_t)field + sum;
    wanted = (wanted & 0xffff) + (wanted >> 16);
    return (uint16_t)wanted;
}
