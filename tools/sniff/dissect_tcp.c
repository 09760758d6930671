// SPDX-License-Identifier: BSD-2-Clause
// TCP (RFC 9293) and its options.
#include "dissect.h"

#include <netinet/in.h>
#include <string.h>

#define HEADER_LEN 20u

enum { FIN = 1, SYN = 2, RST = 4, PUSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

enum { OPT_EOL, OPT_NOP, OPT_MSS, OPT_WSCALE, OPT_SACKOK, OPT_SACK, OPT_TIMESTAMP = 8 };

static const struct {
    uint8_t number;
    const char *name;
} option_names[] = {
    {OPT_EOL, "eol"},
    {OPT_NOP, "nop"},
    {OPT_MSS, "mss"},
    {OPT_WSCALE, "wscale"},
    {OPT_SACKOK, "sackOK"},
    {OPT_SACK, "sack"},
    {6, "echo"},
    {7, "echoreply"},
    {OPT_TIMESTAMP, "TS"},
    {11, "cc"},
    {12, "ccnew"},
    {13, "ccecho"},
    {19, "md5"},
    {20, "scps"},
    {28, "uto"},
    {29, "tcp-ao"},
    {30, "mptcp"},
    {34, "tfo"},
    {254, "exp"},
};

static void note_flags(struct sniff_info *info, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        char letter;
    } letters[] = {{FIN, 'F'}, {SYN, 'S'}, {RST, 'R'}, {PUSH, 'P'},
                   {ACK, '.'}, {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (flags & letters[i].bit)
            info->tcp_flags[n++] = letters[i].letter;
    info->tcp_flags[n] = '\0';
    info->tcp_flags_str = n ? info->tcp_flags : "none";
}

static void put_checksum(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    uint16_t field = bytes_u16(b, 16);
    if (b->cap < b->len) // not all of it was captured
        return;
    uint16_t sum = dissect_checksum_ip(b, ip);
    spc_buf_puts(d->out, ", cksum 0x");
    text_hex(d->out, field, 4);
    if (sum == 0)
        spc_buf_puts(d->out, " (correct)");
    else if (d->is_csum_pending)
        spc_buf_puts(d->out, " (left to the device)");
    else
        spc_buf_printf(d->out, " (incorrect -> 0x%04x)", dissect_checksum_wanted(field, sum));
}

static void put_sack(struct dissect *d, const struct bytes *b, uint32_t off, uint32_t len,
                     const struct tcp_offsets *offsets)
{
    text_su(d->out, " ", len / 8);
    spc_buf_putc(d->out, ' ');
    for (uint32_t i = 0; i + 8 <= len; i += 8) {
        text_su(d->out, "{", bytes_u32(b, off + i) - offsets->sack);
        text_su(d->out, ":", bytes_u32(b, off + i + 4) - offsets->sack);
        spc_buf_putc(d->out, '}');
    }
}

static const char *option_name(uint8_t type)
{
    for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++)
        if (option_names[i].number == type)
            return option_names[i].name;
    return NULL;
}

// The value of one option, `len` bytes at `off`.
static void put_option(struct dissect *d, const struct bytes *b, uint8_t type, uint32_t off,
                       uint32_t len, const struct tcp_offsets *offsets)
{
    const char *name = option_name(type);
    if (name)
        spc_buf_puts(d->out, name);
    else
        text_su(d->out, "unknown-", type);
    if (type == OPT_MSS && len == 2) {
        text_su(d->out, " ", bytes_u16(b, off));
    } else if (type == OPT_WSCALE && len == 1) {
        text_su(d->out, " ", bytes_u8(b, off));
    } else if (type == OPT_TIMESTAMP && len == 8) {
        text_su(d->out, " val ", bytes_u32(b, off));
        text_su(d->out, " ecr ", bytes_u32(b, off + 4));
    } else if (type == OPT_SACK && len % 8 == 0) {
        put_sack(d, b, off, len, offsets);
    } else if (len) {
        spc_buf_puts(d->out, " 0x");
        for (uint32_t i = 0; i < len; i++)
            text_hex(d->out, bytes_u8(b, off + i), 2);
    }
}

// False when they are cut or damaged; that has been said then.
static bool put_options(struct dissect *d, const struct bytes *b, uint32_t end,
                        const struct tcp_offsets *offsets)
{
    const char *separator = "";
    spc_buf_puts(d->out, ", options [");
    for (uint32_t off = HEADER_LEN; off < end;) {
        spc_buf_puts(d->out, separator);
        separator = ",";
        if (!bytes_have(b, off, 1)) {
            dissect_cut(d, "tcp");
            return false;
        }
        uint8_t type = bytes_u8(b, off);
        if (type <= OPT_NOP) {
            put_option(d, b, type, off, 0, offsets);
            off++;
            if (type == OPT_EOL)
                break;
            continue;
        }
        uint8_t len = bytes_u8(b, off + 1);
        if (off + 2 > end || (bytes_have(b, off, 2) && (len < 2 || len > end - off))) {
            spc_buf_puts(d->out, "[bad opt]");
            return false;
        }
        if (!bytes_have(b, off, 2) || !bytes_have(b, off, len)) {
            if (bytes_have(b, off, 2))
                put_option(d, b, type, off, 0, offsets);
            dissect_cut(d, "tcp");
            spc_buf_puts(d->out, bytes_have(b, off, 2) && off > HEADER_LEN ? ">" : "");
            return false;
        }
        put_option(d, b, type, off + 2, len - 2u, offsets);
        off += len;
    }
    spc_buf_putc(d->out, ']');
    return true;
}

static void put_payload(struct dissect *d, const struct bytes *b)
{
    uint16_t ports[2] = {d->info->src_port, d->info->dst_port};
    for (int i = 0; i < 2; i++) {
        if (ports[i] == 53) {
            // A length of two bytes comes first on a stream (RFC 1035, 4.2.2).
            struct bytes inner = bytes_from(b, 2);
            spc_buf_putc(d->out, ' ');
            dissect_dns(d, &inner, false);
            return;
        }
        if (ports[i] == 22) {
            dissect_ssh(d, b);
            return;
        }
        if (ports[i] == 80 || ports[i] == 8080 || ports[i] == 3128) {
            dissect_http(d, b);
            return;
        }
    }
}

static struct tcp_offsets relate(struct dissect *d, const struct ip_context *ip, uint8_t flags)
{
    const struct sniff_info *info = d->info;
    if (d->opt->has_raw_seq || !(flags & ACK) || !d->numbers)
        return (struct tcp_offsets){0};
    struct tcp_packet packet = {
        .src = ip->src,
        .dst = ip->dst,
        .address_len = ip->version == 4 ? 4 : 16,
        .sport = (uint16_t)info->src_port,
        .dport = (uint16_t)info->dst_port,
        .seq = (uint32_t)info->tcp_seq,
        .ack = (uint32_t)info->tcp_ack,
        .is_syn = flags & SYN,
    };
    return tcp_numbers_relate(d->numbers, &packet);
}

static void put_numbers(struct dissect *d, const struct bytes *b, uint8_t flags,
                        const struct tcp_offsets *offsets)
{
    const struct sniff_info *info = d->info;
    uint32_t seq = (uint32_t)info->tcp_seq - offsets->seq;
    if (d->opt->verbose > 1 || info->payload || (flags & (SYN | FIN | RST))) {
        text_su(d->out, ", seq ", seq);
        if (info->payload)
            text_su(d->out, ":", (uint32_t)(seq + info->payload));
    }
    if (flags & ACK)
        text_su(d->out, ", ack ", (uint32_t)info->tcp_ack - offsets->ack);
    text_su(d->out, ", win ", info->tcp_window);
    if (flags & URG)
        text_su(d->out, ", urg ", bytes_u16(b, 18));
}

static void note_header(struct dissect *d, const struct bytes *b, uint32_t header)
{
    d->info->kind = SNIFF_KIND_TCP;
    d->info->tcp_seq = bytes_u32(b, 4);
    d->info->tcp_ack = bytes_u32(b, 8);
    d->info->tcp_window = bytes_u16(b, 14);
    d->info->payload = header <= b->len ? b->len - header : 0;
    note_flags(d->info, bytes_u8(b, 13));
}

static void put_too_long(struct dissect *d, uint32_t header, uint32_t len)
{
    text_su(d->out, " [bad hdr length ", header);
    text_su(d->out, " - too long, > ", len);
    spc_buf_putc(d->out, ']');
}

void dissect_tcp(struct dissect *d, const struct bytes *b, const struct ip_context *ip)
{
    if (!bytes_have(b, 0, 4)) {
        if (!ip->is_shown)
            dissect_addresses(d, ip);
        spc_buf_puts(d->out, "[|tcp]");
        return;
    }
    dissect_ports(d, ip, bytes_u16(b, 0), bytes_u16(b, 2));
    if (!bytes_have(b, 0, HEADER_LEN)) {
        dissect_cut(d, "tcp");
        return;
    }
    uint32_t header = (uint32_t)(bytes_u8(b, 12) >> 4) * 4;
    if (header < HEADER_LEN) {
        text_su(d->out, " tcp ", b->len - header);
        text_su(d->out, " [bad hdr length ", header);
        spc_buf_puts(d->out, " - too short, < 20]");
        return;
    }
    note_header(d, b, header);
    if (d->opt->is_quiet) {
        text_su(d->out, "tcp ", d->info->payload);
        if (header > b->len)
            put_too_long(d, header, b->len);
        return;
    }
    uint8_t flags = bytes_u8(b, 13);
    spc_buf_puts(d->out, "Flags [");
    spc_buf_puts(d->out, d->info->tcp_flags_str);
    spc_buf_putc(d->out, ']');
    if (header > b->len) {
        put_too_long(d, header, b->len);
        return;
    }
    if (d->opt->verbose && !d->opt->is_unchecked && !ip->is_fragment)
        put_checksum(d, b, ip);
    struct tcp_offsets offsets = relate(d, ip, flags);
    put_numbers(d, b, flags, &offsets);
    if (header > HEADER_LEN && !put_options(d, b, header, &offsets))
        return;
    text_su(d->out, ", length ", d->info->payload);
    if (d->info->payload && !(flags & RST)) {
        struct bytes payload = bytes_from(b, header);
        put_payload(d, &payload);
    }
}
