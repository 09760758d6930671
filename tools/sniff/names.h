// SPDX-License-Identifier: BSD-2-Clause
// Names for numbers, read once before privileges are dropped. Never asks a name server: a capture
// must not make the traffic that it shows.
#pragma once

#include <stdint.h>

#include <spc/err.h>
#include <spc/own.h>

struct sniff_names {
    char *services[2][65536]; // by protocol (0 tcp, 1 udp) and port; NULL where there is none
};

// From services(5). A missing file gives no names, which is no error.
int sniff_names_new(const char *services_path, struct sniff_names **ret, struct spc_err *err);
void sniff_names_free(struct sniff_names *names);
SPC_DEFINE_CLEANUP(struct sniff_names *, sniff_names_free)

// NULL when there is none.
const char *sniff_names_service(const struct sniff_names *names, uint8_t ip_protocol,
                                uint16_t port);
