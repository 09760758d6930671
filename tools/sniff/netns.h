// SPDX-License-Identifier: BSD-2-Clause
// A packet socket of another network namespace, without going there.
#pragma once

#include <spc/err.h>

enum sniff_socket {
    SNIFF_SOCKET_PACKET, // SOCK_RAW, protocol 0: nothing is received before bind(2)
    SNIFF_SOCKET_ROUTE,  // rtnetlink(7)
};

// Open a socket inside the network namespace `netns_fd` by a forked
// child that enters it and passes the socket back; SPC_NOFD is the caller's own. `userns_fd`, or
// SPC_NOFD, is the user namespace that owns it: entered first where the caller may not enter the
// network namespace by itself (rootless containers). Returns the socket.
int sniff_netns_socket(enum sniff_socket kind, int netns_fd, int userns_fd, struct spc_err *err);
