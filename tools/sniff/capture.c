// SPDX-License-Identifier: BSD-2-Clause
#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include <spc/buf.h>

#include "headers.h"

#define NS_PER_MS    UINT64_C(1000000)
#define ETHER_HEADER 14u

void sniff_capture_free(struct sniff_capture *capture)
{
    for (size_t i = 0; i < capture->live_count; i++) {
        sniff_ring_close(&capture->live[i].ring);
        spc_close(capture->live[i].pidfd);
        free(capture->live[i].label);
        free(capture->live[i].about);
    }
    free(capture->live);
    spc_close(capture->signal_fd);
    sniff_ifaces_free(&capture->ifaces);
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static struct sniff_iface *find_iface(struct sniff_capture *capture, unsigned source,
                                      const struct sniff_ring_frame *frame)
{
    struct sniff_live *live = &capture->live[source];
    if (live->last_iface && live->last_iface->ifindex == frame->ifindex)
        return live->last_iface;

    struct sniff_iface *iface = sniff_ifaces_find(&capture->ifaces, source, frame->ifindex);
    if (!iface) {
        iface = sniff_ifaces_add(&capture->ifaces, source, frame->ifindex);
        if (!iface)
            return NULL;
        iface->linktype = sniff_iface_linktype(frame->hatype);
        sniff_iface_ask(iface, live->ring.fd, live->label);
        snprintf(iface->description, sizeof(iface->description), "%s",
                 live->about ? live->about : "");
    }
    live->last_iface = iface;
    return iface;
}

// The device took the tag out of the frame; the ring has 4 free bytes in front for it.
static void restore_vlan(struct sniff_ring_frame *frame)
{
    if (!frame->has_vlan || frame->caplen < ETHER_HEADER)
        return;
    uint16_t tag[2] = {htons(frame->vlan_tpid), htons(frame->vlan_tci)};
    frame->data -= sizeof(tag);
    memmove(frame->data, frame->data + sizeof(tag), 2 * ETH_ALEN);
    memcpy(frame->data + 2 * ETH_ALEN, tag, sizeof(tag));
    frame->caplen += sizeof(tag);
    frame->len += sizeof(tag);
}

// Hardware that is not Ethernet is delivered as the bare IP packet in it.
static bool strip_link(struct sniff_ring_frame *frame)
{
    if (frame->protocol != ETH_P_IP && frame->protocol != ETH_P_IPV6)
        return false;
    if (frame->net_offset > frame->caplen)
        return false;
    frame->data += frame->net_offset;
    frame->caplen -= frame->net_offset;
    frame->len -= frame->net_offset;
    return true;
}

static int deliver(struct sniff_capture *capture, unsigned source, struct sniff_ring_frame *frame,
                   struct spc_err *err)
{
    struct sniff_live *live = &capture->live[source];
    struct sniff_iface *iface = find_iface(capture, source, frame);
    if (!iface)
        return spc_err_set(err, -ENOMEM, "interface table");
    if (iface->linktype == SNIFF_LINK_ETHERNET)
        restore_vlan(frame);
    else if (!strip_link(frame))
        return 0;
    if (frame->is_losing)
        live->lost_pending += sniff_ring_lost(&live->ring);
    if (capture->late_filter &&
        !sniff_filter_match(capture->late_filter, frame->data, frame->caplen, frame->len))
        return 0;

    struct sniff_packet packet = {
        .ts_ns = frame->ts_ns,
        .data = frame->data,
        .caplen = frame->caplen,
        .len = frame->len,
        .iface = iface,
        .direction = frame->direction,
        .is_csum_pending = frame->is_csum_pending,
        .lost_before = live->lost_pending,
        .number = capture->totals.captured + 1,
    };
    if (capture->is_headers_only)
        sniff_headers_cut(&packet);
    if (live->lost_pending) {
        iface->dropped += live->lost_pending;
        capture->totals.lost += live->lost_pending;
        uint64_t lost = live->lost_pending;
        live->lost_pending = 0;
        if (sniff_sinks_lost(capture->sinks, iface->label, lost, err) < 0)
            return err->code;
    }
    int r = sniff_sinks_packet(capture->sinks, &packet, err);
    if (r == 0) {
        capture->totals.captured++;
        iface->received++;
    }
    return r;
}

static bool is_full(const struct sniff_capture *capture)
{
    return capture->count_max && capture->totals.captured >= capture->count_max;
}

// One ring alone has nothing to wait for.
static int drain_one(struct sniff_capture *capture, unsigned source, struct spc_err *err)
{
    struct sniff_ring *ring = &capture->live[source].ring;
    struct sniff_ring_frame frame;
    while (!is_full(capture) && sniff_ring_peek(ring, &frame)) {
        int r = deliver(capture, source, &frame, err);
        sniff_ring_next(ring);
        if (r != 0)
            return r;
    }
    return 0;
}

// Deliver what is there, in order of time. With several rings, a frame waits until every ring has
// shown its next one or nothing older than `horizon_ns` can come any more.
static int drain_merged(struct sniff_capture *capture, uint64_t horizon_ns, struct spc_err *err)
{
    while (!is_full(capture)) {
        struct sniff_ring_frame frame, first = {0};
        size_t source = capture->live_count;
        bool is_complete = true;
        for (size_t i = 0; i < capture->live_count; i++) {
            if (capture->live[i].is_closed)
                continue;
            if (!sniff_ring_peek(&capture->live[i].ring, &frame)) {
                is_complete = false;
            } else if (source == capture->live_count || frame.ts_ns < first.ts_ns) {
                first = frame;
                source = i;
            }
        }
        if (source == capture->live_count || (!is_complete && first.ts_ns > horizon_ns))
            break;
        int r = deliver(capture, (unsigned)source, &first, err);
        sniff_ring_next(&capture->live[source].ring);
        if (r != 0)
            return r;
    }
    return 0;
}

static size_t count_open(const struct sniff_capture *capture)
{
    size_t n = 0;
    for (size_t i = 0; i < capture->live_count; i++)
        n += !capture->live[i].is_closed;
    return n;
}

static int drain(struct sniff_capture *capture, uint64_t horizon_ns, struct spc_err *err)
{
    if (capture->live_count == 1)
        return drain_one(capture, 0, err);
    return drain_merged(capture, horizon_ns, err);
}

// Let what is in half-full blocks come out: their timer hands them over.
static void wait_retired(const struct sniff_capture *capture)
{
    struct timespec ts = {.tv_nsec = (long)((capture->retire_ms + 4) * NS_PER_MS)};
    nanosleep(&ts, NULL);
}

// Stop one ring: nothing more comes in, what came in is delivered, the namespace is let go.
static int close_live(struct sniff_capture *capture, struct sniff_live *live, struct spc_err *err)
{
    int r = drain(capture, UINT64_MAX, err);
    live->lost_pending += sniff_ring_lost(&live->ring);
    if (r == 0 && live->lost_pending) {
        capture->totals.lost += live->lost_pending;
        r = sniff_sinks_lost(capture->sinks, live->label ? live->label : "here", live->lost_pending,
                             err);
        live->lost_pending = 0;
    }
    sniff_ring_close(&live->ring);
    live->is_closed = true;
    return r;
}

static int close_all(struct sniff_capture *capture, struct spc_err *err)
{
    for (size_t i = 0; i < capture->live_count; i++)
        sniff_ring_shut(&capture->live[i].ring);
    if (!is_full(capture))
        wait_retired(capture);
    int result = 0;
    for (size_t i = 0; i < capture->live_count; i++) {
        if (capture->live[i].is_closed)
            continue;
        int r = close_live(capture, &capture->live[i], result < 0 ? NULL : err);
        if (r < 0 && result == 0)
            result = r;
    }
    return result;
}

static int close_gone(struct sniff_capture *capture, struct sniff_live *live, struct spc_err *err)
{
    sniff_ring_shut(&live->ring);
    wait_retired(capture);
    fprintf(stderr, "sniff: %s is gone\n", live->label ? live->label : "the target");
    return close_live(capture, live, err);
}

// Returns 1 when it is time to stop.
static int handle_signal(struct sniff_capture *capture)
{
    struct signalfd_siginfo info;
    if (read(capture->signal_fd, &info, sizeof(info)) != sizeof(info))
        return 0;
    if (info.ssi_signo != SIGUSR1)
        return 1;
    fprintf(stderr, "sniff: %llu packets captured, %llu lost so far\n",
            (unsigned long long)capture->totals.captured, (unsigned long long)capture->totals.lost);
    return 0;
}

static int poll_timeout(const struct sniff_capture *capture, uint64_t end_ns)
{
    int timeout = -1;
    for (size_t i = 0; i < capture->live_count; i++)
        if (capture->live[i].ring.block)
            timeout = (int)capture->retire_ms;
    if (end_ns) {
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        uint64_t left = end_ns > now ? (end_ns - now) / NS_PER_MS + 1 : 0;
        if (timeout < 0 || left < (uint64_t)timeout)
            timeout = left > INT32_MAX ? INT32_MAX : (int)left;
    }
    return timeout;
}

static int wait_events(struct sniff_capture *capture, struct pollfd *fds, int timeout,
                       struct spc_err *err)
{
    size_t n = capture->live_count;
    for (size_t i = 0; i < n; i++) {
        const struct sniff_live *live = &capture->live[i];
        // A block that is held back keeps its ring readable: then time wakes us, see
        // poll_timeout().
        bool is_silent = live->is_closed || live->ring.block;
        fds[2 * i] = (struct pollfd){.fd = is_silent ? -1 : live->ring.fd, .events = POLLIN};
        fds[2 * i + 1] =
            (struct pollfd){.fd = live->is_closed ? -1 : live->pidfd, .events = POLLIN};
    }
    fds[2 * n] = (struct pollfd){.fd = capture->signal_fd, .events = POLLIN};
    if (poll(fds, 2 * n + 1, timeout) < 0 && errno != EINTR)
        return spc_err_set(err, -errno, "poll");
    return 0;
}

static int step(struct sniff_capture *capture, struct pollfd *fds, uint64_t end_ns,
                struct spc_err *err)
{
    bool is_merged = count_open(capture) > 1;
    int r = wait_events(capture, fds, poll_timeout(capture, end_ns), err);
    if (r < 0)
        return r;
    uint64_t horizon = UINT64_MAX;
    if (is_merged)
        horizon = clock_ns(CLOCK_REALTIME) - 2 * capture->retire_ms * NS_PER_MS;
    r = drain(capture, horizon, err);
    if (r == 0)
        r = sniff_sinks_flush(capture->sinks, clock_ns(CLOCK_REALTIME), err);
    if (r != 0)
        return r;

    for (size_t i = 0; i < capture->live_count && r == 0; i++)
        if (fds[2 * i + 1].revents & POLLIN)
            r = close_gone(capture, &capture->live[i], err);
    if (r < 0)
        return r;
    if ((fds[2 * capture->live_count].revents & POLLIN) && handle_signal(capture))
        return 1;
    if (end_ns && clock_ns(CLOCK_MONOTONIC) >= end_ns)
        return 1;
    return is_full(capture) || count_open(capture) == 0;
}

int sniff_capture_run(struct sniff_capture *capture, struct spc_err *err)
{
    spc_auto_free struct pollfd *fds = calloc(2 * capture->live_count + 1, sizeof(*fds));
    if (!fds)
        return spc_err_set(err, -ENOMEM, "capture");

    uint64_t end_ns = 0;
    if (capture->duration_ns)
        end_ns = clock_ns(CLOCK_MONOTONIC) + capture->duration_ns;
    capture->totals.start_ns = clock_ns(CLOCK_REALTIME);
    int r;
    while ((r = step(capture, fds, end_ns, err)) == 0)
        ;
    // What was captured is kept, whatever went wrong; the first failure is the one to tell.
    int r2 = close_all(capture, r < 0 ? NULL : err);
    capture->totals.end_ns = clock_ns(CLOCK_REALTIME);
    return r < 0 ? r : r2;
}
