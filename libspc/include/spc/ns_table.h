// SPDX-License-Identifier: BSD-2-Clause
// The one table of Linux namespaces (namespaces(7)).
#pragma once

// In the order in which they are entered: the user namespace first, because it gives the
// capabilities that the others ask for; mount last, because it changes what every path means.
enum spc_ns_kind {
    SPC_NS_USER,
    SPC_NS_CGROUP,
    SPC_NS_IPC,
    SPC_NS_UTS,
    SPC_NS_NET,
    SPC_NS_PID,
    SPC_NS_TIME,
    SPC_NS_MNT,
    _SPC_NS_MAX,
};

struct spc_ns_info {
    const char *name; // as in /proc/PID/ns, and in every output
    int clone_flag;   // CLONE_NEW...
    const char *what; // what it isolates, for people: "processes", "network"
};

extern const struct spc_ns_info spc_ns_table[_SPC_NS_MAX];

#define SPC_NS_BIT(kind) (1u << (kind))
#define SPC_NS_ALL       (SPC_NS_BIT(_SPC_NS_MAX) - 1)
