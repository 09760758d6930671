// SPDX-License-Identifier: BSD-2-Clause
// What is known about one container of any engine, and the list of all of a node.
//
// Everything here was read from state files and procfs; no daemon was asked and no engine client
// run. Strings come from files that an engine or, in part, a container wrote: escape on output.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <spc/buf.h>
#include <spc/err.h>
#include <spc/field.h>
#include <spc/ns_table.h>

// The one table of engines is libspc/target/runtime.c; its names are the TARGET prefixes.
enum spc_engine {
    SPC_ENGINE_DOCKER,
    SPC_ENGINE_PODMAN,
    SPC_ENGINE_CONTAINERD,
    SPC_ENGINE_CRIO,
    SPC_ENGINE_LXC,
    SPC_ENGINE_NSPAWN,
    SPC_ENGINE_RUNC,
    SPC_ENGINE_CRUN,
    SPC_ENGINE_OTHER, // processes in namespaces of their own that no engine's files explain
    _SPC_ENGINE_MAX,
};

const char *spc_engine_name(enum spc_engine engine);

enum spc_container_state {
    SPC_STATE_RUNNING,
    SPC_STATE_PAUSED,
    SPC_STATE_CREATED,
    SPC_STATE_STOPPED,
    _SPC_STATE_MAX,
};

struct spc_container {
    enum spc_engine engine;
    const char *engine_name; // borrowed from the table of engines
    const char *state_name;  // borrowed
    const char *shown_name;  // borrowed from this struct: the name, else the short ID
    enum spc_container_state state;
    char *id;                                  // full ID as the engine knows it
    char *short_id;                            // first 12 characters of a 64-hex ID, else the ID
    char *name;                                // NULL where the engine has none beside the ID
    char *image;                               // as the user typed it, or NULL
    char *engine_namespace;                    // containerd namespace, or NULL
    char *pod_namespace, *pod, *pod_container; // Kubernetes, or NULL
    bool is_sandbox;                           // the pause container of a pod
    pid_t pid;            // init process, in the reader's PID namespace; 0 unless running or paused
    uint64_t start_ticks; // field 22 of /proc/PID/stat of that process: tells PID reuse
    uint64_t age_ns;      // since that process started; UINT64_MAX when not known
    unsigned shared_mask; // SPC_NS_BIT()s shared with the host
    struct spc_strv shared; // the same as names
    char *label;            // LSM label of the init process (-Z), or NULL
    char *cgroup;    // the container's own, as a path below the root of the hierarchies, or NULL
    char *bundle;    // OCI bundle directory, or NULL
    char *parent_id; // the container that this one runs inside of, or NULL
    char *evidence;  // where all this was read, for people
};

// Fields of a container, in column order: `spc ps` and everything else that prints one.
extern const struct spc_record_kind spc_container_kind;

struct spc_containers {
    struct spc_container *items;
    size_t count;
};

void spc_containers_free(struct spc_containers *list);
#define spc_auto_containers SPC_CLEANUP(spc_containers_free)

// The node that is looked at: the live one, a recorded tree, a mounted disk. Holds directory
// descriptors of the root and of its /proc; every look-up is made relative to them.
struct spc_node;

// sysroot NULL means "/". Owned by the caller.
int spc_node_open(const char *sysroot, struct spc_node **ret, struct spc_err *err);
void spc_node_free(struct spc_node *node);
SPC_DEFINE_CLEANUP(struct spc_node *, spc_node_free)

// Descriptors of its root and of its /proc (SPC_NOFD: none), for looking things up; borrowed.
int spc_node_rootfd(const struct spc_node *node);
int spc_node_procfd(const struct spc_node *node);
// Whether processes can be held and signalled: not on a recorded tree or a mounted disk.
bool spc_node_is_live(const struct spc_node *node);
// One of the host's own namespaces; a descriptor that the caller closes, or a negative errno.
int spc_node_open_host_ns(const struct spc_node *node, enum spc_ns_kind kind);

enum spc_scan_flags {
    SPC_SCAN_STOPPED = 1 << 0, // also containers without a process
    SPC_SCAN_LABELS = 1 << 1,  // read LSM labels
    SPC_SCAN_DETAILS = 1 << 2, // age, state, shared namespaces: whatever a line of `ps` shows
    SPC_SCAN_OTHER = 1 << 3,   // also bare namespaces, which costs a look at every process
};

// All containers of the node, sorted by engine, then name. State files that are damaged, too large
// or hostile cost their container its details, never the list.
int spc_node_scan(struct spc_node *node, unsigned flags, struct spc_containers *ret,
                  struct spc_err *err);

// One process of a container.
struct spc_process {
    const struct spc_container *container; // borrowed, NULL for a process of the host
    const char *container_name;            // for the column
    pid_t pid;                             // outside
    pid_t inner_pid;                       // inside the container's PID namespace (last of NSpid)
    char *comm;
    char *cmdline;        // arguments joined by spaces, or NULL
    char *label;          // or NULL
    char *user;           // name from the node's /etc/passwd, else the number
    uint64_t start_ticks; // field 22 of /proc/PID/stat
    uint64_t age_ns;
};
extern const struct spc_record_kind spc_process_kind;

struct spc_processes {
    struct spc_process *items;
    size_t count;
};

void spc_processes_free(struct spc_processes *list);
#define spc_auto_processes SPC_CLEANUP(spc_processes_free)

// The processes of one container, and of those that run inside of it, sorted by PID.
int spc_node_processes(struct spc_node *node, const struct spc_container *container,
                       struct spc_processes *ret, struct spc_err *err);

// All containers as spc_node_scan() gives them, and with the same look all their processes, sorted
// by container, then PID; with `has_host` those of the host behind them. The processes point into
// `ret`: free it last.
int spc_node_scan_processes(struct spc_node *node, unsigned flags, bool has_host,
                            struct spc_containers *ret, struct spc_processes *ret_processes,
                            struct spc_err *err);
