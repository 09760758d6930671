// SPDX-License-Identifier: BSD-2-Clause
// The live source: one ring per target, merged by time, until a signal, a limit or the end of the
// last target.
#pragma once

#include <stdbool.h>

#include "iface.h"
#include "ring.h"
#include "sink.h"

struct sniff_live {
    struct sniff_ring ring;
    char *label; // of the target, or NULL
    char *about; // description of its interfaces, or NULL
    int pidfd;   // readable when the target is gone, or SPC_NOFD
    bool is_closed;
    uint64_t lost_pending; // not yet told to anyone
    struct sniff_iface *last_iface;
};

struct sniff_capture {
    struct sniff_live *live;
    size_t live_count;
    int signal_fd; // SIGINT, SIGTERM, SIGHUP end the capture, SIGUSR1 prints the totals
    const struct sniff_prog *late_filter; // run here, on the frame with its VLAN tag; or NULL
    uint32_t retire_ms;
    uint64_t count_max;   // -c; 0: none
    uint64_t duration_ns; // 0: none
    bool is_headers_only;
    struct sniff_ifaces ifaces;
    struct sniff_sinks *sinks; // borrowed
    struct sniff_totals totals;
};

void sniff_capture_free(struct sniff_capture *capture);
int sniff_capture_run(struct sniff_capture *capture, struct spc_err *err);
