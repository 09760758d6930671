// SPDX-License-Identifier: BSD-2-Clause
// From TARGET words to open packet sockets.
#pragma once

#include <spc/buf.h>
#include <spc/err.h>
#include <spc/own.h>

#include "netns.h"

struct sniff_place {
    char *label; // for interface names; NULL for the namespace we are in
    char *about; // engine, image, for the description of its interfaces; or NULL
    int netns;   // SPC_NOFD: ours
    int pidfd;   // of the process that must live, or SPC_NOFD
    int socket;  // SPC_NOFD until opened
};

struct sniff_places {
    struct sniff_place *items;
    size_t count;
};

void sniff_places_free(struct sniff_places *places);

// Resolve each word; places in one network namespace are kept once. No word: where we are.
int sniff_places_resolve(const struct spc_strv *words, struct sniff_places *ret,
                         struct spc_err *err);
// A socket in each, after which the namespace descriptors are closed: the socket alone
// holds the namespace, and it is closed when the target is gone.
int sniff_places_open(struct sniff_places *places, enum sniff_socket kind, struct spc_err *err);
