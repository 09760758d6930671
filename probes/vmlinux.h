// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The few kernel types that the probes read, written by hand: a build needs no BTF of the builder's
 * kernel. Offsets come from the BTF of the kernel that loads the program (CO-RE), so only names and
 * types have to be right here.
 */
#pragma once

/* <bpf/bpf_tracing.h> takes the kernel's names of registers only when it sees this. */
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

enum {
    false = 0,
    true = 1,
};

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
};

enum {
    BPF_ANY = 0,
    BPF_NOEXIST = 1,
};

struct bpf_raw_tracepoint_args {
    __u64 args[0];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
    unsigned long flags;
    __u32 status; /* x86 */
};

struct sched_info {
    unsigned long long run_delay;
};

struct kernfs_node {
    __u64 id;
};

struct cgroup {
    struct kernfs_node *kn;
};

struct css_set {
    struct cgroup *dfl_cgrp;
};

struct ns_common {
    unsigned int inum;
};

struct pid_namespace {
    struct ns_common ns;
};

struct nsproxy {
    struct pid_namespace *pid_ns_for_children;
};

struct task_struct {
    struct thread_info thread_info;
    int pid;
    int tgid;
    struct sched_info sched_info;
    struct css_set *cgroups;
    struct nsproxy *nsproxy;
};

#pragma clang attribute pop
