// SPDX-License-Identifier: BSD-2-Clause
// `spc doctor`: the table of probes, and how one is asked.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum doctor_status {
    DOCTOR_OK,      // works
    DOCTOR_LIMITED, // works in part, or at a price
    DOCTOR_MISSING, // does not work for this caller
    DOCTOR_UNKNOWN, // could not be found out
    _DOCTOR_STATUS_MAX,
};

extern const char *const doctor_status_names[];

// Plain bytes: it comes from a child process through a pipe, in one write (PIPE_BUF is 4096).
struct doctor_answer {
    enum doctor_status status;
    bool is_refused;  // for want of a permission
    char detail[320]; // what was seen
    char advice[320]; // what to do, where that differs from the advice in the table
};

// One thing that a node may be able to do.
struct doctor_probe {
    const char *name;   // stable: operand of `spc doctor`, JSON
    const char *what;   // what it is good for
    const char *advice; // how to get it, printed unless the answer is "ok"
    // Finds out by doing it. Runs in a child process of its own, so that whatever it acquires or
    // changes about itself ends with it; nothing it does may reach beyond the process.
    void (*ask)(struct doctor_answer *answer);
    const char *grant; // capabilities that are enough where root is not to be had, or NULL
};

// Ended by an all-zero row.
extern const struct doctor_probe doctor_probes[];

// NULL when there is none.
const struct doctor_probe *doctor_probe_find(const char *name);

// Ask in a child process. A probe that crashes, or says nothing for `limit_ms`, is answered with
// "unknown" and the reason.
#define DOCTOR_LIMIT_MS 3000
void doctor_ask(const struct doctor_probe *probe, unsigned limit_ms, struct doctor_answer *ret);

// The same for all container engines at once: the answer for engine `i` of enum spc_engine is in
// ret[i]; "missing" means that it is not here.
#define DOCTOR_ENGINES 9
void doctor_ask_engines(unsigned limit_ms, struct doctor_answer ret[DOCTOR_ENGINES]);

// engines.c: does the work of doctor_ask_engines(), in this process.
void doctor_find_engines(struct doctor_answer answers[DOCTOR_ENGINES]);

// --- for probes ---------------------------------------------------------------------------------

// In a child: die with the process `parent`, which forked it, also when that is gone already.
void doctor_die_with(pid_t parent);
void doctor_say(struct doctor_answer *answer, enum doctor_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_advise(struct doctor_answer *answer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
// "missing", with what was tried and the errno's own text. `code` is negative. For EPERM and EACCES
// doctor_ask() gives other advice than the table to a caller who is not privileged.
void doctor_failed(struct doctor_answer *answer, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// The first line of a small file, without its newline. Length or a negative errno.
ssize_t doctor_read_line(const char *path, char *buf, size_t size);
// A file that holds one number. 0 or a negative errno.
int doctor_read_number(const char *path, long *ret);
// A file that is present says how many lines hold `word` as a word of its own.
bool doctor_file_has_word(const char *path, const char *word);
// CAP_... of <linux/capability.h>, in the effective set.
bool doctor_has_cap(int cap);

// probe_bpf.c
void doctor_ask_btf(struct doctor_answer *answer);
void doctor_ask_bpf(struct doctor_answer *answer);
void doctor_ask_raw_tracepoint(struct doctor_answer *answer);
void doctor_ask_tp_btf(struct doctor_answer *answer);
void doctor_ask_fentry(struct doctor_answer *answer);
void doctor_ask_kprobe(struct doctor_answer *answer);
// probe_bpf_map.c
void doctor_ask_ringbuf(struct doctor_answer *answer);
void doctor_ask_perf_buffer(struct doctor_answer *answer);
void doctor_ask_task_storage(struct doctor_answer *answer);
void doctor_ask_memlock(struct doctor_answer *answer);
// probe_perf.c
void doctor_ask_perf_counters(struct doctor_answer *answer);
void doctor_ask_perf_software(struct doctor_answer *answer);
void doctor_ask_perf_paranoid(struct doctor_answer *answer);
void doctor_ask_kallsyms(struct doctor_answer *answer);
void doctor_ask_dmesg(struct doctor_answer *answer);
// probe_caller.c
void doctor_ask_kernel(struct doctor_answer *answer);
void doctor_ask_capabilities(struct doctor_answer *answer);
void doctor_ask_seccomp(struct doctor_answer *answer);
void doctor_ask_no_new_privs(struct doctor_answer *answer);
void doctor_ask_pid_namespace(struct doctor_answer *answer);
// probe_lsm.c
void doctor_ask_lsm(struct doctor_answer *answer);
void doctor_ask_lockdown(struct doctor_answer *answer);
void doctor_ask_selinux(struct doctor_answer *answer);
void doctor_ask_yama(struct doctor_answer *answer);
// probe_process.c
void doctor_ask_ptrace(struct doctor_answer *answer);
void doctor_ask_ptrace_any(struct doctor_answer *answer);
void doctor_ask_process_vm(struct doctor_answer *answer);
void doctor_ask_pidfd(struct doctor_answer *answer);
void doctor_ask_namespaces(struct doctor_answer *answer);
void doctor_ask_user_namespaces(struct doctor_answer *answer);
void doctor_ask_packet_socket(struct doctor_answer *answer);
// probe_mount.c
void doctor_ask_openat2(struct doctor_answer *answer);
void doctor_ask_mount_api(struct doctor_answer *answer);
void doctor_ask_overlayfs(struct doctor_answer *answer);
void doctor_ask_erofs(struct doctor_answer *answer);
void doctor_ask_cgroup(struct doctor_answer *answer);
