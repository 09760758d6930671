// SPDX-License-Identifier: BSD-2-Clause
// What the loader of the probes and the decoder of what they wrote share.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The kernel's types first: events.h is written in them.
#include <linux/types.h>

#include <events.h>

#include "probe.h"

struct syscall_bpf; // of the generated syscall.skel.h
struct bpf_link;

struct probe {
    struct syscall_bpf *skel;
    const struct scope *scope;
    enum probe_kind kind;
    bool is_empty;
    struct probe_config config;
    unsigned cpus;
    struct bpf_link *links[8];
    size_t link_count;
};

// Names of the programs in use, ended by NULL.
const char *const *systrace_probe_programs(const struct probe *probe);
