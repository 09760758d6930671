// SPDX-License-Identifier: BSD-2-Clause
// Entering namespaces and setting up new ones.
#pragma once

#include <spc/err.h>
#include <spc/ns_table.h>

// setns(2) by kind. For SPC_NS_PID it is the children that enter.
int spc_ns_join(int fd, enum spc_ns_kind kind, struct spc_err *err);

// unshare(2) of every kind in `mask` (SPC_NS_BIT()s).
int spc_ns_unshare(unsigned mask, struct spc_err *err);

// A new user namespace in which every ID means what it means outside: the caller becomes root in it
// and loses its privileges over everything that lies outside. Single-threaded processes only.
int spc_ns_unshare_user(struct spc_err *err);

// Switch on the loopback interface of the network namespace that the caller is in.
int spc_ns_lo_up(struct spc_err *err);
