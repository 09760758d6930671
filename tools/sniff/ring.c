// SPDX-License-Identifier: BSD-2-Clause
#include "ring.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define KIB               1024u
#define DEFAULT_KIB       (8 * KIB)
#define BLOCK_FILE        (512 * KIB)
#define BLOCK_LIVE        (128 * KIB)
#define LIVE_MS           20
#define BLOCK_MIN         (64 * KIB)
#define BLOCKS_AT_LEAST   8
#define VLAN_TAG_LEN      4
#define FRAME_SIZE_UNUSED 2048 // TPACKET_V3 packs frames densely but wants a plausible size

static_assert(sizeof(struct sniff_insn) == sizeof(struct sock_filter), "same layout");
static_assert(offsetof(struct sniff_insn, k) == offsetof(struct sock_filter, k), "same layout");
static_assert(SNIFF_DIR_IN == PACKET_HOST && SNIFF_DIR_BROADCAST == PACKET_BROADCAST &&
                  SNIFF_DIR_MULTICAST == PACKET_MULTICAST && SNIFF_DIR_OTHER == PACKET_OTHERHOST &&
                  SNIFF_DIR_OUT == PACKET_OUTGOING,
              "directions are packet types");

static int set_option(int fd, int option, const void *value, socklen_t size, const char *what,
                      struct spc_err *err)
{
    if (setsockopt(fd, SOL_PACKET, option, value, size) < 0)
        return spc_err_set(err, -errno, "packet socket: %s", what);
    return 0;
}

static int attach_filter(int fd, const struct sniff_prog *prog)
{
    struct sock_fprog fprog = {
        .len = (unsigned short)prog->count,
        .filter = (struct sock_filter *)prog->insns,
    };
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof(fprog)) < 0)
        return -errno;
    return 0;
}

// Small blocks where somebody is looking: the timer hands each over after retire_ms however little
// is in it, so their number is also how long a reader may be away at a low rate (64 blocks of 10
// ms: 640 ms). Larger ones for a file, because each costs a wake-up (measured: 128 KiB is half
// again as expensive as 1 MiB at 64 bytes a frame, but loses less at 1400). A block still holds the
// largest frame, 64 KiB behind a device that offloads segmentation.
static void choose_blocks(const struct sniff_ring_options *options, struct tpacket_req3 *req)
{
    uint64_t size = (uint64_t)(options->buffer_kib ? options->buffer_kib : DEFAULT_KIB) * KIB;
    uint32_t block = options->retire_ms <= LIVE_MS ? BLOCK_LIVE : BLOCK_FILE;
    while (block > BLOCK_MIN && size / block < BLOCKS_AT_LEAST)
        block /= 2;
    uint64_t count = size / block;
    req->tp_block_size = block;
    req->tp_block_nr = count < 2 ? 2 : (unsigned)count;
    req->tp_frame_size = FRAME_SIZE_UNUSED;
    req->tp_frame_nr = block / FRAME_SIZE_UNUSED * req->tp_block_nr;
}

static int map_ring(struct sniff_ring *ring, const struct sniff_ring_options *options,
                    struct spc_err *err)
{
    struct tpacket_req3 req = {.tp_retire_blk_tov = options->retire_ms};
    choose_blocks(options, &req);
    int r = set_option(ring->fd, PACKET_RX_RING, &req, sizeof(req), "make a receive ring", err);
    if (r < 0) {
        if (r == -ENOMEM)
            spc_err_hint(err, "try a smaller buffer with -B");
        return r;
    }

    size_t size = (size_t)req.tp_block_size * req.tp_block_nr;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    if (map == MAP_FAILED)
        return spc_err_set(err, -errno, "map a receive ring of %zu bytes", size);
    ring->map = map;
    ring->map_size = size;
    ring->block_size = req.tp_block_size;
    ring->block_count = req.tp_block_nr;
    return 0;
}

static int bind_socket(int fd, const struct sniff_ring_options *options, struct spc_err *err)
{
    if (options->is_promisc && options->ifindex) {
        struct packet_mreq mreq = {.mr_ifindex = options->ifindex, .mr_type = PACKET_MR_PROMISC};
        int r = set_option(fd, PACKET_ADD_MEMBERSHIP, &mreq, sizeof(mreq), "go promiscuous", err);
        if (r < 0)
            return r;
    }
    struct sockaddr_ll addr = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = options->ifindex,
    };
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
        return spc_err_set(err, -errno, "bind the packet socket");
    return 0;
}

int sniff_ring_open(int fd, const struct sniff_ring_options *options, struct sniff_ring *ret,
                    struct spc_err *err)
{
    sniff_auto_ring struct sniff_ring ring = {.fd = fd};
    int version = TPACKET_V3;
    unsigned reserve = VLAN_TAG_LEN;

    int r = set_option(fd, PACKET_VERSION, &version, sizeof(version), "TPACKET_V3", err);
    if (r == 0)
        r = set_option(fd, PACKET_RESERVE, &reserve, sizeof(reserve), "reserve headroom", err);
    if (r < 0)
        return r;
    r = attach_filter(fd, options->filter);
    if (r < 0)
        return spc_err_set(err, r, "attach the filter (%zu instructions)", options->filter->count);
    r = map_ring(&ring, options, err);
    if (r == 0)
        r = bind_socket(fd, options, err);
    if (r < 0)
        return r;
    *ret = ring;
    ring = (struct sniff_ring)SNIFF_RING_NONE;
    return 0;
}

void sniff_ring_close(struct sniff_ring *ring)
{
    if (ring->map)
        munmap(ring->map, ring->map_size);
    spc_close(ring->fd);
    *ring = (struct sniff_ring)SNIFF_RING_NONE;
}

static struct tpacket_block_desc *block_at(const struct sniff_ring *ring, unsigned index)
{
    return (struct tpacket_block_desc *)(ring->map + (size_t)index * ring->block_size);
}

static void give_back(struct sniff_ring *ring)
{
    struct tpacket_block_desc *desc = (struct tpacket_block_desc *)ring->block;
    __atomic_store_n(&desc->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->block = NULL;
    ring->block_next = (ring->block_next + 1) % ring->block_count;
}

static bool take_block(struct sniff_ring *ring)
{
    for (;;) {
        struct tpacket_block_desc *desc = block_at(ring, ring->block_next);
        if (!(__atomic_load_n(&desc->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
            return false;
        ring->block = (uint8_t *)desc;
        ring->frame = ring->block + desc->hdr.bh1.offset_to_first_pkt;
        ring->frames_left = desc->hdr.bh1.num_pkts;
        ring->is_loss_read = false;
        if (ring->frames_left)
            return true;
        give_back(ring); // an empty block is possible when a timer retires it
    }
}

bool sniff_ring_peek(struct sniff_ring *ring, struct sniff_ring_frame *ret)
{
    if (!ring->map || (!ring->block && !take_block(ring)))
        return false;

    const struct tpacket3_hdr *hdr = (const struct tpacket3_hdr *)ring->frame;
    const struct sockaddr_ll *addr =
        (const struct sockaddr_ll *)(ring->frame + TPACKET_ALIGN(sizeof(*hdr)));
    *ret = (struct sniff_ring_frame){
        .ts_ns = (uint64_t)hdr->tp_sec * 1000000000u + hdr->tp_nsec,
        .data = ring->frame + hdr->tp_mac,
        .caplen = hdr->tp_snaplen,
        .len = hdr->tp_len,
        .ifindex = addr->sll_ifindex,
        .hatype = addr->sll_hatype,
        .protocol = ntohs(addr->sll_protocol),
        .net_offset = (uint16_t)(hdr->tp_net - hdr->tp_mac),
        .direction = addr->sll_pkttype < SNIFF_DIR_UNKNOWN ? addr->sll_pkttype : SNIFF_DIR_UNKNOWN,
        .has_vlan = hdr->tp_status & TP_STATUS_VLAN_VALID,
        .vlan_tci = (uint16_t)hdr->hv1.tp_vlan_tci,
        .vlan_tpid =
            hdr->tp_status & TP_STATUS_VLAN_TPID_VALID ? hdr->hv1.tp_vlan_tpid : ETH_P_8021Q,
        .is_csum_pending = hdr->tp_status & TP_STATUS_CSUMNOTREADY,
        .is_losing = (hdr->tp_status & TP_STATUS_LOSING) && !ring->is_loss_read,
    };
    return true;
}

void sniff_ring_next(struct sniff_ring *ring)
{
    const struct tpacket3_hdr *hdr = (const struct tpacket3_hdr *)ring->frame;
    if (--ring->frames_left == 0)
        give_back(ring);
    else
        ring->frame += hdr->tp_next_offset;
}

uint64_t sniff_ring_lost(struct sniff_ring *ring)
{
    struct tpacket_stats_v3 stats;
    socklen_t size = sizeof(stats);

    ring->is_loss_read = true;
    // Reading sets the kernel's counters back to zero.
    if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
        return 0;
    ring->dropped += stats.tp_drops;
    return stats.tp_drops;
}

void sniff_ring_shut(struct sniff_ring *ring)
{
    static const struct sniff_insn reject[] = {{.code = BPF_RET | BPF_K, .k = 0}};
    if (ring->fd >= 0)
        attach_filter(ring->fd,
                      &(struct sniff_prog){.insns = (struct sniff_insn *)reject, .count = 1});
}
