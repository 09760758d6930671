// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <spc/container.h>

#include "node_priv.h"

// Everything in the cgroup and below. `container` is what the processes will point to, or NULL.
int spc_processes_of_cgroup(const struct spc_node *node, const char *cgroup,
                            const struct spc_container *container, struct spc_processes *ret,
                            struct spc_err *err);

#define SPC_PROCESS_BUF (64u << 10)

// What is needed to read many processes.
struct spc_process_reader {
    const struct spc_node *node;
    unsigned flags; // enum spc_scan_flags
    char *buf;      // SPC_PROCESS_BUF bytes
    char *passwd;   // cache of the node's /etc/passwd
};

int spc_process_reader_init(struct spc_process_reader *reader, const struct spc_node *node,
                            unsigned flags);
void spc_process_reader_free(struct spc_process_reader *reader);

// One more process; nothing when it has ended.
int spc_processes_add(struct spc_processes *list, struct spc_process_reader *reader, pid_t pid,
                      const struct spc_container *container);
void spc_processes_sort(struct spc_processes *list);
