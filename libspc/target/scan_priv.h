// SPDX-License-Identifier: BSD-2-Clause
// One look at a node: its processes, grouped into containers, and the places where engines keep
// their state. The readers of the engines fill the groups in.
#pragma once

#include <spc/container.h>
#include <spc/json.h>

#include "node_priv.h"

#define SPC_NOBODY (-1) // index of no group: the host

// State files that are larger are refused. A real runc state.json has some 50 kB.
#define SPC_STATE_MAX (4u << 20)

struct spc_row { // a process
    pid_t pid, ppid;
    uint64_t start_ticks;
    ssize_t group; // the container that it runs in, SPC_NOBODY for none
    char *cgroup;  // where no container claimed it yet; NULL for "/"
    char comm[16];
    char state;
    bool is_kernel;
};

// A container being put together.
struct spc_group {
    struct spc_container c;
    char *path;            // the container's own cgroup, NULL where it has none
    ssize_t parent;        // the container that it runs inside of
    pid_t claimed_pid;     // init, where a state file and not the cgroup made this group
    ssize_t bundle_source; // the source that c.bundle lies in, where a reader noted it
    size_t init;           // row of the init process
    ssize_t item;          // index in the list that was collected, SPC_NOBODY when not in it
    bool has_init;
    bool is_created; // the engine has not started the command yet
    bool is_read;    // the reader found the state files
};

// A process of an engine, known by its name: the argv tells where it keeps its state.
struct spc_daemon {
    size_t row;
    uid_t uid;
    struct spc_strv argv;
};

enum spc_source_kind {
    SPC_SOURCE_DOCKER,     // DIR/containers/ID/config.v2.json: --data-root of dockerd
    SPC_SOURCE_CONTAINERD, // DIR/io.containerd.runtime.v2.task/NS/ID: state of containerd
    SPC_SOURCE_STORAGE,    // DIR/containers.json, DIR/ID/userdata: GRAPHROOT/DRIVER-containers
    SPC_SOURCE_OCI,        // DIR/ID/{state.json,status}: --root of runc or crun
    SPC_SOURCE_LXC,        // DIR/NAME/config: lxcpath
    SPC_SOURCE_MACHINES,   // DIR/NAME: registered with systemd-machined
    _SPC_SOURCE_MAX,
};

// A directory with state in it.
struct spc_source {
    enum spc_source_kind kind;
    int dirfd;     // O_PATH
    char *path;    // as its daemon names it, for people
    ssize_t group; // the container that the daemon runs in: it explains only what is inside of that
    uid_t uid;     // of the daemon: others than root explain only what is in their own slice
};

struct spc_scan {
    struct spc_node *node; // borrowed
    unsigned flags;        // enum spc_scan_flags
    unsigned skipped;      // mask of the engines that nobody asks for: not read
    bool is_quick;         // rows hold names only, except those of engines
    const char *wanted;    // the only name or beginning of an ID that anybody asks for, or NULL
    struct spc_row *rows;  // sorted by PID
    size_t row_count, row_cap;
    struct spc_group *groups;
    size_t group_count, group_cap;
    struct spc_daemon *daemons;
    size_t daemon_count, daemon_cap;
    struct spc_source *sources;
    size_t source_count, source_cap;
    void *by_path, *by_id; // tsearch(3) trees of struct spc_key: no hash that a name could flood
    void *seen_dirs;       // tsearch(3) tree of the directories that were tried as sources
    char *passwd;
    size_t buf_size;
    char *buf; // for small files
};

// One engine. Callbacks may be NULL. They return 0, or a negative errno only when memory is out:
// what cannot be read costs details.
struct spc_runtime {
    const char *name;           // prefix of a TARGET, and what `ps` shows
    const char *const *daemons; // names (comm) of its processes, NULL-terminated
    // Where a daemon has its state; called for each process with one of these names.
    int (*find)(struct spc_scan *scan, const struct spc_daemon *daemon);
    // Add the running containers that their cgroup does not give away.
    int (*claim)(struct spc_scan *scan);
    // Fill one group in.
    int (*read)(struct spc_scan *scan, struct spc_group *group);
    // Add containers without a process.
    int (*list)(struct spc_scan *scan);
};

// A table for each engine that is read, in the order in which they are asked; runtime.c.
extern const struct spc_runtime spc_runtime_docker, spc_runtime_podman, spc_runtime_containerd,
    spc_runtime_crio, spc_runtime_lxc, spc_runtime_nspawn, spc_runtime_runc, spc_runtime_crun,
    spc_runtime_other;
extern const struct spc_runtime *const spc_runtimes[];

void spc_container_clear(struct spc_container *container);
// Age, shared namespaces, frozen or not, label: what is read for containers that are shown.
// `state` is that of its init process.
int spc_container_details(const struct spc_node *node, unsigned flags, char state,
                          struct spc_container *c);
int spc_node_label(const struct spc_node *node, pid_t pid, char **ret);
// Time since `start_ticks`, UINT64_MAX when not known.
uint64_t spc_node_age(const struct spc_node *node, uint64_t start_ticks);

// In scan->wanted: a docker container by exact name, else by the beginning of its ID. Reads
// docker's own files first and then the one process that they name. True with scan->groups[*ret]
// filled in when exactly one running container of a daemon on the host fits; else a full scan has
// to tell.
bool spc_docker_quick(struct spc_scan *scan, size_t *ret);

int spc_scan_run(struct spc_scan *scan, struct spc_err *err);
// Move the containers out of a finished scan, sorted.
int spc_scan_collect(struct spc_scan *scan, struct spc_containers *ret);
void spc_scan_free(struct spc_scan *scan);

// The steps of it.
int spc_scan_begin(struct spc_scan *scan, struct spc_err *err); // processes and sources
bool spc_scan_is_daemon(const struct spc_scan *scan, const char *comm);
// Read one process and append its row: the rows are no longer sorted.
int spc_scan_look_at(struct spc_scan *scan, pid_t pid);
int spc_scan_find_sources(struct spc_scan *scan, struct spc_err *err);
void spc_scan_adopt(struct spc_scan *scan); // give processes to the containers that were claimed
int spc_scan_finish(struct spc_scan *scan, struct spc_err *err); // state, age, namespaces, labels
void spc_scan_forget_rows(struct spc_scan *scan);
void spc_scan_free_groups(struct spc_scan *scan);
void spc_scan_free_sources(struct spc_scan *scan);

// --- rows ---

struct spc_row *spc_scan_row(struct spc_scan *scan, pid_t pid);
// The first child that is no zombie, or NULL.
struct spc_row *spc_scan_child(struct spc_scan *scan, pid_t parent);
// The group that the process is in, NULL for the host's or an unknown process.
struct spc_group *spc_scan_group_of(struct spc_scan *scan, pid_t pid);

// --- groups (all invalid after one is added) ---

// Make a group. `path` (the cgroup) and `id` are copied. Returns its index or -ENOMEM.
ssize_t spc_scan_add_group(struct spc_scan *scan, enum spc_engine engine, const char *id,
                           const char *path, ssize_t parent);
// A state file of an engine inside container `owner` says that container `id` has this init
// process. Adds a group when there is none for it yet. Returns its index; -ESRCH when the process
// is not there or is another one by now; -EEXIST when it belongs to a container known already.
// `start_ticks` 0: not known.
ssize_t spc_scan_claim(struct spc_scan *scan, enum spc_engine engine, const char *id, ssize_t owner,
                       pid_t pid, uint64_t start_ticks);
// The state file says which process is init. False (and nothing changes) when that process is not
// of this container, or `start_ticks` is given and differs: an old file, a reused PID.
bool spc_scan_set_init(struct spc_scan *scan, struct spc_group *group, pid_t pid,
                       uint64_t start_ticks);
// The cgroup of a process, NULL when it shares it with its parent or with the host's init.
const char *spc_scan_own_cgroup(struct spc_scan *scan, const struct spc_row *row);
ssize_t spc_scan_by_path(struct spc_scan *scan, const char *path); // index or -ENOENT
struct spc_group *spc_scan_by_id(struct spc_scan *scan, enum spc_engine engine, const char *id,
                                 ssize_t parent);

// --- sources ---

// Look at `path` in the root that the daemon sees; a directory that is not there is passed over.
// daemon NULL: a default directory of the host. 0 or -ENOMEM.
int spc_scan_add_source(struct spc_scan *scan, enum spc_source_kind kind,
                        const struct spc_daemon *daemon, const char *path);
// The same for a directory below a source.
int spc_scan_add_source_below(struct spc_scan *scan, const struct spc_source *source,
                              const char *name);
// May the source explain the group? Only what a daemon of the same container, and of root or of the
// same user's slice, wrote is believed.
bool spc_source_explains(const struct spc_scan *scan, const struct spc_source *source,
                         const struct spc_group *group);
#define spc_scan_foreach_source(scan, source, wanted)                                              \
    for (struct spc_source *source = (scan)->sources;                                              \
         source && source < (scan)->sources + (scan)->source_count; source++)                      \
        if (source->kind == (wanted))

// Call `each` for every entry of a directory below the source that may be the name of a container.
int spc_source_each(struct spc_scan *scan, const struct spc_source *source, const char *dir,
                    int (*each)(struct spc_scan *scan, const struct spc_source *source,
                                const char *name, void *arg),
                    void *arg);

// Value of an option of a daemon: "--name VALUE", "--name=VALUE", or NULL.
const char *spc_argv_value(const struct spc_strv *argv, const char *name);

// --- small helpers ---

// Replace *field by a copy of value; nothing when value is NULL. 0 or -ENOMEM.
int spc_set_str(char **field, const char *value);
int spc_set_fmt(char **field, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
pid_t spc_jdoc_pid(const struct spc_jdoc *doc, const char *key);
// Append where a fact was read to c.evidence.
int spc_group_evidence(struct spc_group *group, const struct spc_source *source, const char *fmt,
                       ...) __attribute__((format(printf, 3, 4)));
