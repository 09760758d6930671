// SPDX-License-Identifier: BSD-2-Clause
// One captured frame, on its way from a source (ring, file) to the sinks (text, JSON, files).
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

// LINKTYPE_ values of capture files (pcapng draft, "link types"); the same numbers in pcap.
enum sniff_linktype {
    SNIFF_LINK_NULL = 0,
    SNIFF_LINK_ETHERNET = 1,
    SNIFF_LINK_RAW = 101,
    SNIFF_LINK_LOOP = 108,
    SNIFF_LINK_SLL = 113,
    SNIFF_LINK_IPV4 = 228,
    SNIFF_LINK_IPV6 = 229,
    SNIFF_LINK_SLL2 = 276,
};

// What the kernel said about the way of a frame: PACKET_HOST... of packet(7), plus one.
enum sniff_direction {
    SNIFF_DIR_IN,
    SNIFF_DIR_BROADCAST,
    SNIFF_DIR_MULTICAST,
    SNIFF_DIR_OTHER,
    SNIFF_DIR_OUT,
    SNIFF_DIR_UNKNOWN,
    _SNIFF_DIR_MAX,
};

// An interface of one target; lives as long as the capture.
struct sniff_iface {
    unsigned source; // which target or file
    int ifindex;
    int linktype;
    char name[32];   // "eth0"
    char label[160]; // "web:eth0", or the bare name where no target has a label
    char description[256];
    uint8_t mac[6];
    uint8_t ip4[4], mask4[4];
    bool has_mac, has_ip4;
    uint8_t ts_resolution; // of a file that is read: its if_tsresol
    uint64_t received, dropped;
    unsigned file_id;    // number of its block in the file being written,
    unsigned file_epoch; // valid when this is the file's epoch
};

struct sniff_packet {
    uint64_t ts_ns; // since 1970
    const uint8_t *data;
    uint32_t caplen, len; // bytes that are here, bytes that there were
    struct sniff_iface *iface;
    enum sniff_direction direction;
    bool is_csum_pending; // the sender left the checksum to the device (TP_STATUS_CSUMNOTREADY)
    uint64_t lost_before; // frames of this source lost just before this one
    const char *comment;  // or NULL; of the file that is read
    uint64_t number;      // from 1
};
