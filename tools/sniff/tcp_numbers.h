// SPDX-License-Identifier: BSD-2-Clause
// First sequence numbers of TCP connections, so that later ones can be shown relative to them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Fixed in size: a connection that meets a full bucket takes the place of the one used longest ago.
struct tcp_numbers;

struct tcp_numbers *tcp_numbers_new(void); // NULL without memory
void tcp_numbers_free(struct tcp_numbers *numbers);

// One packet, as it says.
struct tcp_packet {
    const uint8_t *src, *dst;
    unsigned address_len; // 4 or 16
    uint16_t sport, dport;
    uint32_t seq, ack;
    bool is_syn;
};

// What a packet's numbers are to be reduced by. All zero for the first packet of a connection that
// is seen, and for SYN, both of which are shown as they are.
struct tcp_offsets {
    uint32_t seq, ack;
    uint32_t sack; // for SACK blocks, which are in the peer's numbers: also on the first packet
};

struct tcp_offsets tcp_numbers_relate(struct tcp_numbers *numbers, const struct tcp_packet *packet);
