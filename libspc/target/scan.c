// SPDX-License-Identifier: BSD-2-Clause
// One walk over /proc, then one pass over the containers found. Nothing here is slower than
// n log n, and no file that grows with the node (mountinfo) is read.
#include "scan_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/proc.h>

#include "cgroup_path_priv.h"

// As much as the kernel shows of a process in 13 hierarchies, each with the longest path.
#define BUF_SIZE (64u << 10)

static int add_row(struct spc_scan *scan, struct spc_row row)
{
    if (scan->row_count == scan->row_cap) {
        size_t cap = scan->row_cap ? scan->row_cap * 2 : 256;
        struct spc_row *rows = reallocarray(scan->rows, cap, sizeof(*rows));
        if (!rows)
            return -ENOMEM;
        scan->rows = rows;
        scan->row_cap = cap;
    }
    scan->rows[scan->row_count++] = row;
    return 0;
}

// The line to go by: where hierarchies disagree, the best one that names a container, else the best
// one that is not the root. Tools that know only name=systemd and v2 leave the others behind.
static size_t choose_path(const char *text, struct spc_cgroup_line *ret,
                          struct spc_cgroup_match chain[static SPC_CGROUP_CHAIN_MAX])
{
    struct spc_cgroup_match found[SPC_CGROUP_CHAIN_MAX];
    struct spc_cgroup_line line, best = {.rank = 9}, plain = {.rank = 9};
    size_t count = 0;
    while (spc_proc_next_cgroup(&text, &line)) {
        if (line.path_len <= 1)
            continue;
        if (line.rank < plain.rank)
            plain = line;
        if (line.rank >= best.rank)
            continue;
        // Hierarchies mostly agree: look at each path once.
        if (plain.path_len == line.path_len && plain.path != line.path && best.rank == 9 &&
            memcmp(plain.path, line.path, line.path_len) == 0)
            continue;
        size_t n = spc_cgroup_classify(line.path, line.path_len, found);
        if (n) {
            memcpy(chain, found, n * sizeof(*found));
            count = n;
            best = line;
        }
    }
    *ret = count ? best : plain;
    return count;
}

static int group_of_chain(struct spc_scan *scan, const struct spc_cgroup_line *line,
                          const struct spc_cgroup_match *chain, size_t count, ssize_t *ret)
{
    ssize_t parent = SPC_NOBODY;
    for (size_t i = 0; i < count; i++) {
        char path[4096], id[256];
        if (chain[i].prefix_len >= sizeof(path) || chain[i].id_len >= sizeof(id))
            break;
        memcpy(path, line->path, chain[i].prefix_len);
        path[chain[i].prefix_len] = '\0';
        memcpy(id, chain[i].id, chain[i].id_len);
        id[chain[i].id_len] = '\0';
        ssize_t group = spc_scan_by_path(scan, path);
        if (group < 0)
            group = spc_scan_add_group(scan, chain[i].engine, id, path, parent);
        if (group < 0)
            return (int)group;
        parent = group;
    }
    *ret = parent;
    return 0;
}

// The chain of a process is mostly that of the one before it: nothing to remember, the tree is
// quick.
static int place_row(struct spc_scan *scan, struct spc_row *row, const char *text)
{
    struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
    struct spc_cgroup_line line;
    size_t count = choose_path(text, &line, chain);
    row->group = SPC_NOBODY;
    if (count) {
        int r = group_of_chain(scan, &line, chain, count, &row->group);
        if (r < 0)
            return r;
    }
    bool is_deeper = count ? line.path_len > chain[count - 1].prefix_len : line.rank != 9;
    if (is_deeper) {
        row->cgroup = strndup(line.path, line.path_len);
        if (!row->cgroup)
            return -ENOMEM;
    }
    return 0;
}

static int look_at(struct spc_scan *scan, pid_t pid)
{
    struct spc_row row = {.pid = pid};
    if (spc_node_read(scan->node, pid, "stat", scan->buf, scan->buf_size) < 0)
        return 0; // gone
    struct spc_proc_stat stat;
    if (spc_proc_parse_stat(scan->buf, &stat) < 0 || stat.pid != pid)
        return 0;
    row.ppid = stat.ppid;
    row.start_ticks = stat.start_ticks;
    row.state = stat.state;
    memcpy(row.comm, stat.comm, sizeof(row.comm));

    if (spc_node_read(scan->node, pid, "cgroup", scan->buf, scan->buf_size) < 0)
        scan->buf[0] = '\0';
    int r = place_row(scan, &row, scan->buf);
    if (r == 0)
        r = add_row(scan, row);
    if (r < 0)
        free(row.cgroup);
    return r;
}

static int compare_rows(const void *a, const void *b)
{
    const struct spc_row *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static int walk(struct spc_scan *scan, struct spc_err *err)
{
    if (scan->node->procfd < 0)
        return 0; // a disk: no processes
    spc_auto_close int fd = openat(scan->node->procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, -errno, "open /proc");
    spc_auto_dir DIR *dir = fdopendir(fd);
    if (!dir)
        return spc_err_set(err, -errno, "read /proc");
    SPC_TAKE_FD(fd);

    struct dirent *entry;
    while ((entry = readdir(dir))) {
        pid_t pid = spc_proc_parse_pid(entry->d_name);
        int r = pid ? look_at(scan, pid) : 0;
        if (r < 0)
            return spc_err_set(err, r, "read /proc/%d", (int)pid);
    }
    if (scan->row_count)
        qsort(scan->rows, scan->row_count, sizeof(*scan->rows), compare_rows);
    return 0;
}

struct spc_row *spc_scan_row(struct spc_scan *scan, pid_t pid)
{
    struct spc_row key = {.pid = pid};
    if (!scan->row_count)
        return NULL;
    return bsearch(&key, scan->rows, scan->row_count, sizeof(*scan->rows), compare_rows);
}

struct spc_row *spc_scan_child(struct spc_scan *scan, pid_t parent)
{
    for (size_t i = 0; i < scan->row_count; i++)
        if (scan->rows[i].ppid == parent && scan->rows[i].state != 'Z')
            return &scan->rows[i];
    return NULL;
}

struct spc_group *spc_scan_group_of(struct spc_scan *scan, pid_t pid)
{
    struct spc_row *row = spc_scan_row(scan, pid);
    return row && row->group >= 0 ? &scan->groups[row->group] : NULL;
}

// Init is the process whose parent is outside; of several (processes that an engine put in later),
// the oldest.
static void choose_inits(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->row_count; i++) {
        struct spc_row *row = &scan->rows[i];
        if (row->group < 0 || row->state == 'Z' || row->state == 'X')
            continue;
        struct spc_group *group = &scan->groups[row->group];
        const struct spc_row *parent = spc_scan_row(scan, row->ppid);
        if (parent && parent->group == row->group)
            continue;
        const struct spc_row *init = group->has_init ? &scan->rows[group->init] : NULL;
        if (init && (group->claimed_pid == init->pid || init->start_ticks < row->start_ticks ||
                     (init->start_ticks == row->start_ticks && init->pid < row->pid)))
            continue;
        group->init = i;
        group->has_init = true;
    }
}

static int each_engine(struct spc_scan *scan, struct spc_err *err,
                       int (*step)(struct spc_scan *, const struct spc_runtime *))
{
    for (int i = 0; i < _SPC_ENGINE_MAX; i++) {
        if (scan->skipped & 1u << i)
            continue;
        int r = step(scan, spc_runtimes[i]);
        if (r < 0)
            return spc_err_set(err, r, "look for containers of %s", spc_runtimes[i]->name);
    }
    return 0;
}

static int step_claim(struct spc_scan *scan, const struct spc_runtime *runtime)
{
    return runtime->claim ? runtime->claim(scan) : 0;
}

static int step_list(struct spc_scan *scan, const struct spc_runtime *runtime)
{
    return runtime->list ? runtime->list(scan) : 0;
}

static int read_groups(struct spc_scan *scan, struct spc_err *err)
{
    for (size_t i = 0; i < scan->group_count; i++) {
        struct spc_group *group = &scan->groups[i];
        const struct spc_runtime *runtime = spc_runtimes[group->c.engine];
        if (scan->skipped & 1u << group->c.engine)
            continue;
        int r = runtime->read ? runtime->read(scan, group) : 0;
        if (r < 0)
            return spc_err_set(err, r, "read the state of %s", group->c.id);
    }
    return 0;
}

int spc_scan_run(struct spc_scan *scan, struct spc_err *err)
{
    scan->buf_size = BUF_SIZE;
    scan->buf = malloc(BUF_SIZE);
    if (!scan->buf)
        return spc_err_set(err, -ENOMEM, "look for containers");
    int r = walk(scan, err);
    if (r == 0)
        r = spc_scan_find_sources(scan, err);
    if (r == 0)
        r = each_engine(scan, err, step_claim);
    if (r < 0)
        return r;
    choose_inits(scan);
    r = read_groups(scan, err);
    if (r == 0)
        r = each_engine(scan, err, step_list);
    if (r == 0)
        r = spc_scan_finish(scan, err);
    return r;
}
