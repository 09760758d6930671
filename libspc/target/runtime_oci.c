// SPDX-License-Identifier: BSD-2-Clause
// runc and crun without an engine: ROOT/ID/state.json and ROOT/ID/status. The same directories
// hold the containers of podman and CRI-O, which are known by then and passed over.
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>

#include "scan_priv.h"

static const char *const runc_daemons[] = {"runc", NULL};
static const char *const crun_daemons[] = {"crun", NULL};

static int find(struct spc_scan *scan, const struct spc_daemon *daemon)
{
    const char *root = spc_argv_value(&daemon->argv, "--root");
    return root ? spc_scan_add_source(scan, SPC_SOURCE_OCI, daemon, root) : 0;
}

// The two write the same facts under different names.
static const struct dialect {
    enum spc_engine engine;
    const char *file, *pid, *start;
} runc = {SPC_ENGINE_RUNC, "state.json", "init_process_pid", "init_process_start"},
  crun = {SPC_ENGINE_CRUN, "status", "pid", "process-start-time"};

// runc keeps the bundle as a label "bundle=DIR".
static const char *bundle_of(const struct spc_jdoc *doc)
{
    const char *bundle = spc_jdoc_get_str(doc, "bundle");
    const struct spc_jdoc *labels = spc_jdoc_get(spc_jdoc_get(doc, "config"), "labels");
    for (size_t i = 0; !bundle && spc_jdoc_at(labels, i); i++) {
        const char *label = spc_jdoc_str(spc_jdoc_at(labels, i));
        if (label && strncmp(label, "bundle=", 7) == 0)
            bundle = label + 7;
    }
    return bundle;
}

static int fill(struct spc_scan *scan, const struct spc_source *source, struct spc_group *group,
                const struct spc_jdoc *doc, const char *file)
{
    (void)scan;
    char path[384];
    group->is_read = true;
    // Until `start`, init waits for somebody to open the fifo.
    snprintf(path, sizeof(path), "%.255s/exec.fifo", group->c.id);
    spc_auto_close int fifo = spc_open_in_root(source->dirfd, path, O_PATH);
    group->is_created = fifo >= 0;
    int r = spc_set_str(&group->c.bundle, bundle_of(doc));
    return r < 0 ? r : spc_group_evidence(group, source, "%s/%s", group->c.id, file);
}

// A container of an engine that works through runc or crun: its ID is no name that people chose.
static bool is_known(struct spc_scan *scan, const char *id, ssize_t owner)
{
    for (int engine = 0; engine < _SPC_ENGINE_MAX; engine++)
        if (engine != SPC_ENGINE_LXC && engine != SPC_ENGINE_NSPAWN &&
            (strlen(id) == 64 || engine >= SPC_ENGINE_RUNC) &&
            spc_scan_by_id(scan, (enum spc_engine)engine, id, owner))
            return true;
    return false;
}

static int look(struct spc_scan *scan, const struct spc_source *source, const char *id, void *arg)
{
    const struct dialect *dialect = arg;
    char path[384];
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    snprintf(path, sizeof(path), "%.255s/%s", id, dialect->file);
    if (is_known(scan, id, source->group) ||
        spc_jdoc_read(source->dirfd, path, SPC_STATE_MAX, &doc) < 0)
        return 0;
    ssize_t index =
        spc_scan_claim(scan, dialect->engine, id, source->group, spc_jdoc_pid(doc, dialect->pid),
                       spc_jdoc_get_u64(doc, dialect->start));
    return index < 0 ? (index == -ENOMEM ? -ENOMEM : 0)
                     : fill(scan, source, &scan->groups[index], doc, dialect->file);
}

static int look_stopped(struct spc_scan *scan, const struct spc_source *source, const char *id,
                        void *arg)
{
    const struct dialect *dialect = arg;
    char path[384];
    spc_auto_jdoc struct spc_jdoc *doc = NULL;
    snprintf(path, sizeof(path), "%.255s/%s", id, dialect->file);
    if (is_known(scan, id, source->group) ||
        spc_jdoc_read(source->dirfd, path, SPC_STATE_MAX, &doc) < 0)
        return 0;
    ssize_t index = spc_scan_add_group(scan, dialect->engine, id, NULL, source->group);
    if (index < 0)
        return (int)index;
    int r = fill(scan, source, &scan->groups[index], doc, dialect->file);
    scan->groups[index].is_created = false;
    return r;
}

static int each_state(struct spc_scan *scan, const struct dialect *dialect,
                      int (*fn)(struct spc_scan *, const struct spc_source *, const char *, void *))
{
    spc_scan_foreach_source(scan, source, SPC_SOURCE_OCI)
    {
        int r = spc_source_each(scan, source, ".", fn, (void *)dialect);
        if (r < 0)
            return r;
    }
    return 0;
}

static int claim_runc(struct spc_scan *scan)
{
    return each_state(scan, &runc, look);
}

static int claim_crun(struct spc_scan *scan)
{
    return each_state(scan, &crun, look);
}

static int list_runc(struct spc_scan *scan)
{
    return scan->flags & SPC_SCAN_STOPPED ? each_state(scan, &runc, look_stopped) : 0;
}

static int list_crun(struct spc_scan *scan)
{
    return scan->flags & SPC_SCAN_STOPPED ? each_state(scan, &crun, look_stopped) : 0;
}

const struct spc_runtime spc_runtime_runc = {
    .name = "runc",
    .daemons = runc_daemons,
    .find = find,
    .claim = claim_runc,
    .list = list_runc,
};

const struct spc_runtime spc_runtime_crun = {
    .name = "crun",
    .daemons = crun_daemons,
    .find = find,
    .claim = claim_crun,
    .list = list_crun,
};
