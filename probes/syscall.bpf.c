// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Times every system call in scope and accumulates statistics in the kernel.
 *
 * A call in progress is kept in a slot of its CPU: half the price of any map keyed by thread. When
 * its task is switched out it is spilled to `threads` and comes back with the task, which also says
 * how long the task was off the CPU. Where there is no sched_switch to be had (or an option says
 * so) the call stays in `threads` from entry to return.
 *
 * Every statistic is written by one CPU only, with preemption off (tracepoints call their programs
 * so), hence without atomic operations; user space adds the CPUs up.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "events.h"

#include "common.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Sizes of one element are for the verifier; probe.c sets the real ones before loading. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct probe_config);
} config SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct probe_cpu);
} cpus SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, struct probe_cell_key);
    __type(value, __u32);
} cell_index SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct probe_cell);
} cells SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct probe_chunk);
} chunks SEC(".maps");

/* Calls in progress, by address of the task. An entry stays while the thread lives: writing into it
 * is far cheaper than adding and deleting one for every call. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, struct probe_call);
} threads SEC(".maps");

/* Threads that were inside a call when the programs were attached, by thread ID. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct probe_attached);
} attached SEC(".maps");

/* What is in scope: cgroup IDs, process IDs or inodes of PID namespaces, to a group. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, __u64);
} scope_set SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, struct probe_error_key);
    __type(value, __u64);
} errors SEC(".maps");

INLINE __u64 cgroup_of(const struct caller *caller, const bool has_btf)
{
    if (has_btf) /* 3 ns instead of the helper's 20 */
        return caller->task->cgroups->dfl_cgrp->kn->id;
    return bpf_get_current_cgroup_id();
}

INLINE __u64 pidns_of(const struct caller *caller, const bool has_btf)
{
    if (!has_btf)
        return 0;
    struct nsproxy *ns = caller->task->nsproxy;
    return ns ? ns->pid_ns_for_children->ns.inum : 0;
}

INLINE bool find_in_set(const struct probe_config *cfg, __u64 key, __u64 *group,
                        const enum probe_tier tier)
{
    __u64 *found = bpf_map_lookup_elem(&scope_set, &key);
    /* bpf_get_current_ancestor_cgroup_id() came after what the last tier is for. Unrolled: kernels
     * below 5.3 refuse loops. */
    if (tier != TIER_HASH && !found && cfg->scope == SCOPE_CGROUP) {
#pragma unroll
        for (unsigned i = 0; i < CGROUP_LEVELS; i++) {
            if (found || i >= cfg->level_count)
                break;
            __u64 above = bpf_get_current_ancestor_cgroup_id(cfg->levels[i]);
            found = bpf_map_lookup_elem(&scope_set, &above);
        }
    }
    if (!found)
        return false;
    *group = *found;
    return true;
}

/* The last verdict is kept: a CPU mostly runs calls of one task after another. */
INLINE bool is_in_set(const struct probe_config *cfg, struct probe_cpu *cpu, __u64 key,
                      __u64 *group, const enum probe_tier tier)
{
    if (cpu->verdict_key != key || cpu->verdict_generation != cfg->generation) {
        __u64 found = 0;
        cpu->verdict_generation = cfg->generation;
        cpu->verdict_is_match = find_in_set(cfg, key, &found, tier);
        cpu->verdict_group = found;
        cpu->verdict_key = key;
    }
    *group = cpu->verdict_group;
    return cpu->verdict_is_match;
}

/* Whether the caller is in scope, and what its call is accounted to. */
INLINE bool is_in_scope(const struct probe_config *cfg, struct probe_cpu *cpu,
                        const struct caller *caller, __u64 *group, const enum probe_tier tier)
{
    const bool has_btf = tier == TIER_BTF;
    *group = 0;
    if (caller->tgid == cfg->self)
        return false;
    if (cfg->scope != SCOPE_ALL) {
        __u64 key = cfg->scope == SCOPE_PROCESS  ? caller->tgid
                    : cfg->scope == SCOPE_CGROUP ? cgroup_of(caller, has_btf)
                                                 : pidns_of(caller, has_btf);
        if (!is_in_set(cfg, cpu, key, group, tier))
            return false;
    }
    if (cfg->group == GROUP_PROCESS)
        *group = caller->tgid;
    else if (cfg->group == GROUP_CGROUP)
        *group = cgroup_of(caller, has_btf);
    else if (cfg->group == GROUP_PIDNS)
        *group = pidns_of(caller, has_btf);
    else if (cfg->group == GROUP_ONE)
        *group = 0;
    return true;
}

INLINE __u32 call_id(const struct caller *caller, long nr, const bool has_btf)
{
    __u32 abi = caller_abi(caller, nr, has_btf);
    if (abi == ABI_X32)
        nr &= ~X32_BIT;
    return CALL_ID(abi, nr < 0 || nr > CALL_MAX ? CALL_MAX : nr);
}

INLINE bool is_wanted(const struct probe_config *cfg, __u32 call)
{
    if (!cfg->has_calls)
        return true;
    __u32 abi = call >> 16, nr = call & CALL_MAX;
    if (abi >= _ABI_MAX)
        return false;
    return cfg->calls[abi][nr / 64] >> (nr % 64) & 1;
}

/* Out of line: a new cell is rare, and the code is large. Returns 1 + index, or 0. */
static __attribute__((noinline)) __u32 add_cell(struct probe_cpu *cpu, struct probe_config *cfg,
                                                struct probe_cell_key *key)
{
    __u32 *known = bpf_map_lookup_elem(&cell_index, key);
    if (known)
        return *known;
    if (key->cpu >= cfg->cpus) {
        cpu->lost[LOST_CPU]++;
        return 0;
    }
    if (cpu->cell_count >= cfg->cells) {
        cpu->lost[LOST_CELL]++;
        return 0;
    }
    __u32 index = key->cpu * cfg->cells + cpu->cell_count;
    struct probe_cell *cell = bpf_map_lookup_elem(&cells, &index);
    __u32 id = index + 1;
    if (!cell || bpf_map_update_elem(&cell_index, key, &id, BPF_ANY) < 0) {
        cpu->lost[LOST_CELL]++;
        return 0;
    }
    cpu->cell_count++;
    cell->group = key->group;
    cell->call = key->call;
    cell->min = ~0ull;
    cell->tgid = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(cell->comm, sizeof(cell->comm));
    return id;
}

INLINE struct probe_cell *find_cell(struct probe_cpu *cpu, struct probe_config *cfg, __u64 group,
                                    __u32 call)
{
    __u32 at = (group * 0x9e3779b97f4a7c15ull >> 32 ^ call * 0x85ebca6bu >> 16) & (CELL_CACHE - 1);
    struct probe_cache_entry *entry = &cpu->cache[at];
    __u32 id = entry->cell;
    if (!id || entry->group != group || entry->call != call) {
        struct probe_cell_key key = {
            .group = group, .call = call, .cpu = bpf_get_smp_processor_id()};
        id = add_cell(cpu, cfg, &key);
        if (!id)
            return 0;
        entry->group = group;
        entry->call = call;
        entry->cell = id;
    }
    id--;
    return bpf_map_lookup_elem(&cells, &id);
}

INLINE void count_duration(struct probe_cpu *cpu, const struct probe_config *cfg,
                           struct probe_cell *cell, enum cell_hist which, __u64 ns)
{
    __u32 bucket = hist_bucket(ns) & (HIST_BUCKETS - 1);
    __u16 *ref = &cell->chunk[which][bucket / CELL_CHUNK];
    if (!*ref) {
        if (cpu->chunk_count >= cfg->chunks) {
            cpu->lost[LOST_CHUNK]++;
            return;
        }
        *ref = ++cpu->chunk_count;
    }
    __u32 index = bpf_get_smp_processor_id() * cfg->chunks + *ref - 1;
    struct probe_chunk *chunk = bpf_map_lookup_elem(&chunks, &index);
    if (chunk)
        chunk->count[bucket % CELL_CHUNK]++;
}

INLINE bool is_sigreturn(const struct probe_config *cfg, __u32 call)
{
    __u32 abi = call >> 16, nr = call & CALL_MAX;
    return abi < _ABI_MAX && (nr == cfg->sigreturn_nr[abi][0] || nr == cfg->sigreturn_nr[abi][1]);
}

INLINE void count_result(struct probe_cpu *cpu, struct probe_cell *cell, __u64 group, __u32 call,
                         long ret)
{
    if (ret >= 0 || ret < -4095)
        return;
    /* ERESTARTSYS..ERESTART_RESTARTBLOCK never reach the caller: the call goes on or is EINTR. */
    if (ret <= -512 && ret >= -516) {
        cell->restarts++;
        return;
    }
    cell->errors++;
    struct probe_error_key key = {.group = group, .call = call, .error = -ret};
    __u64 one = 1, *count = bpf_map_lookup_elem(&errors, &key);
    if (count)
        __sync_fetch_and_add(count, 1);
    else if (bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST) < 0) {
        count = bpf_map_lookup_elem(&errors, &key); /* another CPU was first */
        if (count)
            __sync_fetch_and_add(count, 1);
        else
            cpu->lost[LOST_ERROR]++;
    }
}

INLINE struct probe_config *get_config(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&config, &zero);
}

INLINE struct probe_cpu *get_cpu(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&cpus, &zero);
}

/* exit(2) and exit_group(2) are counted when they are entered; there is no return to wait for. */
INLINE bool is_last(const struct probe_config *cfg, __u32 call)
{
    __u32 abi = call >> 16, nr = call & CALL_MAX;
    return abi < _ABI_MAX && (nr == cfg->exit_nr[abi] || nr == cfg->exit_group_nr[abi]);
}

INLINE int enter(struct bpf_raw_tracepoint_args *ctx, const enum probe_tier tier)
{
    const bool has_btf = tier == TIER_BTF;
    struct probe_config *cfg = get_config();
    struct probe_cpu *cpu = get_cpu();
    if (!cfg || !cpu)
        return 0;

    struct caller caller;
    struct probe_call *now = &cpu->current;
    __u64 group;
    caller_get(&caller, has_btf);
    now->task = 0;
    cpu->skip = caller.address;
    if (!is_in_scope(cfg, cpu, &caller, &group, tier))
        return 0;
    __u32 call = call_id(&caller, ctx->args[1], has_btf);
    if (!is_wanted(cfg, call))
        return 0;
    cpu->skip = 0;
    if (is_last(cfg, call)) {
        struct probe_cell *cell = find_cell(cpu, cfg, group, call);
        if (cell)
            cell->no_return++;
        return 0;
    }

    if (tier == TIER_HASH) {
        struct probe_call empty = {};
        now = bpf_map_lookup_elem(&threads, &caller.address);
        if (!now) {
            if (bpf_map_update_elem(&threads, &caller.address, &empty, BPF_ANY) < 0)
                cpu->lost[LOST_THREAD]++;
            now = bpf_map_lookup_elem(&threads, &caller.address);
            if (!now)
                return 0;
        }
    }
    now->group = group;
    now->call = call;
    now->tid = caller.tid;
    now->tgid = caller.tgid;
    now->off_since = 0;
    now->off = 0;
    now->task = caller.address;
    now->start = bpf_ktime_get_ns(); /* last: what comes before is not the call's time */
    return 0;
}

/* Whether the thread made a call since the programs were attached: then it was not in one before.
 */
INLINE bool was_seen(struct probe_cpu *cpu, __u64 task)
{
    if (cpu->seen == task || bpf_map_lookup_elem(&threads, &task))
        return true;
    struct probe_call none = {};
    if (bpf_map_update_elem(&threads, &task, &none, BPF_NOEXIST) < 0)
        cpu->lost[LOST_THREAD]++;
    return false;
}

/* A return that nothing was entered for: refused by seccomp before the tracepoint, the first return
 * of a new thread, or entered before the programs were attached. Out of line, as it is rare. */
static __attribute__((noinline)) int count_stray(struct probe_cpu *cpu, struct probe_config *cfg,
                                                 struct probe_stray *stray)
{
    __u32 call = stray->call, abi = call >> 16, tid = stray->tid;
    bool is_seen = was_seen(cpu, stray->task), is_attached = bpf_map_lookup_elem(&attached, &tid);
    if (is_attached)
        bpf_map_delete_elem(&attached, &tid);
    if (!is_wanted(cfg, call))
        return 0;
    if (stray->ret == 0 && abi < _ABI_MAX) {
#pragma unroll
        for (unsigned i = 0; i < FORK_CALLS; i++)
            if ((call & CALL_MAX) == cfg->fork_nr[abi][i])
                return 0; /* of a new thread */
    }
    struct probe_cell *cell = find_cell(cpu, cfg, stray->group, call);
    if (!cell)
        return 0;
    long ret = stray->ret;
    bool is_restart = ret <= -512 && ret >= -516;
    if (is_seen && !is_attached && ret < 0 && ret >= -4095 && !is_restart)
        cell->denied++;
    else
        cell->no_entry++;
    return 0;
}

/* The call of a task that was switched in without the tracepoint (some hypervisors' kernels keep
 * their agent's switches to themselves): it is still where it was spilled to. */
INLINE struct probe_call *recall(const struct caller *caller, __u64 end)
{
    __u64 address = caller->address;
    struct probe_call *spilled = bpf_map_lookup_elem(&threads, &address);
    if (spilled && spilled->task)
        spilled->off += end - spilled->off_since;
    return spilled;
}

INLINE int leave(struct bpf_raw_tracepoint_args *ctx, const enum probe_tier tier)
{
    const bool has_btf = tier == TIER_BTF;
    __u64 end = bpf_ktime_get_ns(); /* first */
    struct probe_cpu *cpu = get_cpu();
    struct probe_config *cfg = get_config();
    if (!cfg || !cpu)
        return 0;

    struct caller caller;
    struct probe_call *now = &cpu->current;
    caller_get(&caller, has_btf);
    if (tier == TIER_HASH)
        now = bpf_map_lookup_elem(&threads, &caller.address);
    if (tier != TIER_HASH && now->task != caller.address && cpu->skip != caller.address)
        now = recall(&caller, end);
    if (!now || now->task != caller.address) {
        struct probe_stray stray = {.task = caller.address, .ret = ctx->args[1], .tid = caller.tid};
        bool is_skipped = cpu->skip == caller.address;
        cpu->skip = 0;
        if (is_skipped || !is_in_scope(cfg, cpu, &caller, &stray.group, tier))
            return 0;
        stray.call = call_id(&caller, regs_call_number(ctx->args[0]), has_btf);
        return count_stray(cpu, cfg, &stray);
    }
    cpu->seen = caller.address;

    now->task = 0;
    struct probe_cell *cell = find_cell(cpu, cfg, now->group, now->call);
    if (!cell)
        return 0;
    __u64 wall = end - now->start;
    cell->count++;
    cell->total += wall;
    if (wall < cell->min)
        cell->min = wall;
    if (wall > cell->max)
        cell->max = wall;
    if (now->off_since) {
        __u64 off = now->off < wall ? now->off : wall;
        cell->switched++;
        cell->off += off;
        if (has_btf) {
            __u64 queue = caller.task->sched_info.run_delay - now->run_delay;
            cell->run_queue += queue < off ? queue : off;
        }
        count_duration(cpu, cfg, cell, CELL_OFF, wall);
        count_duration(cpu, cfg, cell, CELL_CPU, wall - off);
    } else {
        count_duration(cpu, cfg, cell, CELL_RUN, wall);
    }
    if (!is_sigreturn(cfg, now->call)) /* its result is a register of the interrupted code */
        count_result(cpu, cell, now->group, now->call, ctx->args[1]);
    return 0;
}

INLINE int switch_task(struct bpf_raw_tracepoint_args *ctx, const bool has_btf)
{
    struct probe_cpu *cpu = get_cpu();
    if (!cpu)
        return 0;
    struct probe_call *now = &cpu->current, *spilled;
    __u64 prev = ctx->args[1], next = ctx->args[2], time = 0;
    cpu->skip = 0;
    cpu->seen = 0;
    if (now->task != prev)
        now->task = 0; /* its task left this CPU unseen */
    if (now->task) {
        time = bpf_ktime_get_ns();
        if (has_btf && !now->off_since) {
            struct task_struct *task = bpf_get_current_task_btf(); /* still prev */
            now->run_delay = task->sched_info.run_delay;
        }
        now->off_since = time;
        spilled = bpf_map_lookup_elem(&threads, &prev);
        if (spilled)
            *spilled = *now;
        else if (bpf_map_update_elem(&threads, &prev, now, BPF_ANY) < 0)
            cpu->lost[LOST_THREAD]++;
        now->task = 0;
    }
    spilled = bpf_map_lookup_elem(&threads, &next);
    if (spilled && spilled->task) {
        *now = *spilled;
        now->off += (time ? time : bpf_ktime_get_ns()) - now->off_since;
        spilled->task = 0;
    }
    return 0;
}

INLINE int fork_task(struct bpf_raw_tracepoint_args *ctx)
{
    struct probe_config *cfg = get_config();
    struct task_struct *child = (void *)ctx->args[1];
    if (!cfg)
        return 0;
    __u64 parent = bpf_get_current_pid_tgid() >> 32;
    __u64 key = BPF_CORE_READ(child, tgid), *group = bpf_map_lookup_elem(&scope_set, &parent);
    if (key == parent)
        return 0;
    if (group) {
        __u64 value = *group;
        bpf_map_update_elem(&scope_set, &key, &value, BPF_ANY);
    } else if (bpf_map_delete_elem(&scope_set, &key) < 0) { /* was of a process that is gone? */
        return 0;
    }
    __sync_fetch_and_add(&cfg->generation, 1);
    return 0;
}

SEC("raw_tp/sys_enter")
int enter_btf(struct bpf_raw_tracepoint_args *ctx)
{
    return enter(ctx, TIER_BTF);
}

SEC("raw_tp/sys_exit")
int leave_btf(struct bpf_raw_tracepoint_args *ctx)
{
    return leave(ctx, TIER_BTF);
}

SEC("raw_tp/sched_switch")
int switch_btf(struct bpf_raw_tracepoint_args *ctx)
{
    return switch_task(ctx, true);
}

SEC("raw_tp/sys_enter")
int enter_plain(struct bpf_raw_tracepoint_args *ctx)
{
    return enter(ctx, TIER_SLOT);
}

SEC("raw_tp/sys_exit")
int leave_plain(struct bpf_raw_tracepoint_args *ctx)
{
    return leave(ctx, TIER_SLOT);
}

SEC("raw_tp/sched_switch")
int switch_plain(struct bpf_raw_tracepoint_args *ctx)
{
    return switch_task(ctx, false);
}

SEC("raw_tp/sys_enter")
int enter_hash(struct bpf_raw_tracepoint_args *ctx)
{
    return enter(ctx, TIER_HASH);
}

SEC("raw_tp/sys_exit")
int leave_hash(struct bpf_raw_tracepoint_args *ctx)
{
    return leave(ctx, TIER_HASH);
}

/* An address may become another task's: forget what is known about it. */
SEC("raw_tp/sched_process_exit")
int task_exit(struct bpf_raw_tracepoint_args *ctx)
{
    __u64 task = ctx->args[0];
    bpf_map_delete_elem(&threads, &task);
    return 0;
}

SEC("raw_tp/sched_process_fork")
int task_fork(struct bpf_raw_tracepoint_args *ctx)
{
    return fork_task(ctx);
}

/* What the cheapest possible pair of programs costs, for `tests/bench/systrace`. */
SEC("raw_tp/sys_enter")
int enter_empty(void *ctx)
{
    (void)ctx;
    return 0;
}

SEC("raw_tp/sys_exit")
int leave_empty(void *ctx)
{
    (void)ctx;
    return 0;
}
