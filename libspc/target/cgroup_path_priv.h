// SPDX-License-Identifier: BSD-2-Clause
// Which container a cgroup path belongs to, by the names that engines give their cgroups.
#pragma once

#include <stddef.h>

#include <spc/container.h>

// Containers inside containers: deeper ones are taken for processes of the deepest that fits.
#define SPC_CGROUP_CHAIN_MAX 8

struct spc_cgroup_match {
    enum spc_engine engine;
    const char *id; // points into the path
    size_t id_len;
    size_t prefix_len; // of the path, up to and with the container's own cgroup
};

// How an ID has to look for a rule to apply.
enum spc_cgroup_id {
    SPC_CGROUP_ID_HEX,  // 64 hexadecimal digits
    SPC_CGROUP_ID_NAME, // anything
};

// One way in which an engine names the cgroup of a container.
struct spc_cgroup_rule {
    enum spc_engine engine;
    const char *top;           // first component of the path, or NULL
    const char *parent;        // component in front, or NULL
    const char *parent_prefix; // how the component in front begins, or NULL
    const char *prefix;        // what stands before the ID in its component, or ""
    const char *suffix;        // what stands behind it, or ""
    const char *child;         // component that has to follow and belongs to the container, or NULL
    enum spc_cgroup_id id;
    const char *example; // a path that the rule is for; the unit test walks these
};

extern const struct spc_cgroup_rule spc_cgroup_rules[]; // ended by a row without an example

// The containers that `path` (of `len` bytes) runs through, outermost first; their number.
// ".." in front, which a reader in a cgroup namespace of its own sees (cgroup_namespaces(7)), is
// passed over.
size_t spc_cgroup_classify(const char *path, size_t len,
                           struct spc_cgroup_match ret[static SPC_CGROUP_CHAIN_MAX]);
