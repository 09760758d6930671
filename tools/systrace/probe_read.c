// SPDX-License-Identifier: BSD-2-Clause
// The one file that decodes what the probes wrote.
#include "probe_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <spc/fd.h>

#include <syscall.skel.h>

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
            if (status != 0 || !name)
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
        memcpy(comm, "?", 2);
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
    for (const char *const *name = systrace_probe_programs(probe); *name; name++) {
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
