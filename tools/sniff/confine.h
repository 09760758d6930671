// SPDX-License-Identifier: BSD-2-Clause
// What is left of our power once everything is open.
#pragma once

#include <stdbool.h>

#include <spc/err.h>

struct sniff_confinement {
    bool opens_files; // a rotating capture file: below a directory descriptor that is held
};

// Drop every capability for good (PR_SET_NO_NEW_PRIVS, empty bounding set) and allow only the
// system calls of the capture loop. The user ID stays: setuid(2) fails in a user namespace with a
// single ID, and the capability sets are what counts.
int sniff_confine(const struct sniff_confinement *confinement, struct spc_err *err);
