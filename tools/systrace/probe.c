// SPDX-License-Identifier: BSD-2-Clause
#include "probe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <spc/fd.h>

#include "threads.h"

// The kernel's types first: events.h is written in them.
#include <linux/types.h>

#include <events.h>

#include <syscall.skel.h>

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

static const char *const *programs_of(const struct probe *probe)
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
    for (const char *const *p = programs_of(probe); *p; p++)
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
    int first = options->kind, last = options->kind, r = -ENOTSUP;
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
    const char *const *programs = programs_of(probe);
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

// --- reading ------------------------------------------------------------------------------------

struct raw_cell {
    struct probe_cell cell;
    unsigned cpu;
};

struct reader {
    struct probe *probe;
    struct call_names *names;
    struct sample *sample;
    struct raw_cell *cells; // of all CPUs, sorted by group and call
    size_t cell_count;
};

static void reader_free(struct reader *reader)
{
    free(reader->cells);
}

static int read_map(const struct bpf_map *map, const void *key, void *value, const char *what,
                    struct spc_err *err)
{
    if (bpf_map_lookup_elem(bpf_map__fd(map), key, value) < 0)
        return spc_err_set(err, -errno, "reading %s", what);
    return 0;
}

// Used only where a merged group has one name for several keys (containers).
static int name_group(const struct reader *r, uint64_t key, const char *comm, pid_t tgid,
                      struct spc_buf *out)
{
    spc_buf_reset(out);
    return systrace_scope_group_name(r->probe->scope, key, comm, tgid, out);
}

static int read_cpu(struct reader *r, unsigned cpu, const struct probe_cpu *state,
                    struct spc_err *err)
{
    const struct probe_config *c = &r->probe->config;
    for (unsigned i = 0; i < _LOST_MAX; i++)
        r->sample->lost[i] += state->lost[i];
    if (!state->cell_count || cpu >= c->cpus)
        return 0;
    size_t count = state->cell_count < c->cells ? state->cell_count : c->cells;
    void *bigger = reallocarray(r->cells, r->cell_count + count, sizeof(*r->cells));
    if (!bigger)
        return spc_err_set(err, -ENOMEM, "statistics");
    r->cells = bigger;
    for (size_t i = 0; i < count; i++) {
        struct raw_cell *raw = &r->cells[r->cell_count];
        __u32 index = cpu * c->cells + (__u32)i;
        int status = read_map(r->probe->skel->maps.cells, &index, &raw->cell, "statistics", err);
        if (status < 0)
            return status;
        raw->cpu = cpu;
        r->cell_count++;
    }
    return 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_group_and_call(const void *a, const void *b)
{
    const struct probe_cell *x = &((const struct raw_cell *)a)->cell;
    const struct probe_cell *y = &((const struct raw_cell *)b)->cell;
    int r = compare_u64(x->group, y->group);
    return r ? r : compare_u64(x->call, y->call);
}

static int add_chunk(struct reader *r, const struct raw_cell *raw, unsigned hist, unsigned part,
                     struct call_stats *call, struct spc_err *err)
{
    unsigned ref = raw->cell.chunk[hist][part];
    const struct probe_config *c = &r->probe->config;
    struct probe_chunk chunk;
    if (!ref || ref > c->chunks)
        return 0;
    __u32 index = raw->cpu * c->chunks + ref - 1;
    int status = read_map(r->probe->skel->maps.chunks, &index, &chunk, "histograms", err);
    for (unsigned i = 0; status == 0 && i < CELL_CHUNK; i++) {
        unsigned bucket = part * CELL_CHUNK + i;
        if (!chunk.count[i])
            continue;
        if (hist != CELL_CPU)
            status = systrace_hist_add(&call->wall, bucket, chunk.count[i]);
        if (status == 0 && hist != CELL_OFF)
            status = systrace_hist_add(&call->cpu, bucket, chunk.count[i]);
        if (status < 0)
            return spc_err_set(err, status, "histograms");
    }
    return status;
}

static int add_cell(struct reader *r, const struct raw_cell *raw, struct call_stats *call,
                    struct spc_err *err)
{
    const struct probe_cell *cell = &raw->cell;
    call->abi = (enum abi)(cell->call >> 16);
    call->count += cell->count;
    call->total += cell->total;
    call->off += cell->off;
    call->run_queue += cell->run_queue;
    call->switched += cell->switched;
    call->errors += cell->errors;
    call->restarts += cell->restarts;
    call->denied += cell->denied;
    call->no_entry += cell->no_entry;
    call->no_return += cell->no_return;
    call->min = cell->min < call->min ? cell->min : call->min;
    call->max = cell->max > call->max ? cell->max : call->max;
    for (unsigned hist = 0; hist < _CELL_HIST_MAX; hist++)
        for (unsigned part = 0; part < CELL_CHUNKS; part++) {
            int status = add_chunk(r, raw, hist, part, call, err);
            if (status < 0)
                return status;
        }
    return 0;
}

static int add_cells(struct reader *r, struct spc_err *err)
{
    spc_auto_buf struct spc_buf group = {0};
    struct call_stats *call = NULL;
    for (size_t i = 0; i < r->cell_count; i++) {
        const struct raw_cell *raw = &r->cells[i];
        if (i == 0 || by_group_and_call(raw, raw - 1) != 0) {
            const char *name = systrace_call_name(r->names, (enum abi)(raw->cell.call >> 16),
                                                  raw->cell.call & CALL_MAX);
            char comm[COMM_LEN + 1] = {0};
            memcpy(comm, raw->cell.comm, COMM_LEN);
            int status = name_group(r, raw->cell.group, comm, (pid_t)raw->cell.tgid, &group);
            if (status == 0 && name)
                status = systrace_sample_append(r->sample, spc_buf_str(&group), name, &call);
            if (status < 0 || !name)
                return spc_err_set(err, -ENOMEM, "statistics");
        }
        int status = add_cell(r, raw, call, err);
        if (status < 0)
            return status;
    }
    // Where nothing was switched out the histogram of CPU times is that of durations: keep one.
    for (size_t i = 0; i < r->sample->call_count; i++)
        if (!r->sample->calls[i].switched)
            systrace_hist_free(&r->sample->calls[i].cpu);
    return 0;
}

// Errors come after the cells, whose group names they borrow: a cell is made for each call that
// failed, so one of the same key is there unless it was lost.
static const struct raw_cell *find_raw(const struct reader *r, uint64_t group, uint32_t call)
{
    struct raw_cell key = {.cell = {.group = group, .call = call}};
    return r->cell_count ? bsearch(&key, r->cells, r->cell_count, sizeof(key), by_group_and_call)
                         : NULL;
}

static struct call_stats *find_stats(struct reader *r, uint64_t group, uint32_t call_id)
{
    const struct raw_cell *raw = find_raw(r, group, call_id);
    size_t index = 0;
    if (!raw)
        return NULL;
    // Samples were appended in the order of distinct keys.
    for (const struct raw_cell *c = r->cells + 1; c <= raw; c++)
        index += by_group_and_call(c, c - 1) != 0;
    return &r->sample->calls[index];
}

static int add_errors(struct reader *r, struct spc_err *err)
{
    int fd = bpf_map__fd(r->probe->skel->maps.errors);
    struct probe_error_key key, *at = NULL;
    __u64 count;
    while (bpf_map_get_next_key(fd, at, &key) == 0) {
        at = &key;
        struct call_stats *call = find_stats(r, key.group, key.call);
        if (!call || bpf_map_lookup_elem(fd, &key, &count) < 0)
            continue;
        int status = systrace_call_add_error(call, key.error, count);
        if (status < 0)
            return spc_err_set(err, status, "errors");
    }
    return 0;
}

// /proc/TID/comm; the thread may be gone.
static void read_comm(pid_t tid, char comm[static COMM_LEN + 1])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d", tid);
    spc_auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : spc_read_small(fd, "comm", comm, COMM_LEN + 1);
    if (len < 0)
        strcpy(comm, "?");
    else
        comm[strcspn(comm, "\n")] = '\0';
}

struct flight_key {
    uint64_t group;
    uint32_t call;
    pid_t tid, tgid;
    uint64_t ns;
    bool is_start;
};

static int add_flight(struct reader *r, const struct flight_key *key, struct spc_err *err)
{
    const char *name =
        systrace_call_name(r->names, (enum abi)(key->call >> 16), key->call & CALL_MAX);
    spc_auto_buf struct spc_buf group = {0};
    char comm[COMM_LEN + 1] = {0}, leader[COMM_LEN + 1] = {0};
    read_comm(key->tid, comm);
    read_comm(key->tgid, leader);
    int status = name_group(r, key->group, leader, key->tgid, &group);
    if (status == 0 && name) {
        struct in_flight flight = {.tid = key->tid,
                                   .comm = comm,
                                   .group = (char *)spc_buf_str(&group),
                                   .name = (char *)name,
                                   .ns = key->ns,
                                   .is_start = key->is_start};
        status = systrace_sample_flight(r->sample, &flight);
    }
    return status < 0 || !name ? spc_err_set(err, -ENOMEM, "calls in progress") : 0;
}

static int add_call_flight(struct reader *r, const struct probe_call *call, uint64_t now,
                           struct spc_err *err)
{
    struct flight_key key = {.group = call->group,
                             .call = call->call,
                             .tid = (pid_t)call->tid,
                             .tgid = (pid_t)call->tgid,
                             .ns = now > call->start ? now - call->start : 0};
    return add_flight(r, &key, err);
}

// Those that were in a call at the start and did not return from it since.
static int add_start_flights(struct reader *r, struct spc_err *err)
{
    int status = 0, fd = bpf_map__fd(r->probe->skel->maps.attached);
    struct probe_attached value;
    __u32 tid, *at = NULL;
    while (status == 0 && bpf_map_get_next_key(fd, at, &tid) == 0) {
        at = &tid;
        struct flight_key key = {.tid = (pid_t)tid, .is_start = true};
        if (bpf_map_lookup_elem(fd, &tid, &value) < 0 || value.tgid == r->probe->config.self)
            continue;
        key.tgid = (pid_t)value.tgid;
        key.call = CALL_ID(ABI_NATIVE, value.nr > CALL_MAX ? CALL_MAX : value.nr);
        if (systrace_scope_find(r->probe->scope, key.tgid, &key.group))
            status = add_flight(r, &key, err);
    }
    return status;
}

static uint64_t monotonic_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int add_flights(struct reader *r, const struct probe_cpu *cpus, struct spc_err *err)
{
    int status = 0, fd = bpf_map__fd(r->probe->skel->maps.threads);
    uint64_t now = monotonic_ns();
    for (unsigned i = 0; i < r->probe->cpus && status == 0; i++)
        if (cpus[i].current.task)
            status = add_call_flight(r, &cpus[i].current, now, err);
    __u64 key, *at = NULL;
    struct probe_call call;
    while (status == 0 && bpf_map_get_next_key(fd, at, &key) == 0) {
        at = &key;
        if (bpf_map_lookup_elem(fd, &key, &call) == 0 && call.task)
            status = add_call_flight(r, &call, now, err);
    }
    return status < 0 ? status : add_start_flights(r, err);
}

// Programs that were not run because they were running already on that CPU (recursion).
static uint64_t count_missed(const struct probe *probe)
{
    uint64_t missed = 0;
    for (const char *const *name = programs_of(probe); *name; name++) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof(info);
        struct bpf_program *program = bpf_object__find_program_by_name(probe->skel->obj, *name);
        if (program && bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
            missed += info.recursion_misses;
    }
    return missed;
}

int systrace_probe_read(struct probe *probe, struct call_names *names, struct sample *ret,
                        struct spc_err *err)
{
    SPC_CLEANUP(systrace_sample_free) struct sample sample = {0};
    SPC_CLEANUP(reader_free)
    struct reader reader = {.probe = probe, .names = names, .sample = &sample};
    spc_auto_free struct probe_cpu *cpus = calloc(probe->cpus, sizeof(*cpus));
    __u32 zero = 0;
    if (!cpus)
        return spc_err_set(err, -ENOMEM, "statistics");
    int r = read_map(probe->skel->maps.cpus, &zero, cpus, "state of the processors", err);
    for (unsigned i = 0; r == 0 && i < probe->cpus; i++)
        r = read_cpu(&reader, i, &cpus[i], err);
    if (r == 0 && reader.cell_count)
        qsort(reader.cells, reader.cell_count, sizeof(*reader.cells), by_group_and_call);
    r = r < 0 ? r : add_cells(&reader, err);
    r = r < 0 ? r : add_errors(&reader, err);
    r = r < 0 ? r : add_flights(&reader, cpus, err);
    if (r < 0)
        return r;
    sample.lost[SAMPLE_LOST_MISSED] = count_missed(probe);
    systrace_sample_sort(&sample);
    *ret = sample;
    sample = (struct sample){0};
    return 0;
}
