// SPDX-License-Identifier: BSD-2-Clause
// Maps and memory for BPF.
#include "doctor_priv.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include <spc/own.h>

SPC_DEFINE_CLEANUP(struct btf *, btf__free)

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
    (void)level, (void)fmt, (void)ap;
    return 0;
}

static void say_map(struct doctor_answer *answer, int fd)
{
    if (fd < 0)
        doctor_failed(answer, fd, "creating the map");
    else
        doctor_say(answer, DOCTOR_OK, "the map can be created");
}

void doctor_ask_ringbuf(struct doctor_answer *answer)
{
    libbpf_set_print(no_print);
    spc_auto_close int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "spc_doctor", 0, 0,
                                           (uint32_t)sysconf(_SC_PAGESIZE), NULL);
    say_map(answer, fd);
}

void doctor_ask_perf_buffer(struct doctor_answer *answer)
{
    libbpf_set_print(no_print);
    struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attr),
        .config = PERF_COUNT_SW_BPF_OUTPUT,
        .sample_type = PERF_SAMPLE_RAW,
    };
    spc_auto_close int map =
        bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "spc_doctor", 4, 4, 1, NULL);
    if (map < 0) {
        doctor_failed(answer, map, "creating the map");
        return;
    }
    spc_auto_close int event =
        (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (event < 0) {
        doctor_failed(answer, -errno, "opening the event");
        return;
    }
    int key = 0, r = bpf_map_update_elem(map, &key, &event, BPF_ANY);
    if (r < 0)
        doctor_failed(answer, r, "putting the event into the map");
    else
        doctor_say(answer, DOCTOR_OK, "the map takes an event");
}

// Maps of this type want to be told the types of key and value (kernel/bpf/bpf_local_storage.c).
void doctor_ask_task_storage(struct doctor_answer *answer)
{
    libbpf_set_print(no_print);
    SPC_CLEANUP(btf__free_p) struct btf *btf = btf__new_empty();
    if (!btf) {
        doctor_say(answer, DOCTOR_UNKNOWN, "out of memory");
        return;
    }
    int type = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
    int r = btf__load_into_kernel(btf);
    if (r < 0) {
        doctor_failed(answer, r, "loading BTF");
        return;
    }
    const struct bpf_map_create_opts opts = {.sz = sizeof(opts),
                                             .map_flags = BPF_F_NO_PREALLOC,
                                             .btf_fd = (uint32_t)btf__fd(btf),
                                             .btf_key_type_id = (uint32_t)type,
                                             .btf_value_type_id = (uint32_t)type};
    spc_auto_close int fd = bpf_map_create(BPF_MAP_TYPE_TASK_STORAGE, "spc_doctor", 4, 4, 0, &opts);
    say_map(answer, fd);
}

static void format_limit(char *buf, size_t size, rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        snprintf(buf, size, "no limit");
    else
        snprintf(buf, size, "limit of %llu KiB", (unsigned long long)limit / 1024);
}

// Since kernel 5.11 maps are charged to the memory cgroup and the limit does not matter to them;
// that is found by making one that the limit would forbid.
void doctor_ask_memlock(struct doctor_answer *answer)
{
    struct rlimit old, tiny, wide = {RLIM_INFINITY, RLIM_INFINITY};
    char text[64];
    if (getrlimit(RLIMIT_MEMLOCK, &old) != 0) {
        doctor_failed(answer, -errno, "getrlimit");
        return;
    }
    format_limit(text, sizeof(text), old.rlim_cur);
    tiny = (struct rlimit){0, old.rlim_max};
    setrlimit(RLIMIT_MEMLOCK, &tiny);
    // Not through libbpf, which raises the limit behind our back.
    union bpf_attr attr = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 65536, .max_entries = 4};
    spc_auto_close int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
    bool is_charged = fd < 0;
    // 64 MiB: the rings of a capture or a trace on a large machine.
    bool is_enough = old.rlim_cur == RLIM_INFINITY || old.rlim_cur >= 64u << 20;
    bool can_raise = setrlimit(RLIMIT_MEMLOCK, &wide) == 0;
    doctor_say(answer, is_enough || can_raise ? DOCTOR_OK : DOCTOR_LIMITED, "%s%s; BPF maps are %s",
               text,
               can_raise   ? ", can be raised"
               : is_enough ? ""
                           : ", cannot be raised",
               is_charged ? "not known to be free of it" : "free of it");
}
