// SPDX-License-Identifier: BSD-2-Clause
// The interfaces seen so far. They are learnt from the frames, so one that appears later is as good
// as one that was there at the start.
#pragma once

#include <spc/err.h>
#include <spc/own.h>

#include "packet.h"

struct sniff_ifaces {
    struct sniff_iface **items;
    size_t count;
};

void sniff_ifaces_free(struct sniff_ifaces *ifaces);

// NULL when it was not seen yet.
struct sniff_iface *sniff_ifaces_find(const struct sniff_ifaces *ifaces, unsigned source,
                                      int ifindex);
// A new, empty one; NULL without memory.
struct sniff_iface *sniff_ifaces_add(struct sniff_ifaces *ifaces, unsigned source, int ifindex);

// Ask the namespace of packet socket `fd` for name and addresses of iface->ifindex, and make the
// label from `target` (NULL: none).
void sniff_iface_ask(struct sniff_iface *iface, int fd, const char *target);

// LINKTYPE_ of an ARPHRD_ number as the ring delivers it.
int sniff_iface_linktype(uint16_t hatype);
