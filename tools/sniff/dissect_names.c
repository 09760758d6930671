// SPDX-License-Identifier: BSD-2-Clause
// The tables of protocol and ethertype names, in tcpdump's spelling.
#include "dissect.h"

#include <stddef.h>

static const struct {
    uint8_t number;
    const char *name;
} protocols[] = {
    {0, "Options"}, {1, "ICMP"},   {2, "IGMP"},     {4, "IPIP"},       {6, "TCP"},
    {17, "UDP"},    {41, "IPv6"},  {43, "Routing"}, {44, "Fragment"},  {46, "RSVP"},
    {47, "GRE"},    {50, "ESP"},   {51, "AH"},      {58, "ICMPv6"},    {89, "OSPF"},
    {103, "PIM"},   {112, "VRRP"}, {132, "SCTP"},   {136, "UDP-Lite"},
};

const char *dissect_protocol_name(uint8_t protocol)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (protocols[i].number == protocol)
            return protocols[i].name;
    return NULL;
}

static const struct {
    uint16_t number;
    const char *name;
} ethertypes[] = {
    {0x0800, "IPv4"},         {0x0806, "ARP"},
    {0x8035, "Reverse ARP"},  {0x8100, "802.1Q"},
    {0x86dd, "IPv6"},         {0x8809, "Slow Protocols"},
    {0x8847, "MPLS unicast"}, {0x8848, "MPLS multicast"},
    {0x8863, "PPPoE D"},      {0x8864, "PPPoE S"},
    {0x888e, "EAPOL"},        {0x88a8, "802.1Q-QinQ"},
    {0x88cc, "LLDP"},         {0x88e5, "802.1AE MACsec"},
};

const char *dissect_ethertype_name(uint16_t type)
{
    for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
        if (ethertypes[i].number == type)
            return ethertypes[i].name;
    return NULL;
}
