// SPDX-License-Identifier: BSD-2-Clause
// ICMP (RFC 792, 950, 1256).
#include "dissect.h"

#include <netinet/in.h>

enum {
    ECHO_REPLY = 0,
    UNREACHABLE = 3,
    SOURCE_QUENCH = 4,
    REDIRECT = 5,
    ECHO = 8,
    ROUTER_ADVERT = 9,
    ROUTER_SOLICIT = 10,
    TIME_EXCEEDED = 11,
    PARAMETER = 12,
    TIMESTAMP = 13,
    TIMESTAMP_REPLY = 14,
    MASK = 17,
    MASK_REPLY = 18,
};

enum { CODE_PROTOCOL = 2, CODE_PORT = 3, CODE_FRAGMENTATION = 4 };

// Text in front of and behind the unreachable address, by code.
static const struct {
    const char *before, *after;
} unreachable[] = {
    {"net ", " unreachable"},
    {"host ", " unreachable"},
    {"", " protocol "},
    {"", " port "},
    {"", " unreachable - need to frag"},
    {"", " unreachable - source route failed"},
    {"net ", " unreachable - unknown"},
    {"host ", " unreachable - unknown"},
    {"", " unreachable - source host isolated"},
    {"net ", " unreachable - admin prohibited"},
    {"host ", " unreachable - admin prohibited"},
    {"net ", " unreachable - tos prohibited"},
    {"host ", " unreachable - tos prohibited"},
    {"host ", " unreachable - admin prohibited filter"},
    {"host ", " unreachable - host precedence violation"},
    {"host ", " unreachable - precedence cutoff"},
};

#define INNER 8u // where the packet that caused an error starts

static void put_port_unreachable(struct dissect *d, const struct bytes *b)
{
    uint8_t protocol = bytes_u8(b, INNER + 9);
    uint32_t header = (uint32_t)(bytes_u8(b, INNER) & 15) * 4;
    text_ip4(d->out, bytes_at(b, INNER + 16, 4));
    if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
        spc_buf_puts(d->out, protocol == IPPROTO_TCP ? " tcp port " : " udp port ");
        dissect_port(d, protocol, bytes_u16(b, INNER + header + 2));
    } else {
        text_su(d->out, " protocol ", protocol);
        text_su(d->out, " port ", bytes_u16(b, INNER + header + 2));
    }
    spc_buf_puts(d->out, " unreachable");
}

static void put_unreachable(struct dissect *d, const struct bytes *b, uint8_t code)
{
    if (code >= sizeof(unreachable) / sizeof(unreachable[0])) {
        text_su(d->out, "#", code);
        spc_buf_putc(d->out, ' ');
        text_ip4(d->out, bytes_at(b, INNER + 16, 4));
        spc_buf_puts(d->out, " unreachable");
        return;
    }
    if (code == CODE_PORT) {
        put_port_unreachable(d, b);
        return;
    }
    spc_buf_puts(d->out, unreachable[code].before);
    text_ip4(d->out, bytes_at(b, INNER + 16, 4));
    spc_buf_puts(d->out, unreachable[code].after);
    if (code == CODE_PROTOCOL) {
        text_u(d->out, bytes_u8(b, INNER + 9));
        spc_buf_puts(d->out, " unreachable");
    } else if (code == CODE_FRAGMENTATION && bytes_u16(b, 6)) {
        text_su(d->out, " (mtu ", bytes_u16(b, 6));
        spc_buf_putc(d->out, ')');
    }
}

static void put_redirect(struct dissect *d, const struct bytes *b, uint8_t code)
{
    static const char *const kinds[][2] = {
        {"redirect ", " to net "},
        {"redirect ", " to host "},
        {"redirect-tos ", " to net "},
        {"redirect-tos ", " to host "},
    };
    unsigned kind = code < 4 ? code : 1;
    spc_buf_puts(d->out, kinds[kind][0]);
    text_ip4(d->out, bytes_at(b, INNER + 16, 4));
    spc_buf_puts(d->out, kinds[kind][1]);
    text_ip4(d->out, bytes_at(b, 4, 4));
}

// Does the message have what put_message() shows of it?
static bool is_whole(const struct bytes *b, uint8_t type, uint8_t code)
{
    if (type == UNREACHABLE && code == CODE_PORT)
        return bytes_have(b, INNER, 20) &&
               bytes_have(b, INNER + (uint32_t)(bytes_u8(b, INNER) & 15) * 4, 4);
    if (type == UNREACHABLE || type == REDIRECT)
        return bytes_have(b, INNER, 20);
    return bytes_have(b, 0, type == MASK_REPLY ? 12 : 8);
}

static void put_time_exceeded(struct dissect *d, uint8_t code)
{
    if (code > 1)
        text_su(d->out, "time exceeded-#", code);
    else
        spc_buf_puts(d->out, code ? "ip reassembly time exceeded" : "time exceeded in-transit");
}

static void put_numbers(struct dissect *d, const struct bytes *b, const char *what,
                        const char *separator)
{
    spc_buf_puts(d->out, what);
    text_su(d->out, " id ", bytes_u16(b, 4));
    spc_buf_puts(d->out, separator);
    text_su(d->out, "seq ", bytes_u16(b, 6));
}

static void put_message(struct dissect *d, const struct bytes *b, uint8_t type, uint8_t code)
{
    switch (type) {
    case ECHO:
    case ECHO_REPLY:
        put_numbers(d, b, type == ECHO ? "echo request," : "echo reply,", ", ");
        return;
    case UNREACHABLE:
        put_unreachable(d, b, code);
        return;
    case REDIRECT:
        put_redirect(d, b, code);
        return;
    case TIME_EXCEEDED:
        put_time_exceeded(d, code);
        return;
    case PARAMETER:
        if (code)
            text_su(d->out, "parameter problem - code ", code);
        else
            text_su(d->out, "parameter problem - octet ", bytes_u8(b, 4));
        return;
    case SOURCE_QUENCH:
        spc_buf_puts(d->out, "source quench");
        return;
    case ROUTER_ADVERT:
        spc_buf_puts(d->out, "router advertisement");
        return;
    case ROUTER_SOLICIT:
        spc_buf_puts(d->out, "router solicitation");
        return;
    case TIMESTAMP:
        put_numbers(d, b, "time stamp query", " ");
        return;
    case TIMESTAMP_REPLY:
        put_numbers(d, b, "time stamp reply", " ");
        return;
    case MASK:
        spc_buf_puts(d->out, "address mask request");
        return;
    case MASK_REPLY:
        spc_buf_puts(d->out, "address mask is 0x");
        text_hex(d->out, bytes_u32(b, 8), 8);
        return;
    default:
        text_su(d->out, "type-#", type);
        return;
    }
}

static bool is_error(uint8_t type)
{
    return type == UNREACHABLE || type == SOURCE_QUENCH || type == REDIRECT ||
           type == TIME_EXCEEDED || type == PARAMETER;
}

static void put_checksum(struct dissect *d, const struct bytes *b)
{
    uint16_t sum = b->cap >= b->len ? dissect_checksum(b, 0) : 0;
    if (sum && !d->is_csum_pending)
        spc_buf_printf(d->out, " (wrong icmp cksum %x (->%x)!)", bytes_u16(b, 2),
                       dissect_checksum_wanted(bytes_u16(b, 2), sum));
}

void dissect_icmp(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    if (!bytes_have(b, 0, 2) || !is_whole(b, bytes_u8(b, 0), bytes_u8(b, 1))) {
        dissect_cut(d, "icmp");
        return;
    }
    uint8_t type = bytes_u8(b, 0), code = bytes_u8(b, 1);
    if (d->depth <= 1) {
        d->info->kind = SNIFF_KIND_ICMP;
        d->info->icmp_type = type;
        d->info->icmp_code = code;
    }
    spc_buf_puts(d->out, "ICMP ");
    put_message(d, b, type, code);
    text_su(d->out, ", length ", b->len);
    if (d->opt->verbose && !d->opt->is_unchecked && !ip->is_fragment)
        put_checksum(d, b);
    if (d->opt->verbose && is_error(type) && bytes_have(b, INNER, 1)) {
        struct bytes inner = bytes_from(b, INNER);
        // An error carries the beginning of a packet: its missing end is no news.
        struct sniff_info scratch = {0}, *info = d->info;
        inner.len = bytes_u16(&inner, 2) > inner.len ? bytes_u16(&inner, 2) : inner.len;
        spc_buf_puts(d->out, "\n\t");
        d->info = &scratch;
        dissect_ip(d, &inner);
        sniff_info_free(&scratch);
        d->info = info;
    }
}
