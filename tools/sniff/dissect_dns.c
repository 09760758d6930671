// SPDX-License-Identifier: BSD-2-Clause
// DNS (RFC 1035) and its multicast form (RFC 6762), in tcpdump's notation: 4711+ A? example.org.
// (29)
#include "dissect.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <spc/escape.h>

#define HEADER_LEN  12u
#define POINTERS    16  // followed in one name; a loop ends here
#define NAME_LIMIT  255 // bytes of a name (RFC 1035, 2.3.4)
#define RECORDS_MAX 64  // shown of one section

enum {
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_OPT = 41,
};

static const struct {
    uint16_t number;
    const char *name;
} types[] = {
    {TYPE_A, "A"},     {TYPE_NS, "NS"},   {TYPE_CNAME, "CNAME"}, {TYPE_SOA, "SOA"},
    {11, "WKS"},       {TYPE_PTR, "PTR"}, {13, "HINFO"},         {TYPE_MX, "MX"},
    {TYPE_TXT, "TXT"}, {17, "RP"},        {18, "AFSDB"},         {TYPE_AAAA, "AAAA"},
    {29, "LOC"},       {TYPE_SRV, "SRV"}, {35, "NAPTR"},         {39, "DNAME"},
    {TYPE_OPT, "OPT"}, {43, "DS"},        {44, "SSHFP"},         {46, "RRSIG"},
    {47, "NSEC"},      {48, "DNSKEY"},    {50, "NSEC3"},         {52, "TLSA"},
    {64, "SVCB"},      {65, "HTTPS"},     {99, "SPF"},           {249, "TKEY"},
    {250, "TSIG"},     {251, "IXFR"},     {252, "AXFR"},         {255, "ANY"},
    {257, "CAA"},
};

static const char *const opcodes[16] = {
    "",     " inv_q",   " stat",    " op3",      " notify",  " update",   " op6",      " op7",
    " op8", " updateA", " updateD", " updateDA", " updateM", " updateMA", " zoneInit", " zoneRef"};
static const char *const rcodes[16] = {"",         " FormErr", " ServFail", " NXDomain",
                                       " NotImp",  " Refused", " YXDomain", " YXRRSet",
                                       " NXRRSet", " NotAuth", " NotZone",  " Resp11",
                                       " Resp12",  " Resp13",  " Resp14",   " NoChange"};

static void put_type(struct spc_buf *out, uint16_t type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].number == type) {
            spc_buf_puts(out, types[i].name);
            return;
        }
    text_su(out, "Type", type);
}

static void put_class(struct spc_buf *out, uint16_t class)
{
    if (class == 1)
        return;
    spc_buf_putc(out, ' ');
    if (class == 3)
        spc_buf_puts(out, "CHAOS");
    else if (class == 255)
        spc_buf_puts(out, "ANY");
    else
        spc_buf_printf(out, "(Class %u)", class);
}

// Offset behind the name at `off` as it stands in the message, or 0 when it is cut or damaged.
// With `out`, its text, without following more pointers than a sane name has.
static uint32_t read_name(const struct bytes *b, uint32_t off, struct spc_buf *out)
{
    uint32_t end = 0, total = 0;
    int pointers = 0;
    for (;;) {
        if (!bytes_have(b, off, 1))
            return 0;
        uint8_t len = bytes_u8(b, off);
        if (len == 0)
            break;
        if ((len & 0xc0) == 0xc0) {
            if (!bytes_have(b, off, 2) || ++pointers > POINTERS)
                return 0;
            end = end ? end : off + 2;
            off = bytes_u16(b, off) & 0x3fff;
            continue;
        }
        total += len + 1u;
        if ((len & 0xc0) || total > NAME_LIMIT || !bytes_have(b, off + 1, len))
            return 0;
        if (out) {
            spc_escape_text(out, (const char *)bytes_at(b, off + 1, len), len);
            spc_buf_putc(out, '.');
        }
        off += 1u + len;
    }
    if (out && total == 0)
        spc_buf_putc(out, '.');
    return end ? end : off + 1;
}

static uint32_t put_question(struct dissect *d, const struct bytes *b, uint32_t off, bool is_mdns,
                             bool is_shown)
{
    spc_auto_buf struct spc_buf name = {0};
    uint32_t at = read_name(b, off, &name);
    if (!at || !bytes_have(b, at, 4))
        return 0;
    uint16_t type = bytes_u16(b, at), class = bytes_u16(b, at + 2);
    if (d->depth <= 1) {
        spc_auto_buf struct spc_buf question = {0};
        put_type(&question, type);
        spc_buf_printf(&question, " %s", spc_buf_str(&name));
        spc_strv_add(&d->info->dns_questions, spc_buf_str(&question));
    }
    if (is_shown) {
        spc_buf_putc(d->out, ' ');
        put_type(d->out, type);
        if (is_mdns)
            spc_buf_puts(d->out, class & 0x8000 ? " (QU)" : " (QM)");
        put_class(d->out, is_mdns ? class & 0x7fff : class);
        spc_buf_puts(d->out, "? ");
        spc_buf_puts(d->out, spc_buf_str(&name));
    }
    return at + 4;
}

// 1w2d3h4m5s, as tcpdump shows a time to live.
static void put_ttl(struct spc_buf *out, uint32_t seconds)
{
    static const struct {
        uint32_t seconds;
        char unit;
    } units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    if (seconds == 0) {
        spc_buf_puts(out, "0s");
        return;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (seconds >= units[i].seconds) {
            text_u(out, seconds / units[i].seconds);
            spc_buf_putc(out, units[i].unit);
        }
        seconds %= units[i].seconds;
    }
}

static void put_txt(struct spc_buf *out, const struct bytes *b, uint32_t off, uint32_t end)
{
    while (off < end) {
        uint8_t len = bytes_u8(b, off);
        if (len > end - off - 1)
            len = (uint8_t)(end - off - 1);
        spc_buf_puts(out, " \"");
        spc_escape_text(out, (const char *)bytes_at(b, off + 1, len),
                        bytes_have(b, off + 1, len) ? len : 0);
        spc_buf_putc(out, '"');
        off += 1u + len;
    }
}

static void put_soa(struct spc_buf *out, const struct bytes *b, uint32_t off)
{
    spc_buf_putc(out, ' ');
    off = read_name(b, off, out);
    spc_buf_putc(out, ' ');
    off = off ? read_name(b, off, out) : 0;
    for (uint32_t i = 0; off && i < 5 && bytes_have(b, off, 20); i++)
        text_su(out, " ", bytes_u32(b, off + 4 * i));
}

struct record {
    uint16_t type, class;
    uint32_t ttl, data, len; // data is an offset
};

static void put_opt(struct spc_buf *out, const struct record *rr)
{
    text_su(out, " UDPsize=", rr->class);
    if (rr->ttl & 0x8000)
        spc_buf_puts(out, " DO");
}

static void put_data(struct dissect *d, struct spc_buf *out, const struct bytes *b,
                     const struct record *rr)
{
    switch (rr->type) {
    case TYPE_A:
        spc_buf_putc(out, ' ');
        if (rr->len == 4)
            text_ip4(out, bytes_at(b, rr->data, 4));
        return;
    case TYPE_AAAA:
        spc_buf_putc(out, ' ');
        if (rr->len == 16)
            text_ip6(out, bytes_at(b, rr->data, 16));
        return;
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
        spc_buf_putc(out, ' ');
        read_name(b, rr->data, out);
        return;
    case TYPE_SOA:
        if (d->opt->verbose)
            put_soa(out, b, rr->data);
        return;
    case TYPE_MX:
        spc_buf_putc(out, ' ');
        read_name(b, rr->data + 2, out);
        text_su(out, " ", bytes_u16(b, rr->data));
        return;
    case TYPE_TXT:
        put_txt(out, b, rr->data, rr->data + rr->len);
        return;
    case TYPE_SRV:
        spc_buf_putc(out, ' ');
        read_name(b, rr->data + 6, out);
        text_su(out, ":", bytes_u16(b, rr->data + 4));
        text_su(out, " ", bytes_u16(b, rr->data));
        text_su(out, " ", bytes_u16(b, rr->data + 2));
        return;
    case TYPE_OPT:
        put_opt(out, rr);
        return;
    }
}

static void note_answer(struct dissect *d, const struct bytes *b, const struct record *rr)
{
    spc_auto_buf struct spc_buf answer = {0};
    put_type(&answer, rr->type);
    put_data(d, &answer, b, rr);
    spc_strv_add(&d->info->dns_answers, spc_buf_str(&answer));
}

// Offset behind the record, 0 when it is cut.
static uint32_t put_record(struct dissect *d, const struct bytes *b, uint32_t off, bool is_mdns,
                           bool is_answer)
{
    if (d->opt->verbose)
        spc_buf_putc(d->out, ' ');
    uint32_t at = read_name(b, off, d->opt->verbose ? d->out : NULL);
    if (!at || !bytes_have(b, at, 10))
        return 0;
    struct record rr = {
        .type = bytes_u16(b, at),
        .class = bytes_u16(b, at + 2),
        .ttl = bytes_u32(b, at + 4),
        .len = bytes_u16(b, at + 8),
        .data = at + 10,
    };
    if (rr.type != TYPE_OPT) {
        if (is_mdns && (rr.class & 0x8000))
            spc_buf_puts(d->out, " (Cache flush)");
        put_class(d->out, is_mdns ? rr.class & 0x7fff : rr.class);
        if (d->opt->verbose > 2) {
            spc_buf_puts(d->out, " [");
            put_ttl(d->out, rr.ttl);
            spc_buf_putc(d->out, ']');
        }
    }
    spc_buf_putc(d->out, ' ');
    put_type(d->out, rr.type);
    if (!bytes_have(b, rr.data, rr.len))
        return 0;
    put_data(d, d->out, b, &rr);
    if (is_answer && d->depth <= 1)
        note_answer(d, b, &rr);
    return rr.data + rr.len;
}

static uint32_t put_records(struct dissect *d, const struct bytes *b, uint32_t off, uint16_t count,
                            bool is_mdns, bool is_answer)
{
    for (uint16_t i = 0; i < count && off; i++) {
        if (i)
            spc_buf_putc(d->out, ',');
        if (i == RECORDS_MAX) {
            spc_buf_puts(d->out, " ...");
            return 0;
        }
        off = put_record(d, b, off, is_mdns, is_answer);
    }
    return off;
}

struct header {
    uint16_t id, flags, questions, answers, authorities, additional;
};

static bool put_response(struct dissect *d, const struct bytes *b, const struct header *h,
                         bool is_mdns)
{
    text_u(d->out, h->id);
    spc_buf_puts(d->out, opcodes[h->flags >> 11 & 15]);
    spc_buf_puts(d->out, rcodes[h->flags & 15]);
    spc_buf_puts(d->out, h->flags & 0x0400 ? "*" : "");
    spc_buf_puts(d->out, h->flags & 0x0080 ? "" : "-");
    spc_buf_puts(d->out, h->flags & 0x0200 ? "|" : "");
    spc_buf_puts(d->out, h->flags & 0x0020 ? "$" : "");
    if (h->questions != 1)
        spc_buf_printf(d->out, " [%uq]", h->questions);
    uint32_t off = HEADER_LEN;
    bool is_shown = d->opt->verbose > 1;
    for (uint16_t i = 0; i < h->questions && off; i++) {
        if (i == RECORDS_MAX)
            return false;
        if (is_shown)
            spc_buf_puts(d->out, i ? ", q:" : " q:");
        off = put_question(d, b, off, is_mdns, is_shown);
    }
    if (!off)
        return false;
    spc_buf_printf(d->out, " %u/%u/%u", h->answers, h->authorities, h->additional);
    off = put_records(d, b, off, h->answers, is_mdns, true);
    if (off && is_shown && h->authorities) {
        spc_buf_puts(d->out, " ns:");
        off = put_records(d, b, off, h->authorities, is_mdns, false);
    }
    if (off && is_shown && h->additional) {
        spc_buf_puts(d->out, " ar:");
        off = put_records(d, b, off, h->additional, is_mdns, false);
    }
    return off;
}

static void put_counts(struct dissect *d, const struct header *h)
{
    if (h->answers)
        spc_buf_printf(d->out, " [%ua]", h->answers);
    if (h->questions != 1)
        spc_buf_printf(d->out, " [%uq]", h->questions);
    if (h->authorities)
        spc_buf_printf(d->out, " [%un]", h->authorities);
    if (h->additional)
        spc_buf_printf(d->out, " [%uau]", h->additional);
}

static bool put_query(struct dissect *d, const struct bytes *b, const struct header *h,
                      bool is_mdns)
{
    text_u(d->out, h->id);
    spc_buf_puts(d->out, opcodes[h->flags >> 11 & 15]);
    spc_buf_puts(d->out, h->flags & 0x0100 ? "+" : "");
    spc_buf_puts(d->out, h->flags & 0x0010 ? "%" : "");
    if (h->flags & 0x06cf)
        spc_buf_printf(d->out, " [b2&3=0x%x]", h->flags);
    put_counts(d, h);
    uint32_t off = HEADER_LEN;
    for (uint16_t i = 0; i < h->questions && off; i++) {
        if (i == RECORDS_MAX)
            return false;
        off = put_question(d, b, off, is_mdns, true);
        if (off && i + 1 < h->questions)
            spc_buf_putc(d->out, ',');
    }
    if (!off || d->opt->verbose < 2)
        return off;
    static const char *const titles[] = {" an:", " ns:", " ar:"};
    uint16_t counts[] = {h->answers, h->authorities, h->additional};
    for (int i = 0; i < 3 && off; i++)
        if (counts[i]) {
            spc_buf_puts(d->out, titles[i]);
            off = put_records(d, b, off, counts[i], is_mdns, i == 0);
        }
    return off;
}

void dissect_dns(struct dissect *d, const struct bytes *b, bool is_mdns)
{
    if (!bytes_have(b, 0, HEADER_LEN)) {
        dissect_cut(d, "domain");
        return;
    }
    struct header h = {
        .id = bytes_u16(b, 0),
        .flags = bytes_u16(b, 2),
        .questions = bytes_u16(b, 4),
        .answers = bytes_u16(b, 6),
        .authorities = bytes_u16(b, 8),
        .additional = bytes_u16(b, 10),
    };
    d->info->kind = SNIFF_KIND_DNS;
    d->info->protocol = is_mdns ? "MDNS" : "DNS";
    d->info->dns_id = h.id;
    d->info->dns_is_response = h.flags & 0x8000;
    const char *rcode = rcodes[h.flags & 15];
    if (d->info->dns_is_response)
        d->info->dns_rcode = *rcode ? rcode + 1 : "NoError";
    bool is_whole =
        d->info->dns_is_response ? put_response(d, b, &h, is_mdns) : put_query(d, b, &h, is_mdns);
    if (!is_whole) {
        dissect_cut(d, "domain");
        return;
    }
    text_su(d->out, " (", b->len);
    spc_buf_putc(d->out, ')');
}
