// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdbool.h>

#include <spc/container.h>
#include <spc/table.h>

struct ps_config {
    bool is_all, has_processes, has_labels, is_quiet, is_json, is_every, is_full;
    const char *sysroot;
};

// Bold only on a terminal whose user did not say otherwise (no-color.org).
struct spc_table_options ps_table_options(const struct ps_config *cfg);

// Containers with their processes below them.
int ps_print_processes(const struct ps_config *cfg, const struct spc_containers *containers,
                       const struct spc_processes *processes, struct spc_err *err);

// `spc ps -ef [PATTERN]`: every process of the node.
int ps_every(const struct ps_config *cfg, struct spc_node *node, const char *pattern,
             struct spc_err *err);
