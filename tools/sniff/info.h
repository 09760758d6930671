// SPDX-License-Identifier: BSD-2-Clause
// What the dissectors found in one packet: the record behind --json. Which fields a packet has
// depends on its kind; each kind has one field table.
#pragma once

#include <stdint.h>

#include <spc/buf.h>
#include <spc/field.h>

enum sniff_kind {
    SNIFF_KIND_FRAME, // nothing better known
    SNIFF_KIND_ARP,
    SNIFF_KIND_IP,
    SNIFF_KIND_ICMP,
    SNIFF_KIND_TCP,
    SNIFF_KIND_UDP,
    SNIFF_KIND_DNS,
    _SNIFF_KIND_MAX,
};

struct sniff_info {
    enum sniff_kind kind;
    uint64_t time_ns, number, length, captured, lost;
    const char *time; // seconds since 1970 with nanoseconds
    const char *interface, *direction, *comment;
    char src_mac[18], dst_mac[18];
    const char *src_mac_str, *dst_mac_str; // NULL where there is no Ethernet header
    uint64_t ethertype, vlan;
    char src[46], dst[46];
    const char *src_str, *dst_str;
    const char *protocol; // name of the IP protocol or the ethertype
    uint64_t ttl, ip_id, ip_length;
    uint64_t src_port, dst_port, payload;
    char tcp_flags[9];
    const char *tcp_flags_str;
    uint64_t tcp_seq, tcp_ack, tcp_window; // as on the wire
    uint64_t icmp_type, icmp_code;
    uint64_t dns_id;
    bool dns_is_response;
    const char *dns_rcode;
    struct spc_strv dns_questions, dns_answers;
    const char *text; // the line of the text output, without its time
};

extern const struct spc_record_kind sniff_info_kinds[_SNIFF_KIND_MAX];
// Ready for the next packet.
void sniff_info_reset(struct sniff_info *info);
void sniff_info_free(struct sniff_info *info);
