// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * What the probes and the one file that loads them (tools/systrace/probe.c) agree on.
 */
#pragma once

#include "buckets.h"

enum {
    CELL_CHUNK = 16, /* buckets in a chunk: two octaves */
    CELL_CHUNKS = HIST_BUCKETS / CELL_CHUNK,
    CALL_MAX = 1023, /* highest number told apart; every invalid number is this one */
    CALL_WORDS = (CALL_MAX + 1) / 64,
    CELL_CACHE = 512, /* entries a CPU; a power of two */
    COMM_LEN = 16,
    CGROUP_LEVELS = 8,
    FORK_CALLS = 4,
};

/* Which table a system call number is of. */
enum call_abi { ABI_NATIVE, ABI_COMPAT, ABI_X32, _ABI_MAX };

/* What the kernel offers to the programs, from the least on. */
enum probe_tier {
    TIER_HASH, /* a call in progress is kept in a hash; no time off the CPU */
    TIER_SLOT, /* it is kept in its CPU's slot and follows its task at sched_switch */
    TIER_BTF,  /* and BTF tells 32-bit calls, run-queue time, cgroups and PID namespaces */
    _TIER_MAX,
};

/* Whose calls are timed: by what the keys of `scope_set` are. */
enum probe_scope { SCOPE_ALL, SCOPE_CGROUP, SCOPE_PROCESS, SCOPE_PIDNS };

/* What a call is accounted to. SCOPE_TARGET: the value of the entry of `scope_set`. */
enum probe_group { GROUP_ONE, GROUP_PROCESS, GROUP_CGROUP, GROUP_PIDNS, GROUP_TARGET };

/* Written by user space before the programs are attached; only `generation` changes after. */
struct probe_config {
    __u32 scope, group;
    __u32 cpus, cells, chunks; /* of one CPU */
    __u32 self;                /* the recorder's process, never timed */
    __u32 is_following;        /* children of a process in scope are in scope */
    __u32 generation;          /* of scope_set: verdicts that were kept are void when it moves */
    __u32 levels[CGROUP_LEVELS], level_count; /* depths of the cgroups in scope_set */
    __u32 has_calls;                          /* only the calls whose bit is set */
    __u32 exit_nr[_ABI_MAX], exit_group_nr[_ABI_MAX], sigreturn_nr[_ABI_MAX][2];
    __u32 fork_nr[_ABI_MAX][FORK_CALLS];
    __u64 calls[_ABI_MAX][CALL_WORDS];
};

/* abi << 16 | number */
#define CALL_ID(abi, nr) ((__u32)(abi) << 16 | (__u32)(nr))

/* A system call in progress. `task` is 0 while there is none. */
struct probe_call {
    __u64 task;      /* address of the task_struct: survives what a thread ID does not (exec) */
    __u64 start;     /* CLOCK_MONOTONIC ns, as all times here */
    __u64 off_since; /* when the task was switched out; 0: never */
    __u64 off;       /* time switched out until off_since */
    __u64 run_delay; /* the task's run_delay at the first switch */
    __u64 group;
    __u32 call;
    __u32 tid, tgid;
    __u32 pad;
};

/* A thread that was in a call before it could be timed. */
struct probe_attached {
    __u32 tgid, nr;
};

/* A return without an entry. */
struct probe_stray {
    __u64 task, group;
    __s64 ret;
    __u32 call, tid;
};

/* Kinds of histogram that a cell has. */
enum cell_hist {
    CELL_RUN, /* duration of calls that ran without being switched out */
    CELL_OFF, /* duration of calls that were switched out */
    CELL_CPU, /* time on CPU of the latter */
    _CELL_HIST_MAX,
};

/* Statistics of one call of one group on one CPU, which alone writes it. */
struct probe_cell {
    __u64 group;
    __u32 call, tgid;
    char comm[COMM_LEN];
    __u64 count, total, min, max; /* calls that returned */
    __u64 off, run_queue;         /* parts of total: not on a CPU; of that, runnable */
    __u64 switched;               /* calls that were switched out */
    __u64 errors, restarts;       /* returned -errno; were interrupted (-512..-516) */
    __u64 denied;                 /* ended in error before the call was entered: seccomp */
    __u64 no_entry;               /* other returns without an entry */
    __u64 no_return;              /* entries of calls that never return */
    __u16 chunk[_CELL_HIST_MAX][CELL_CHUNKS]; /* 1 + index among the CPU's chunks; 0: none yet */
};

struct probe_chunk {
    __u64 count[CELL_CHUNK];
};

struct probe_cell_key {
    __u64 group;
    __u32 call, cpu;
};

struct probe_error_key {
    __u64 group;
    __u32 call, error;
};

/* What could not be stored, by what there was no room for. */
enum probe_lost { LOST_CELL, LOST_CHUNK, LOST_THREAD, LOST_ERROR, LOST_CPU, _LOST_MAX };

struct probe_cache_entry {
    __u64 group;
    __u32 call;
    __u32 cell; /* 1 + index; 0: empty */
};

/* State of one CPU. */
struct probe_cpu {
    struct probe_call current;
    __u64 seen;                                 /* task whose call returned here, until a switch */
    __u64 skip;                                 /* task whose call is known to be out of scope */
    __u64 verdict_key, verdict_group;           /* the last question to scope_set, */
    __u32 verdict_generation, verdict_is_match; /* and its answer */
    __u32 cell_count, chunk_count;
    __u64 lost[_LOST_MAX];
    struct probe_cache_entry cache[CELL_CACHE];
};
