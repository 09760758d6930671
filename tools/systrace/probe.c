// SPDX-License-Identifier: BSD-2-Clause
#include "probe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <spc/fd.h>

#include <syscall.skel.h>

#include "probe_priv.h"
#include "threads.h"

static_assert((int)SYSTRACE_SCOPE_ALL == SCOPE_ALL, "scope.h and events.h agree");
static_assert((int)SYSTRACE_SCOPE_CGROUP == SCOPE_CGROUP, "scope.h and events.h agree");
static_assert((int)SYSTRACE_SCOPE_PROCESS == SCOPE_PROCESS, "scope.h and events.h agree");
static_assert((int)SYSTRACE_SCOPE_PIDNS == SCOPE_PIDNS, "scope.h and events.h agree");
static_assert((int)SYSTRACE_ABI_MAX == _ABI_MAX, "calls.h and events.h agree");
static_assert((int)SYSTRACE_CALL_MAX == CALL_MAX, "calls.h and events.h agree");

enum {
    DEFAULT_MEMORY = 16 << 20,
    LEAST_MEMORY = 256 << 10, // below that a map that is refused is refused for another reason
    // Histograms of a call seldom span more than five chunks (ten octaves) in all.
    CHUNKS_PER_CELL = 5,
    HASH_OVERHEAD = 64, // of an element, roughly
    ERROR_ENTRIES = 4096,
    LEAST_THREADS = 4096,
};

// Which programs each kind consists of, in the order in which they are attached. Entries come
// before returns: a return without its entry would look like a call that seccomp refused.
static const struct {
    const char *name;
    const char *programs[8];
    size_t enter; // index of the program of sys_enter
} kinds[] = {
    [SYSTRACE_PROBE_BTF] = {"btf", {"task_exit", "switch_btf", "enter_btf", "leave_btf"}, 2},
    [SYSTRACE_PROBE_SLOT] = {"slot",
                             {"task_exit", "switch_plain", "enter_plain", "leave_plain"},
                             2},
    [SYSTRACE_PROBE_HASH] = {"hash", {"task_exit", "enter_hash", "leave_hash"}, 1},
};
static_assert(SPC_ARRAY_SIZE(kinds) == SYSTRACE_PROBE_MAX, "every kind has its programs");

static const char *const empty_programs[] = {"enter_empty", "leave_empty", NULL};

const char *systrace_probe_kind_name(enum probe_kind kind)
{
    return (unsigned)kind < SYSTRACE_PROBE_MAX ? kinds[kind].name : "empty";
}

enum probe_kind systrace_probe_get_kind(const struct probe *probe)
{
    return probe->kind;
}

const char *const *systrace_probe_programs(const struct probe *probe)
{
    return probe->is_empty ? empty_programs : kinds[probe->kind].programs;
}

// --- configuration ------------------------------------------------------------------------------

static void set_numbers(struct probe_config *config)
{
    static const char *const forks[FORK_CALLS] = {"clone", "clone3", "fork", "vfork"};
    for (enum abi abi = 0; abi < SYSTRACE_ABI_MAX; abi++) {
        // -1, where there is no such call, is equal to no number that the kernel gives.
        config->exit_nr[abi] = (__u32)systrace_call_number(abi, "exit");
        config->exit_group_nr[abi] = (__u32)systrace_call_number(abi, "exit_group");
        config->sigreturn_nr[abi][0] = (__u32)systrace_call_number(abi, "rt_sigreturn");
        config->sigreturn_nr[abi][1] = (__u32)systrace_call_number(abi, "sigreturn");
        for (size_t i = 0; i < FORK_CALLS; i++)
            config->fork_nr[abi][i] = (__u32)systrace_call_number(abi, forks[i]);
    }
}

static enum probe_group group_of(const struct scope *scope)
{
    switch (scope->by) {
    case SYSTRACE_BY_CALL:
        break;
    case SYSTRACE_BY_PROCESS:
        return GROUP_PROCESS;
    case SYSTRACE_BY_CONTAINER:
        return scope->kind != SYSTRACE_SCOPE_ALL ? GROUP_TARGET
               : scope->is_by_pidns              ? GROUP_PIDNS
                                                 : GROUP_CGROUP;
    }
    return GROUP_ONE;
}

static void add_level(struct probe_config *config, unsigned level)
{
    for (unsigned i = 0; i < config->level_count; i++)
        if (config->levels[i] == level)
            return;
    if (config->level_count < CGROUP_LEVELS)
        config->levels[config->level_count++] = level;
}

static void make_config(const struct probe_options *options, unsigned cpus, uint64_t memory,
                        struct probe_config *ret)
{
    const struct scope *scope = options->scope;
    uint64_t cell_size = sizeof(struct probe_cell) + sizeof(struct probe_cell_key) + HASH_OVERHEAD +
                         CHUNKS_PER_CELL * sizeof(struct probe_chunk);
    uint64_t cells = memory / cpus / cell_size;
    // References to chunks have 16 bits.
    if (cells > UINT16_MAX / CHUNKS_PER_CELL)
        cells = UINT16_MAX / CHUNKS_PER_CELL;

    *ret = (struct probe_config){
        .scope = (__u32)scope->kind,
        .group = group_of(scope),
        .cpus = cpus,
        .cells = cells ? (__u32)cells : 1,
        .self = (__u32)getpid(),
        .is_following = scope->is_following,
        .generation = 1,
        .has_calls = options->filter->is_set,
    };
    ret->chunks = ret->cells * CHUNKS_PER_CELL;
    for (size_t i = 0; scope->kind == SYSTRACE_SCOPE_CGROUP && i < scope->member_count; i++)
        add_level(ret, scope->members[i].level);
    memcpy(ret->calls, options->filter->bits, sizeof(ret->calls));
    set_numbers(ret);
}

// Threads on this machine, from "0.00 0.00 0.00 1/523 9999".
static unsigned count_threads(void)
{
    spc_auto_close int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char text[128];
    unsigned threads = 0;
    if (fd >= 0 && spc_read_small(fd, "loadavg", text, sizeof(text)) > 0) {
        const char *slash = strchr(text, '/');
        threads = slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
    }
    return 2 * threads < LEAST_THREADS ? LEAST_THREADS : 2 * threads;
}

static void set_sizes(struct probe *probe)
{
    const struct probe_config *c = &probe->config;
    unsigned threads = count_threads();
    size_t members = probe->scope->member_count;
    bpf_map__set_max_entries(probe->skel->maps.cells, c->cells * c->cpus);
    bpf_map__set_max_entries(probe->skel->maps.chunks, c->chunks * c->cpus);
    bpf_map__set_max_entries(probe->skel->maps.cell_index, c->cells * c->cpus);
    bpf_map__set_max_entries(probe->skel->maps.threads, threads);
    bpf_map__set_max_entries(probe->skel->maps.attached, threads);
    bpf_map__set_max_entries(probe->skel->maps.errors, ERROR_ENTRIES);
    // Room for processes that members start.
    bpf_map__set_max_entries(probe->skel->maps.scope_set, probe->scope->is_following
                                                              ? (unsigned)members + threads
                                                              : (unsigned)members + 1);
}

// --- loading ------------------------------------------------------------------------------------

static bool is_program_of(const struct probe *probe, const char *name)
{
    for (const char *const *p = systrace_probe_programs(probe); *p; p++)
        if (strcmp(*p, name) == 0)
            return true;
    return probe->config.is_following && probe->kind == SYSTRACE_PROBE_BTF &&
           strcmp(name, "task_fork") == 0;
}

static int fill_maps(struct probe *probe, struct spc_err *err)
{
    __u32 zero = 0;
    if (bpf_map_update_elem(bpf_map__fd(probe->skel->maps.config), &zero, &probe->config, 0) < 0)
        return spc_err_set(err, -errno, "configuring the probes");
    for (size_t i = 0; i < probe->scope->member_count; i++) {
        const struct scope_member *m = &probe->scope->members[i];
        __u64 key = m->key, group = m->group;
        if (bpf_map_update_elem(bpf_map__fd(probe->skel->maps.scope_set), &key, &group, 0) < 0)
            return spc_err_set(err, -errno, "telling the probes their targets");
    }
    return 0;
}

static int load(struct probe *probe, struct spc_err *err)
{
    struct bpf_program *program;
    probe->skel = syscall_bpf__open();
    if (!probe->skel)
        return spc_err_set(err, -errno, "opening the probes");
    bpf_object__for_each_program(program, probe->skel->obj)
        bpf_program__set_autoload(program, is_program_of(probe, bpf_program__name(program)));
    set_sizes(probe);
    int r = syscall_bpf__load(probe->skel);
    if (r < 0)
        return spc_err_set(err, r, "loading the %s probes", systrace_probe_kind_name(probe->kind));
    return fill_maps(probe, err);
}

static void unload(struct probe *probe)
{
    for (size_t i = probe->link_count; i-- > 0;)
        bpf_link__destroy(probe->links[i]);
    probe->link_count = 0;
    if (probe->skel)
        syscall_bpf__destroy(probe->skel);
    probe->skel = NULL;
}

// Below kernel 5.11 maps are charged to RLIMIT_MEMLOCK, which libbpf raises where it may. Where it
// may not, a map that is refused may be one that is too large: less memory is better than nothing.
static int load_kind(struct probe *probe, const struct probe_options *options, struct spc_err *err)
{
    uint64_t memory = options->memory ? options->memory : DEFAULT_MEMORY;
    int r;
    for (;; memory /= 2) {
        spc_err_clear(err);
        make_config(options, probe->cpus, memory, &probe->config);
        r = load(probe, err);
        if (r != -EPERM && r != -ENOMEM)
            return r;
        if (options->memory || memory <= LEAST_MEMORY)
            return r;
        unload(probe);
    }
}

static int load_best(struct probe *probe, const struct probe_options *options, struct spc_err *err)
{
    int first = options->kind, last = first, r = -ENOTSUP;
    if (options->kind == SYSTRACE_PROBE_EMPTY) {
        probe->is_empty = true;
        first = last = SYSTRACE_PROBE_HASH;
    } else if (options->kind == SYSTRACE_PROBE_AUTO) {
        first = 0;
        last = SYSTRACE_PROBE_MAX - 1;
    }
    for (int kind = first; kind <= last; kind++) {
        spc_err_clear(err);
        probe->kind = (enum probe_kind)kind;
        r = load_kind(probe, options, err);
        if (r >= 0)
            return 0;
        unload(probe);
    }
    if (r == -EPERM)
        spc_err_hint(err, "run it as root, or with CAP_BPF and CAP_PERFMON");
    else if (options->kind >= 0)
        spc_err_hint(err, "leave out --probe to use what this kernel offers");
    return r;
}

int systrace_probe_open(const struct probe_options *options, struct probe **ret,
                        struct spc_err *err)
{
    int cpus = libbpf_num_possible_cpus();
    SPC_CLEANUP(systrace_probe_free_p) struct probe *probe = calloc(1, sizeof(*probe));
    if (!probe)
        return spc_err_set(err, -ENOMEM, "probes");
    if (cpus < 0)
        return spc_err_set(err, cpus, "counting the processors");
    probe->scope = options->scope;
    probe->cpus = (unsigned)cpus;
    // What libbpf would print about a program that an older kernel refuses is no news to the user.
    libbpf_set_print(NULL);
    int r = load_best(probe, options, err);
    if (r < 0)
        return r;
    *ret = SPC_TAKE_PTR(probe);
    return 0;
}

void systrace_probe_free(struct probe *probe)
{
    unload(probe);
    free(probe);
}

// --- attaching ----------------------------------------------------------------------------------

static int attach_one(struct probe *probe, const char *name, struct spc_err *err)
{
    struct bpf_program *program = bpf_object__find_program_by_name(probe->skel->obj, name);
    struct bpf_link *link = program ? bpf_program__attach(program) : NULL;
    if (!link)
        return spc_err_set(err, program ? -errno : -ENOENT, "attaching the probe %s", name);
    probe->links[probe->link_count++] = link;
    return 0;
}

// Called for each thread that sleeps in a system call. One that does not fit is only missing in the
// table of calls in progress.
static void note_attached(pid_t tgid, pid_t tid, unsigned nr, void *context)
{
    struct probe *probe = context;
    __u32 key = (__u32)tid;
    struct probe_attached value = {.tgid = (__u32)tgid, .nr = nr};
    bpf_map_update_elem(bpf_map__fd(probe->skel->maps.attached), &key, &value, 0);
}

int systrace_probe_attach(struct probe *probe, struct spc_err *err)
{
    const char *const *programs = systrace_probe_programs(probe);
    int r = is_program_of(probe, "task_fork") ? attach_one(probe, "task_fork", err) : 0;
    for (size_t i = 0; r == 0 && programs[i]; i++) {
        r = attach_one(probe, programs[i], err);
        // Whoever is in a call now and is not known to the program of entries was in it before.
        if (r == 0 && !probe->is_empty && i == kinds[probe->kind].enter)
            systrace_threads_in_calls(note_attached, probe);
    }
    return r;
}

int systrace_probe_detach(struct probe *probe, struct spc_err *err)
{
    for (size_t i = 0; i < probe->link_count; i++)
        if (bpf_link__detach(probe->links[i]) < 0)
            bpf_link__disconnect(probe->links[i]);
    for (size_t i = 0; i < probe->link_count; i++)
        bpf_link__destroy(probe->links[i]);
    probe->link_count = 0;
    (void)err;
    // Waits until no CPU is inside a program any more (a grace period of RCU); membarrier(2).
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
    return 0;
}
