// SPDX-License-Identifier: BSD-2-Clause
// IPv4 (RFC 791).
#include "dissect.h"

#include <netinet/in.h>

#define HEADER_LEN 20u
#define FLAG_RF    0x8000
#define FLAG_DF    0x4000
#define FLAG_MF    0x2000
#define OFFSET     0x1fff

static const char *const ecn[] = {"", ",ECT(1)", ",ECT(0)", ",CE"};

static void put_flags(struct dissect *d, uint16_t word)
{
    static const struct {
        uint16_t bit;
        const char *name;
    } flags[] = {{FLAG_MF, "+"}, {FLAG_DF, "DF"}, {FLAG_RF, "rsvd"}};

    const char *separator = "";
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (word & flags[i].bit) {
            spc_buf_puts(d->out, separator);
            spc_buf_puts(d->out, flags[i].name);
            separator = ", ";
        }
    if (!*separator)
        spc_buf_puts(d->out, "none");
}

static const char *option_name(uint8_t type)
{
    static const struct {
        uint8_t type;
        const char *name;
    } names[] = {{0, "EOL"},        {1, "NOP"},    {68, "timestamp"}, {7, "RR"},
                 {130, "security"}, {131, "LSRR"}, {137, "SSRR"},     {148, "RA"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == type)
            return names[i].name;
    return NULL;
}

static void put_options(struct dissect *d, const struct bytes *b, uint32_t end)
{
    const char *separator = "";
    spc_buf_puts(d->out, ", options (");
    for (uint32_t off = HEADER_LEN; off < end;) {
        uint8_t type = bytes_u8(b, off), len = type < 2 ? 1 : bytes_u8(b, off + 1);
        const char *name = option_name(type);
        spc_buf_puts(d->out, separator);
        if (name)
            spc_buf_puts(d->out, name);
        else
            text_su(d->out, "unknown ", type);
        if (type > 1 && (len < 2 || len > end - off)) {
            spc_buf_puts(d->out, " [bad length]");
            break;
        }
        separator = ",";
        off += len;
        if (type == 0)
            break;
    }
    spc_buf_putc(d->out, ')');
}

// tcpdump's second line: everything of the header.
static void put_verbose(struct dissect *d, const struct bytes *b, uint32_t header)
{
    uint8_t tos = bytes_u8(b, 1), protocol = bytes_u8(b, 9);
    uint16_t fragment = bytes_u16(b, 6);
    const char *name = dissect_protocol_name(protocol);

    spc_buf_puts(d->out, "(tos 0x");
    text_hex(d->out, tos, 1);
    spc_buf_puts(d->out, ecn[tos & 3]);
    if (bytes_u8(b, 8))
        text_su(d->out, ", ttl ", bytes_u8(b, 8));
    text_su(d->out, ", id ", bytes_u16(b, 4));
    text_su(d->out, ", offset ", (fragment & OFFSET) * 8u);
    spc_buf_puts(d->out, ", flags [");
    put_flags(d, fragment);
    spc_buf_puts(d->out, "], proto ");
    spc_buf_puts(d->out, name ? name : "unknown");
    text_su(d->out, " (", protocol);
    text_su(d->out, "), length ", bytes_u16(b, 2));
    if (header > HEADER_LEN)
        put_options(d, b, header);
    if (!d->opt->is_unchecked && bytes_have(b, 0, header)) {
        struct bytes head = bytes_first(b, header);
        uint16_t sum = dissect_checksum(&head, 0), field = bytes_u16(b, 10);
        if (sum)
            spc_buf_printf(d->out, ", bad cksum %x (->%x)!", field,
                           dissect_checksum_wanted(field, sum));
    }
    spc_buf_puts(d->out, ")\n    ");
}

static void put_later_fragment(struct dissect *d, const struct ip_context *ip)
{
    if (d->opt->is_quiet && d->opt->verbose == 0 && d->info->ip_length == 0)
        return;
    const char *name = dissect_protocol_name(ip->protocol);
    d->info->protocol = name ? name : "ip";
    dissect_address(d, ip, ip->src);
    spc_buf_puts(d->out, " > ");
    dissect_address(d, ip, ip->dst);
    spc_buf_putc(d->out, ':');
    if (d->opt->names && name) {
        spc_buf_putc(d->out, ' ');
        for (const char *p = name; *p; p++)
            spc_buf_putc(d->out, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
    } else {
        text_su(d->out, " ip-proto-", ip->protocol);
    }
}

// 0 when the header makes no sense; that has been said then.
static uint32_t check_header(struct dissect *d, const struct bytes *b)
{
    uint32_t header = (uint32_t)(bytes_u8(b, 0) & 15) * 4;
    if (b->len < HEADER_LEN)
        text_su(d->out, "truncated-ip ", b->len);
    else if (!bytes_have(b, 0, HEADER_LEN))
        dissect_cut(d, "ip");
    else if (header < HEADER_LEN)
        text_su(d->out, "bad-hlen ", header);
    else
        return header;
    return 0;
}

void dissect_ip(struct dissect *d, const struct bytes *b)
{
    if (!bytes_have(b, 0, 1)) {
        dissect_cut(d, "ip");
        return;
    }
    if (bytes_u8(b, 0) >> 4 != 4) {
        text_su(d->out, "IP", bytes_u8(b, 0) >> 4);
        spc_buf_puts(d->out, ", wrong link-layer encapsulation (invalid)");
        return;
    }
    d->info->kind = SNIFF_KIND_IP;
    d->info->protocol = "IPv4";
    if (!d->opt->has_link)
        spc_buf_puts(d->out, "IP ");
    uint32_t header = check_header(d, b);
    if (!header)
        return;

    uint32_t length = bytes_u16(b, 2);
    if (b->len < length) {
        text_su(d->out, "truncated-ip - ", length - b->len);
        spc_buf_puts(d->out, " bytes missing! ");
    }
    if (length == 0) // segmentation left to the device: the length does not fit
        length = b->len;
    if (length < header) {
        text_su(d->out, "bad-len ", length);
        return;
    }
    struct bytes packet = bytes_first(b, length);
    packet.len = length;
    if (d->opt->verbose)
        put_verbose(d, &packet, header);

    uint16_t fragment = bytes_u16(b, 6);
    struct ip_context ip = {
        .src = bytes_at(b, 12, 4),
        .dst = bytes_at(b, 16, 4),
        .version = 4,
        .protocol = bytes_u8(b, 9),
        .is_fragment = fragment & FLAG_MF,
    };
    d->info->ttl = bytes_u8(b, 8);
    d->info->ip_id = bytes_u16(b, 4);
    d->info->ip_length = length;
    dissect_note_addresses(d, &ip);
    if (fragment & OFFSET) {
        put_later_fragment(d, &ip);
        return;
    }
    struct bytes inner = bytes_from(&packet, header);
    dissect_transport(d, &inner, &ip);
}
