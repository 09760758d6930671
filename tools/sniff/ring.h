// SPDX-License-Identifier: BSD-2-Clause
// A TPACKET_V3 receive ring on a packet socket (packet(7), kernel Documentation/networking/
// packet_mmap.rst). One unbound ring sees every interface of its network namespace, present and
// future, each frame with its interface's own link header.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <spc/err.h>
#include <spc/own.h>

#include "filter.h"
#include "packet.h"

struct sniff_ring_options {
    uint32_t buffer_kib; // 0: default
    uint32_t retire_ms;  // a block that is not full is handed over after this
    int ifindex;         // 0: every interface
    bool is_promisc;     // only with an interface
    const struct sniff_prog *filter;
};

struct sniff_ring {
    int fd;
    uint8_t *map;
    size_t map_size, block_size;
    unsigned block_count, block_next;
    // The block being read: NULL when it was given back.
    uint8_t *block;
    uint8_t *frame;
    uint32_t frames_left;
    bool is_loss_read; // of this block
    uint64_t dropped;  // total
};

#define SNIFF_RING_NONE                                                                            \
    {                                                                                              \
        .fd = SPC_NOFD                                                                             \
    }

// Takes `fd`, a packet socket of protocol 0, in every case. The filter is attached before the
// socket is bound, so that nothing unfiltered gets in.
int sniff_ring_open(int fd, const struct sniff_ring_options *options, struct sniff_ring *ret,
                    struct spc_err *err);
// Unmaps and closes: from here on the network namespace is not held any more.
void sniff_ring_close(struct sniff_ring *ring);
#define sniff_auto_ring SPC_CLEANUP(sniff_ring_close)

// What the kernel says about a frame beside its bytes.
struct sniff_ring_frame {
    uint64_t ts_ns;
    uint8_t *data; // may be written to; 4 bytes in front are free as well
    uint32_t caplen, len;
    int ifindex;
    uint16_t hatype, protocol; // ARPHRD_..., ETH_P_... in host order
    uint16_t net_offset;       // of the network header in data
    enum sniff_direction direction;
    bool has_vlan;
    uint16_t vlan_tci, vlan_tpid;
    bool is_csum_pending;
    bool is_losing; // frames were lost before this one
};

// Look at the next frame without leaving it. False when there is none now.
bool sniff_ring_peek(struct sniff_ring *ring, struct sniff_ring_frame *ret);
// Leave the frame seen last; its bytes are gone with the last frame of its block.
void sniff_ring_next(struct sniff_ring *ring);
// Frames lost since the last call, from the kernel's counter.
uint64_t sniff_ring_lost(struct sniff_ring *ring);
// Let nothing more in.
void sniff_ring_shut(struct sniff_ring *ring);
