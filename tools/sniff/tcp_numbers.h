// SPDX-License-Identifier: BSD-2-Clause
// First sequence numbers of TCP connections, so that later ones can be shown relative to them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Fixed in size: a connection that meets a full bucket takes the place of the one used longest ago.
struct tcp_numbers;

struct tcp_key {
    uint8_t address[2][16]; // lower end first, see tcp_numbers_relate()
    uint16_t port[2];
};

struct tcp_numbers *tcp_numbers_new(void); // NULL without memory
void tcp_numbers_free(struct tcp_numbers *numbers);

// What a packet's numbers are to be reduced by. All zero for the first packet of a connection that
// is seen, and for SYN, both of which are shown as they are.
struct tcp_offsets {
    uint32_t seq, ack;
    uint32_t sack; // for SACK blocks, which are in the peer's numbers: also on the first packet
};

struct tcp_offsets tcp_numbers_relate(struct tcp_numbers *numbers, const uint8_t *src,
                                      const uint8_t *dst, unsigned address_len, uint16_t sport,
                                      uint16_t dport, uint32_t seq, uint32_t ack, bool is_syn);
