// SPDX-License-Identifier: BSD-2-Clause
// ICMPv6 (RFC 4443), neighbour discovery (RFC 4861), multicast listeners (RFC 2710, 3810).
#include "dissect.h"

#include <netinet/in.h>

enum {
    UNREACHABLE = 1,
    TOO_BIG = 2,
    TIME_EXCEEDED = 3,
    PARAMETER = 4,
    ECHO = 128,
    ECHO_REPLY = 129,
    MLD_QUERY = 130,
    MLD_REPORT = 131,
    MLD_DONE = 132,
    ROUTER_SOLICIT = 133,
    ROUTER_ADVERT = 134,
    NEIGHBOR_SOLICIT = 135,
    NEIGHBOR_ADVERT = 136,
    REDIRECT = 137,
    MLD2_REPORT = 143,
};

static const struct {
    uint8_t type;
    const char *name;
} names[] = {
    {UNREACHABLE, "destination unreachable"},
    {TOO_BIG, "packet too big"},
    {TIME_EXCEEDED, "time exceeded in-transit"},
    {PARAMETER, "parameter problem"},
    {ECHO, "echo request"},
    {ECHO_REPLY, "echo reply"},
    {MLD_QUERY, "multicast listener query"},
    {MLD_REPORT, "multicast listener report"},
    {MLD_DONE, "multicast listener done"},
    {ROUTER_SOLICIT, "router solicitation"},
    {ROUTER_ADVERT, "router advertisement"},
    {NEIGHBOR_SOLICIT, "neighbor solicitation"},
    {NEIGHBOR_ADVERT, "neighbor advertisement"},
    {REDIRECT, "redirect"},
    {MLD2_REPORT, "multicast listener report v2"},
};

#define INNER 8u

// Found even when all extension headers were left out: the packet that caused an error.
static void put_unreachable(struct dissect *d, const struct bytes *b, uint8_t code)
{
    static const char *const codes[] = {", unreachable route ", ",  unreachable prohibited ",
                                        ", beyond scope ", ", unreachable address ",
                                        ", unreachable port, "};
    const uint8_t *dst = bytes_at(b, INNER + 24, 16);
    if (code >= sizeof(codes) / sizeof(codes[0])) {
        text_su(d->out, ", unknown code (", code);
        spc_buf_putc(d->out, ')');
        return;
    }
    spc_buf_puts(d->out, codes[code]);
    text_ip6(d->out, dst);
    if (code != 4)
        return;
    uint8_t protocol = bytes_u8(b, INNER + 6);
    if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
        spc_buf_puts(d->out, protocol == IPPROTO_TCP ? " tcp port " : " udp port ");
        dissect_port(d, protocol, bytes_u16(b, INNER + 42));
    } else {
        text_su(d->out, " protocol ", protocol);
        text_su(d->out, " port ", bytes_u16(b, INNER + 42));
    }
}

static void put_advert_flags(struct dissect *d, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names_of[] = {{0x80, "router"}, {0x40, "solicited"}, {0x20, "override"}};
    if (!d->opt->verbose)
        return;
    const char *separator = "";
    spc_buf_puts(d->out, ", Flags [");
    for (size_t i = 0; i < sizeof(names_of) / sizeof(names_of[0]); i++)
        if (flags & names_of[i].bit) {
            spc_buf_puts(d->out, separator);
            spc_buf_puts(d->out, names_of[i].name);
            separator = ", ";
        }
    spc_buf_puts(d->out, *separator ? "]" : "none]");
}

static void put_sources(struct dissect *d, const struct bytes *b, uint32_t off, uint16_t count)
{
    if (d->opt->verbose < 2) {
        text_su(d->out, ", ", count);
        spc_buf_puts(d->out, " source(s)]");
        return;
    }
    spc_buf_puts(d->out, " {");
    for (uint16_t i = 0; i < count && bytes_have(b, off + 16u * i, 16); i++) {
        spc_buf_putc(d->out, ' ');
        text_ip6(d->out, bytes_at(b, off + 16u * i, 16));
    }
    spc_buf_puts(d->out, " }]");
}

// Records of a version 2 report (RFC 3810, 5.2).
static void put_groups(struct dissect *d, const struct bytes *b, uint16_t count)
{
    static const char *const kinds[] = {"?", "is_in", "is_ex", "to_in", "to_ex", "allow", "block"};
    uint32_t off = 8;
    for (uint16_t i = 0; i < count; i++) {
        if (!bytes_have(b, off, 20)) {
            spc_buf_puts(d->out, " [|icmp6]");
            return;
        }
        uint8_t kind = bytes_u8(b, off);
        uint16_t sources = bytes_u16(b, off + 2);
        spc_buf_puts(d->out, " [gaddr ");
        text_ip6(d->out, bytes_at(b, off + 4, 16));
        spc_buf_putc(d->out, ' ');
        spc_buf_puts(d->out, kinds[kind < 7 ? kind : 0]);
        put_sources(d, b, off + 20, sources);
        off += 20 + 16u * sources + 4u * bytes_u8(b, off + 1);
    }
}

static void put_message(struct dissect *d, const struct bytes *b, uint8_t type, uint8_t code)
{
    switch (type) {
    case UNREACHABLE:
        put_unreachable(d, b, code);
        return;
    case TOO_BIG:
        text_su(d->out, ", mtu ", bytes_u32(b, 4));
        return;
    case TIME_EXCEEDED:
        spc_buf_puts(d->out, " for ");
        text_ip6(d->out, bytes_at(b, INNER + 24, 16));
        return;
    case ECHO:
    case ECHO_REPLY:
        text_su(d->out, ", id ", bytes_u16(b, 4));
        text_su(d->out, ", seq ", bytes_u16(b, 6));
        return;
    case NEIGHBOR_SOLICIT:
        spc_buf_puts(d->out, ", who has ");
        text_ip6(d->out, bytes_at(b, 8, 16));
        return;
    case NEIGHBOR_ADVERT:
        spc_buf_puts(d->out, ", tgt is ");
        text_ip6(d->out, bytes_at(b, 8, 16));
        put_advert_flags(d, bytes_u8(b, 4));
        return;
    case REDIRECT:
        spc_buf_puts(d->out, ", ");
        text_ip6(d->out, bytes_at(b, 24, 16));
        spc_buf_puts(d->out, " to ");
        text_ip6(d->out, bytes_at(b, 8, 16));
        return;
    case MLD_QUERY:
    case MLD_REPORT:
    case MLD_DONE:
        text_su(d->out,
                type == MLD_QUERY ? "max resp delay: " : "max resp delay: ", bytes_u16(b, 4));
        spc_buf_puts(d->out, " addr: ");
        text_ip6(d->out, bytes_at(b, 8, 16));
        return;
    case MLD2_REPORT:
        text_su(d->out, ", ", bytes_u16(b, 6));
        spc_buf_puts(d->out, " group record(s)");
        if (d->opt->verbose)
            put_groups(d, b, bytes_u16(b, 6));
        return;
    }
}

// How many bytes the message must have for put_message().
static uint32_t needed(uint8_t type)
{
    switch (type) {
    case UNREACHABLE:
    case TIME_EXCEEDED:
        return INNER + 44;
    case NEIGHBOR_SOLICIT:
    case NEIGHBOR_ADVERT:
    case MLD_QUERY:
    case MLD_REPORT:
    case MLD_DONE:
        return 24;
    case REDIRECT:
        return 40;
    default:
        return 8;
    }
}

static void put_checksum(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    if (b->cap < b->len)
        return;
    uint16_t sum = dissect_checksum_ip(b, ip), field = bytes_u16(b, 2);
    if (sum == 0)
        spc_buf_puts(d->out, "[icmp6 sum ok] ");
    else if (d->is_csum_pending)
        spc_buf_puts(d->out, "[icmp6 sum left to the device] ");
    else
        spc_buf_printf(d->out, "[bad icmp6 cksum 0x%04x -> 0x%04x!] ", field,
                       dissect_checksum_wanted(field, sum));
}

void dissect_icmp6(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    if (!bytes_have(b, 0, 1)) {
        dissect_cut(d, "icmp6");
        return;
    }
    uint8_t type = bytes_u8(b, 0), code = bytes_u8(b, 1);
    if (d->depth <= 1) {
        d->info->kind = SNIFF_KIND_ICMP;
        d->info->icmp_type = type;
        d->info->icmp_code = code;
    }
    if (d->opt->verbose && !d->opt->is_unchecked && !ip->is_fragment)
        put_checksum(d, b, ip);
    spc_buf_puts(d->out, "ICMP6, ");
    const char *name = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == type)
            name = names[i].name;
    if (name)
        spc_buf_puts(d->out, name);
    else
        text_su(d->out, "unknown icmp6 type (", type);
    if (!name)
        spc_buf_putc(d->out, ')');
    bool is_discovery = type >= ROUTER_SOLICIT && type <= REDIRECT;
    if (d->opt->verbose && is_discovery)
        text_su(d->out, ", length ", b->len);
    if (!bytes_have(b, 0, needed(type))) {
        dissect_cut(d, "icmp6");
        return;
    }
    put_message(d, b, type, code);
    if (!d->opt->verbose || !name)
        text_su(d->out, ", length ", b->len);
}
