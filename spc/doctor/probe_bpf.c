// SPDX-License-Identifier: BSD-2-Clause
// Does a BPF program load, attach and run? The smallest program that leaves evidence is one that
// adds to a counter; a few instructions are written out here so that nothing has to be compiled.
#include "doctor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include <spc/own.h>

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"
// Called by every open(2) and in no other way of interest; named alike since kernel 2.6.
#define SOME_FUNCTION "vfs_open"

#define INSN(op, dst, src, offset, value)                                                          \
    {                                                                                              \
        .code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), .imm = (value)          \
    }

SPC_DEFINE_CLEANUP(struct btf *, btf__free)

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
    (void)level, (void)fmt, (void)ap;
    return 0;
}

// The kernel's BTF, or NULL with the answer given.
static struct btf *load_btf(struct doctor_answer *answer)
{
    libbpf_set_print(no_print);
    struct btf *btf = btf__parse(VMLINUX_BTF, NULL);
    long code = libbpf_get_error(btf);
    if (!code)
        return btf;
    doctor_failed(answer, (int)code, "%s", VMLINUX_BTF);
    return NULL;
}

void doctor_ask_btf(struct doctor_answer *answer)
{
    SPC_CLEANUP(btf__free_p) struct btf *btf = load_btf(answer);
    if (!btf)
        return;
    unsigned size = 0;
    btf__raw_data(btf, &size);
    if (btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT) <= 0)
        doctor_say(answer, DOCTOR_LIMITED, "%s has no task_struct", VMLINUX_BTF);
    else
        doctor_say(answer, DOCTOR_OK, "%u types, %.1f MB", btf__type_cnt(btf), size / 1e6);
}

void doctor_ask_bpf(struct doctor_answer *answer)
{
    const struct bpf_insn nothing[] = {
        INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    libbpf_set_print(no_print);
    int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "spc_doctor", "BSD", nothing,
                           SPC_ARRAY_SIZE(nothing), NULL);
    if (fd < 0) {
        doctor_failed(answer, fd, "loading a program");
        if (fd == -ENOSYS)
            doctor_advise(answer, "a kernel built with CONFIG_BPF_SYSCALL");
        return;
    }
    long jit = 0;
    if (doctor_read_number("/proc/sys/net/core/bpf_jit_enable", &jit) == 0 && jit == 0) {
        doctor_say(answer, DOCTOR_LIMITED, "a program loads; it will be interpreted, not compiled");
        doctor_advise(answer, "sysctl net.core.bpf_jit_enable=1");
    } else {
        doctor_say(answer, DOCTOR_OK, "a program loads%s", jit > 0 ? ", compiled" : "");
    }
    close(fd);
}

// A program that adds one to element 0 of the array `map_fd` whenever it runs. What is attached
// where is in `opts`. Returns its descriptor or a negative errno.
static int load_counter(enum bpf_prog_type type, const struct bpf_prog_load_opts *opts, int map_fd)
{
    const struct bpf_insn count[] = {
        INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0), // key = 0
        INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0),
        INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
        INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd),
        INSN(0, 0, 0, 0, 0), // second half of the 64-bit load
        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
        INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0),
        INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1),
        INSN(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD),
        INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    return bpf_prog_load(type, "spc_doctor", "Dual BSD/GPL", count, SPC_ARRAY_SIZE(count), opts);
}

// Do what every probe here waits for: a system call, and an open.
static void make_events(void)
{
    for (int i = 0; i < 10; i++) {
        spc_close(open("/dev/null", O_RDONLY | O_CLOEXEC));
        syscall(SYS_getppid);
    }
}

// Attach by raw_tracepoint_open, which also attaches programs of the tracing type (name NULL).
static int attach_raw(int prog_fd, const char *name)
{
    return bpf_raw_tracepoint_open(name, prog_fd);
}

// Attach to a kprobe of our own that goes away with its descriptor (kernel 4.17,
// Documentation/ABI/testing/sysfs-bus-event_source-devices); tracefs would leave one behind.
static int attach_kprobe(int prog_fd, const char *name)
{
    long type;
    int r = doctor_read_number("/sys/bus/event_source/devices/kprobe/type", &type);
    if (r < 0)
        return r == -ENOENT ? -EOPNOTSUPP : r;
    struct perf_event_attr attr = {
        .type = (uint32_t)type,
        .size = sizeof(attr),
        .config1 = (uintptr_t)name, // kprobe_func
        .sample_period = 1,
    };
    spc_auto_close int fd =
        (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd) != 0 || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) != 0)
        return -errno;
    return SPC_TAKE_FD(fd);
}

// One way to get a program run: how it is loaded, and how attached to what.
struct way {
    enum bpf_prog_type type;
    enum bpf_attach_type attach_type;
    const char *target; // name to attach to, NULL where the BTF id says it
    int (*attach)(int prog_fd, const char *name);
};

// Load, attach, make events, look whether they were counted.
static void try_way(struct doctor_answer *answer, const struct way *way, int btf_id)
{
    libbpf_set_print(no_print);
    spc_auto_close int map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "spc_doctor", 4, 8, 1, NULL);
    if (map_fd < 0) {
        doctor_failed(answer, map_fd, "creating an array map");
        return;
    }
    const struct bpf_prog_load_opts opts = {.sz = sizeof(opts),
                                            .expected_attach_type = way->attach_type,
                                            .attach_btf_id = (uint32_t)btf_id};
    spc_auto_close int prog_fd = load_counter(way->type, &opts, map_fd);
    if (prog_fd < 0) {
        doctor_failed(answer, prog_fd, "loading the program");
        return;
    }
    spc_auto_close int link_fd = way->attach(prog_fd, way->target);
    if (link_fd < 0) {
        doctor_failed(answer, link_fd, "attaching the program");
        return;
    }
    make_events();
    uint32_t key = 0;
    uint64_t count = 0;
    bpf_map_lookup_elem(map_fd, &key, &count);
    if (count > 0)
        doctor_say(answer, DOCTOR_OK, "loads, attaches and sees events");
    else
        doctor_say(answer, DOCTOR_LIMITED, "loads and attaches, but saw no event");
}

static void try_way_by_btf(struct doctor_answer *answer, const struct way *way, const char *name,
                           uint32_t kind)
{
    SPC_CLEANUP(btf__free_p) struct btf *btf = load_btf(answer);
    if (!btf)
        return;
    int id = btf__find_by_name_kind(btf, name, kind);
    if (id < 0)
        doctor_say(answer, DOCTOR_MISSING, "BTF has no %s", name);
    else
        try_way(answer, way, id);
}

void doctor_ask_raw_tracepoint(struct doctor_answer *answer)
{
    static const struct way way = {
        .type = BPF_PROG_TYPE_RAW_TRACEPOINT, .target = "sys_enter", .attach = attach_raw};
    try_way(answer, &way, 0);
}

void doctor_ask_tp_btf(struct doctor_answer *answer)
{
    static const struct way way = {
        .type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_RAW_TP, .attach = attach_raw};
    try_way_by_btf(answer, &way, "btf_trace_sys_enter", BTF_KIND_TYPEDEF);
}

void doctor_ask_fentry(struct doctor_answer *answer)
{
    static const struct way way = {
        .type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_FENTRY, .attach = attach_raw};
    try_way_by_btf(answer, &way, SOME_FUNCTION, BTF_KIND_FUNC);
}

void doctor_ask_kprobe(struct doctor_answer *answer)
{
    static const struct way way = {
        .type = BPF_PROG_TYPE_KPROBE, .target = SOME_FUNCTION, .attach = attach_kprobe};
    try_way(answer, &way, 0);
}
