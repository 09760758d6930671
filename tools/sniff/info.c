// SPDX-License-Identifier: BSD-2-Clause
#include "info.h"

#include <assert.h>
#include <string.h>

#define FIELD(key, type, member, help)                                                             \
    {                                                                                              \
        key, key, SPC_TYPE_##type, offsetof(struct sniff_info, member), 0, help                    \
    }

// Of every packet, in front and behind.
#define HEAD                                                                                       \
    FIELD("time", STR, time, "Seconds since 1970, with nanoseconds."),                             \
        FIELD("number", U64, number, "Counted from 1."),                                           \
        FIELD("interface", STR, interface, "Target and interface."),                               \
        FIELD("direction", STR, direction, "In, Out, B (broadcast), M (multicast), P (other)."),   \
        FIELD("length", U64, length, "Bytes on the wire."),                                        \
        FIELD("captured", U64, captured, "Bytes captured."),                                       \
        FIELD("lost", U64, lost, "Frames lost just before this one."),                             \
        FIELD("src_mac", STR, src_mac_str, "Ethernet source."),                                    \
        FIELD("dst_mac", STR, dst_mac_str, "Ethernet destination."),                               \
        FIELD("vlan", U64, vlan, "Innermost VLAN ID, 0 without a tag."),                           \
        FIELD("protocol", STR, protocol, "Name of the innermost protocol that is known.")
#define TAIL                                                                                       \
    FIELD("comment", STR, comment, "Comment in the file that is read."),                           \
        FIELD("text", STR, text, "The line of the text output."),                                  \
    {                                                                                              \
        0                                                                                          \
    }
#define IP                                                                                         \
    FIELD("src", STR, src_str, "Source address."),                                                 \
        FIELD("dst", STR, dst_str, "Destination address."),                                        \
        FIELD("ttl", U64, ttl, "Time to live or hop limit."),                                      \
        FIELD("ip_id", U64, ip_id, "Identification (IPv4)."),                                      \
        FIELD("ip_length", U64, ip_length, "Length of the IP packet.")
#define PORTS                                                                                      \
    FIELD("src_port", U64, src_port, "Source port."),                                              \
        FIELD("dst_port", U64, dst_port, "Destination port."),                                     \
        FIELD("payload", U64, payload, "Bytes behind the transport header.")

static const struct spc_field frame_fields[] = {
    HEAD, FIELD("ethertype", U64, ethertype, "Type of the payload."), TAIL};
static const struct spc_field arp_fields[] = {HEAD, FIELD("src", STR, src_str, "Sender's address."),
                                              FIELD("dst", STR, dst_str, "Target's address."),
                                              TAIL};
static const struct spc_field ip_fields[] = {HEAD, IP, TAIL};
static const struct spc_field icmp_fields[] = {HEAD, IP,
                                               FIELD("icmp_type", U64, icmp_type, "Type."),
                                               FIELD("icmp_code", U64, icmp_code, "Code."), TAIL};
static const struct spc_field tcp_fields[] = {
    HEAD,
    IP,
    PORTS,
    FIELD("flags", STR, tcp_flags_str, "S F . R P U E W, as in the text."),
    FIELD("seq", U64, tcp_seq, "Sequence number, as on the wire."),
    FIELD("ack", U64, tcp_ack, "Acknowledgement number, as on the wire."),
    FIELD("window", U64, tcp_window, "Window, not scaled."),
    TAIL};
static const struct spc_field udp_fields[] = {HEAD, IP, PORTS, TAIL};
static const struct spc_field dns_fields[] = {
    HEAD,
    IP,
    PORTS,
    FIELD("id", U64, dns_id, "Identification."),
    FIELD("is_response", BOOL, dns_is_response, "Answer or question."),
    FIELD("rcode", STR, dns_rcode, "Result of an answer."),
    FIELD("questions", STRV, dns_questions, "TYPE NAME of each question."),
    FIELD("answers", STRV, dns_answers, "TYPE DATA of each answer."),
    TAIL};

const struct spc_record_kind sniff_info_kinds[] = {
    [SNIFF_KIND_FRAME] = {"frame", frame_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_ARP] = {"arp", arp_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_IP] = {"ip", ip_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_ICMP] = {"icmp", icmp_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_TCP] = {"tcp", tcp_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_UDP] = {"udp", udp_fields, sizeof(struct sniff_info)},
    [SNIFF_KIND_DNS] = {"dns", dns_fields, sizeof(struct sniff_info)},
};
static_assert(SPC_ARRAY_SIZE(sniff_info_kinds) == _SNIFF_KIND_MAX, "a table for each kind");

void sniff_info_free(struct sniff_info *info)
{
    spc_strv_free(&info->dns_questions);
    spc_strv_free(&info->dns_answers);
}

void sniff_info_reset(struct sniff_info *info)
{
    sniff_info_free(info);
    *info = (struct sniff_info){0};
}
