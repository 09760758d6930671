// SPDX-License-Identifier: BSD-2-Clause
// Taking a frame apart: each dissector appends its part of the line and notes what it found.
//
// One file per protocol. A dissector gets the bytes from its own header on, reads them through
// bytes.h only, and hands what follows to the next one.
#pragma once

#include "bytes.h"
#include "info.h"
#include "names.h"
#include "packet.h"
#include "tcp_numbers.h"
#include "text.h"

struct dissect_options {
    unsigned verbose;                // -v
    bool is_quiet;                   // -q
    bool has_link;                   // -e
    bool has_raw_seq;                // -S
    bool is_unchecked;               // -K
    const struct sniff_names *names; // NULL: -n
};

// How deep a packet within a packet is followed (tunnels, ICMP errors).
#define DISSECT_DEPTH 6

struct dissect {
    struct spc_buf *out;
    struct sniff_info *info;
    const struct dissect_options *opt;
    struct tcp_numbers *numbers;
    bool is_csum_pending;
    unsigned depth;
    uint32_t link_len; // of the link header: hex dumps start behind it
    bool is_unknown;   // nothing but a length was printed: dump it
};

// The IP header around a transport header.
struct ip_context {
    const uint8_t *src, *dst; // 4 or 16 bytes
    int version;
    uint8_t protocol;
    bool is_shown;    // the addresses were printed
    bool is_fragment; // more follow: checksums cannot be checked
};

// The whole frame, by its link type. Appends one line (with -v several) without a line feed.
void dissect_packet(struct dissect *d, const struct sniff_packet *packet);

void dissect_ethernet(struct dissect *d, const struct bytes *b);
void dissect_sll(struct dissect *d, const struct bytes *b);
void dissect_sll2(struct dissect *d, const struct bytes *b);
void dissect_loopback(struct dissect *d, const struct bytes *b, bool is_big_endian);
void dissect_raw(struct dissect *d, const struct bytes *b);

// By ethertype. False when it is not known; then nothing was printed.
bool dissect_ethertype(struct dissect *d, const struct bytes *b, uint16_t type);
void dissect_arp(struct dissect *d, const struct bytes *b);
void dissect_ip(struct dissect *d, const struct bytes *b);
void dissect_ip6(struct dissect *d, const struct bytes *b);

// By IP protocol.
void dissect_transport(struct dissect *d, const struct bytes *b, const struct ip_context *ip);
void dissect_tcp(struct dissect *d, const struct bytes *b, const struct ip_context *ip);
void dissect_udp(struct dissect *d, const struct bytes *b, const struct ip_context *ip);
void dissect_icmp(struct dissect *d, const struct bytes *b, const struct ip_context *ip);
void dissect_icmp6(struct dissect *d, const struct bytes *b, const struct ip_context *ip);
void dissect_dns(struct dissect *d, const struct bytes *b, bool is_mdns);
void dissect_http(struct dissect *d, const struct bytes *b);
void dissect_ssh(struct dissect *d, const struct bytes *b);

// --- shared pieces ---

// " [|tcp]": the rest was not captured, or the packet ends too early.
void dissect_cut(struct dissect *d, const char *protocol);
void dissect_address(struct dissect *d, const struct ip_context *ip, const uint8_t *address);
// "SRC > DST: ", once.
void dissect_addresses(struct dissect *d, const struct ip_context *ip);
// "SRC.PORT > DST.PORT: "; remembers them in the info.
void dissect_ports(struct dissect *d, const struct ip_context *ip, uint16_t sport, uint16_t dport);
void dissect_port(struct dissect *d, uint8_t protocol, uint16_t port);
const char *dissect_protocol_name(uint8_t protocol); // "TCP"; NULL when not known
const char *dissect_ethertype_name(uint16_t type);   // "IPv4"; NULL

// Fill info->src and dst.
void dissect_note_addresses(struct dissect *d, const struct ip_context *ip);

// The Internet checksum (RFC 1071) over `b`, started with `sum`; 0 when the included checksum is
// right. The folded, complemented result.
uint16_t dissect_checksum(const struct bytes *b, uint32_t sum);
// The same with the pseudo header of TCP, UDP, ICMPv6 in front.
uint16_t dissect_checksum_ip(const struct bytes *b, const struct ip_context *ip);
// What the field should have held, from its value and the sum that came out.
uint16_t dissect_checksum_wanted(uint16_t field, uint16_t sum);
