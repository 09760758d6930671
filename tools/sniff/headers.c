// SPDX-License-Identifier: BSD-2-Clause
#include "headers.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#include "bytes.h"

#define ETHER_LEN      14u
#define VLAN_LEN       4u
#define VLAN_DEPTH     4
#define IP6_LEN        40u
#define IP6_EXTENSIONS 8
#define ETHERTYPE_QINQ 0x88a8

// Length of the transport header at `off`; 0 for what is not known.
static uint32_t transport_len(const struct bytes *b, uint32_t off, uint8_t protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return (uint32_t)(bytes_u8(b, off + 12) >> 4) * 4;
    case IPPROTO_UDP:
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return 8;
    case IPPROTO_SCTP:
        return 12;
    default:
        return 0;
    }
}

static uint32_t ip4_end(const struct bytes *b, uint32_t off)
{
    uint32_t end = off + (uint32_t)(bytes_u8(b, off) & 15) * 4;
    bool is_later_fragment = bytes_u16(b, off + 6) & 0x1fff;
    return is_later_fragment ? end : end + transport_len(b, end, bytes_u8(b, off + 9));
}

static uint32_t ip6_end(const struct bytes *b, uint32_t off)
{
    uint8_t next = bytes_u8(b, off + 6);
    off += IP6_LEN;
    for (int i = 0; i < IP6_EXTENSIONS; i++) {
        uint8_t here = next;
        if (here != IPPROTO_HOPOPTS && here != IPPROTO_ROUTING && here != IPPROTO_DSTOPTS &&
            here != IPPROTO_FRAGMENT)
            break;
        next = bytes_u8(b, off);
        bool is_later_fragment = here == IPPROTO_FRAGMENT && (bytes_u16(b, off + 2) & 0xfff8);
        off += here == IPPROTO_FRAGMENT ? 8 : ((uint32_t)bytes_u8(b, off + 1) + 1) * 8;
        if (is_later_fragment)
            return off;
    }
    return off + transport_len(b, off, next);
}

static uint32_t ethernet_end(const struct bytes *b)
{
    uint32_t off = ETHER_LEN;
    uint16_t type = bytes_u16(b, 12);
    for (int i = 0; i < VLAN_DEPTH && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ); i++) {
        type = bytes_u16(b, off + 2);
        off += VLAN_LEN;
    }
    switch (type) {
    case ETHERTYPE_IP:
        return ip4_end(b, off);
    case ETHERTYPE_IPV6:
        return ip6_end(b, off);
    case ETHERTYPE_ARP:
        return off + 28;
    default:
        return off;
    }
}

void sniff_headers_cut(struct sniff_packet *packet)
{
    struct bytes b = {.data = packet->data, .cap = packet->caplen, .len = packet->len};
    uint32_t end;
    if (packet->iface->linktype == SNIFF_LINK_ETHERNET)
        end = ethernet_end(&b);
    else if (packet->iface->linktype == SNIFF_LINK_RAW)
        end = bytes_u8(&b, 0) >> 4 == 6 ? ip6_end(&b, 0) : ip4_end(&b, 0);
    else
        return;
    if (end < packet->caplen)
        packet->caplen = end;
}
