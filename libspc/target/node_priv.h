// SPDX-License-Identifier: BSD-2-Clause
// Reading below a node's root and its /proc.
#pragma once

#include <spc/container.h>
#include <spc/ns_table.h>

#define SPC_NS_TEXT 32 // "cgroup:[4026531835]"

struct spc_node {
    int rootfd;
    int procfd;
    bool is_live;       // procfd is procfs: processes can be held, and may vanish
    bool is_our_pid_ns; // the PIDs of it are PIDs for our system calls too
    int cgroup2fd;      // root of the cgroup2 tree, SPC_NOFD when there is none
    int freezerfd;      // root of the v1 freezer, likewise
    uint64_t uptime_ns; // when the node was opened; UINT64_MAX when not known
    pid_t host_pid;     // a process in the host's namespaces: PID 1, or kthreadd
    char host_ns[_SPC_NS_MAX][SPC_NS_TEXT]; // its links; "" when not readable
};

// /proc/PID/NAME into buf, NUL-terminated; its length or a negative errno.
ssize_t spc_node_read(const struct spc_node *node, pid_t pid, const char *name, char *buf,
                      size_t size);
// The text of the link /proc/PID/NAME; its length or a negative errno.
ssize_t spc_node_link(const struct spc_node *node, pid_t pid, const char *name, char *buf,
                      size_t size);

// Descriptor (O_PATH) of the root directory that the process sees: the node's own root for a
// process in the host's mount namespace.
int spc_node_open_root_of(const struct spc_node *node, pid_t pid);

// Namespaces of the process that are the host's.
unsigned spc_node_shared(const struct spc_node *node, pid_t pid);

// Whether the freezer (v1 or v2) holds the cgroup. `state` is that of a process in it.
bool spc_node_is_frozen(const struct spc_node *node, const char *cgroup, char state);

// The user's name from the node's /etc/passwd: no NSS, which would load code. NULL when not found.
// `cache` is the file's text, read at the first use; the caller frees it.
char *spc_node_user(const struct spc_node *node, uid_t uid, char **cache);
// The home directory of a user, likewise.
char *spc_node_home(const struct spc_node *node, uid_t uid, char **cache);
