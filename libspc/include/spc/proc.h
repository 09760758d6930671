// SPDX-License-Identifier: BSD-2-Clause
// Parsers of small procfs files (proc(5)). They take text, never a path: the caller decides whether
// it comes from the live /proc or from a recorded tree, and nothing in it is trusted.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/buf.h>

// TASK_COMM_LEN of the kernel, with the NUL.
#define SPC_COMM_SIZE 16

struct spc_proc_stat {
    pid_t pid, ppid;
    char comm[SPC_COMM_SIZE];
    char state;           // R S D T t Z X I
    uint64_t start_ticks; // field 22: clock ticks since boot
};

// /proc/PID/stat. 0 or -EBADMSG.
int spc_proc_parse_stat(const char *text, struct spc_proc_stat *ret);

// One line of /proc/PID/cgroup (cgroups(7)): "hierarchy:controllers:path".
// The strings point into the text and are not terminated.
struct spc_cgroup_line {
    unsigned rank; // 0: cgroup v2; 1: name=systemd; 2: any other v1 hierarchy
    const char *controllers;
    size_t controllers_len;
    const char *path; // begins with '/'; without " (deleted)"
    size_t path_len;
};

// Cut the next line off *text; lines that are none are passed over. False at the end.
bool spc_proc_next_cgroup(const char **text, struct spc_cgroup_line *ret);

// The value of "Key:" in /proc/PID/status: its length, with *ret pointing into the text, or
// -ENOENT.
ssize_t spc_proc_status_value(const char *text, const char *key, const char **ret);

// The last number of the NSpid line of /proc/PID/status: the PID in the innermost PID namespace
// (kernel 4.1). 0 when there is none.
pid_t spc_proc_inner_pid(const char *text);

// First number of /proc/uptime, in nanoseconds. 0 or -EBADMSG.
int spc_proc_parse_uptime(const char *text, uint64_t *ret_ns);

// /proc/PID/cmdline of `len` bytes to arguments. 0 or -ENOMEM.
int spc_proc_parse_cmdline(const char *data, size_t len, struct spc_strv *ret);

// "name:[4026531836]", the text of a /proc/PID/ns link, to its inode. 0 or -EBADMSG.
int spc_proc_parse_ns(const char *text, uint64_t *ret_inode);

// A name of a directory of /proc that is a PID, or 0.
pid_t spc_proc_parse_pid(const char *name);
