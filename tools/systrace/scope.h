// SPDX-License-Identifier: BSD-2-Clause
// Whose calls are timed, and what they are accounted to.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/buf.h>
#include <spc/err.h>

enum scope_kind {
    SYSTRACE_SCOPE_ALL,
    SYSTRACE_SCOPE_CGROUP,
    SYSTRACE_SCOPE_PROCESS,
    SYSTRACE_SCOPE_PIDNS,
};

enum group_by {
    SYSTRACE_BY_CALL,
    SYSTRACE_BY_PROCESS,
    SYSTRACE_BY_CONTAINER, // the targets that were named; without any, every container
};

struct scope_member {
    uint64_t key;   // cgroup ID, process ID or inode of a PID namespace
    uint64_t group; // index into labels
    unsigned level; // cgroup: depth below the root, which is 0
};

// Where calls are accounted to a key that the kernel gives, its name.
struct scope_name {
    uint64_t key;
    char *name;
};

struct scope {
    enum scope_kind kind;
    enum group_by by;
    struct scope_member *members;
    size_t member_count;
    bool is_following; // children of member processes are in scope, too
    struct spc_strv labels;
    bool is_by_pidns; // every container is told by its PID namespace, not by its cgroup
    struct scope_name *names;
    size_t name_count;
};

void systrace_scope_free(struct scope *scope);
#define systrace_auto_scope SPC_CLEANUP(systrace_scope_free)

// From the words of the command line; none means the host.
int systrace_scope_resolve(char *const *words, size_t count, enum group_by by, struct scope *ret,
                           struct spc_err *err);
int systrace_scope_add(struct scope *scope, const struct scope_member *member, struct spc_err *err);

// The name of what a call was accounted to. comm and tgid are of the first caller seen.
int systrace_scope_group_name(const struct scope *scope, uint64_t key, const char *comm, pid_t tgid,
                              struct spc_buf *out);

// Whether a process is in scope, as far as /proc tells, and the key its calls are accounted to.
bool systrace_scope_find(const struct scope *scope, pid_t tgid, uint64_t *ret_group);
