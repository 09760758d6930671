// SPDX-License-Identifier: BSD-2-Clause
// Groups of processes on their way to becoming containers.
#include "scan_priv.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdarg.h>
#include <string.h>

#include <spc/proc.h>

struct key {
    int engine; // -1 for paths, which are unique by themselves
    ssize_t parent;
    size_t group;
    char text[];
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    if (!order)
        order = x->engine - y->engine;
    return order ? order : (x->parent > y->parent) - (x->parent < y->parent);
}

static struct key *new_key(int engine, const char *text, ssize_t parent)
{
    size_t len = strlen(text) + 1;
    struct key *key = malloc(sizeof(*key) + len);
    if (!key)
        return NULL;
    key->engine = engine;
    key->parent = parent;
    key->group = 0;
    memcpy(key->text, text, len);
    return key;
}

static ssize_t find_key(void *const *tree, int engine, const char *text, ssize_t parent)
{
    spc_auto_free struct key *key = new_key(engine, text, parent);
    if (!key)
        return -ENOMEM;
    struct key **found = tfind(key, tree, compare_keys);
    return found ? (ssize_t)(*found)->group : -ENOENT;
}

// The first of a name keeps it.
static int add_key(void **tree, int engine, const char *text, ssize_t parent, size_t group)
{
    spc_auto_free struct key *key = new_key(engine, text, parent);
    if (!key)
        return -ENOMEM;
    key->group = group;
    struct key **slot = tsearch(key, tree, compare_keys);
    if (!slot)
        return -ENOMEM;
    if (*slot == key)
        (void)SPC_TAKE_PTR(key);
    return 0;
}

ssize_t spc_scan_by_path(struct spc_scan *scan, const char *path)
{
    return find_key(&scan->by_path, -1, path, SPC_NOBODY);
}

struct spc_group *spc_scan_by_id(struct spc_scan *scan, enum spc_engine engine, const char *id,
                                 ssize_t parent)
{
    ssize_t group = find_key(&scan->by_id, (int)engine, id, parent);
    return group < 0 ? NULL : &scan->groups[group];
}

static int grow_groups(struct spc_scan *scan)
{
    if (scan->group_count < scan->group_cap)
        return 0;
    size_t cap = scan->group_cap ? scan->group_cap * 2 : 64;
    struct spc_group *groups = reallocarray(scan->groups, cap, sizeof(*groups));
    if (!groups)
        return -ENOMEM;
    scan->groups = groups;
    scan->group_cap = cap;
    return 0;
}

ssize_t spc_scan_add_group(struct spc_scan *scan, enum spc_engine engine, const char *id,
                           const char *path, ssize_t parent)
{
    if (grow_groups(scan) < 0)
        return -ENOMEM;
    size_t index = scan->group_count;
    struct spc_group *group = &scan->groups[index];
    *group = (struct spc_group){.parent = parent, .c.engine = engine, .c.age_ns = UINT64_MAX};
    scan->group_count++; // owned from here on, also half made
    if (spc_set_str(&group->c.id, id) < 0 || spc_set_str(&group->path, path) < 0 ||
        spc_set_str(&group->c.cgroup, path) < 0 ||
        add_key(&scan->by_id, (int)engine, id, parent, index) < 0 ||
        (path && add_key(&scan->by_path, -1, path, SPC_NOBODY, index) < 0))
        return -ENOMEM;
    return (ssize_t)index;
}

static bool is_inside(const struct spc_scan *scan, ssize_t group, ssize_t outer)
{
    while (group >= 0 && group != outer)
        group = scan->groups[group].parent;
    return group == outer;
}

// State files inside a container name processes by the numbers of its PID namespace.
static struct spc_row *row_of(struct spc_scan *scan, ssize_t owner, pid_t pid)
{
    if (owner == SPC_NOBODY)
        return spc_scan_row(scan, pid);
    for (size_t i = 0; i < scan->row_count; i++) {
        struct spc_row *row = &scan->rows[i];
        const char *value;
        if (!is_inside(scan, row->group, owner) ||
            spc_node_read(scan->node, row->pid, "status", scan->buf, scan->buf_size) < 0)
            continue;
        ssize_t len = spc_proc_status_value(scan->buf, "NSpid", &value);
        char word[16], *next, *numbers = scan->buf + (value - scan->buf);
        if (len <= 0)
            continue;
        numbers[len] = '\0';
        snprintf(word, sizeof(word), "%d", (int)pid);
        strsep(&numbers, "\t"); // the first is ours
        while ((next = strsep(&numbers, "\t")))
            if (strcmp(next, word) == 0)
                return row;
    }
    return NULL;
}

// A cgroup that the process shares with the one that started it, or with the host's init, is not
// the container's own.
const char *spc_scan_own_cgroup(struct spc_scan *scan, const struct spc_row *row)
{
    const struct spc_row *others[] = {spc_scan_row(scan, row->ppid), spc_scan_row(scan, 1)};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(others) && row->cgroup; i++)
        if (others[i] && others[i] != row && others[i]->cgroup &&
            strcmp(others[i]->cgroup, row->cgroup) == 0)
            return NULL;
    return row->cgroup;
}

ssize_t spc_scan_claim(struct spc_scan *scan, enum spc_engine engine, const char *id, ssize_t owner,
                       pid_t pid, uint64_t start_ticks)
{
    struct spc_row *row = pid > 0 ? row_of(scan, owner, pid) : NULL;
    if (!row || (start_ticks && row->start_ticks != start_ticks) || row->state == 'Z')
        return -ESRCH;
    if (row->group != owner) {
        const struct spc_group *group = row->group >= 0 ? &scan->groups[row->group] : NULL;
        bool is_same = group && group->c.engine == engine && strcmp(group->c.id, id) == 0;
        return is_same ? row->group : -EEXIST;
    }
    const char *path = spc_scan_own_cgroup(scan, row);
    // Two containers in one cgroup: the second has none of its own.
    if (path && spc_scan_by_path(scan, path) >= 0)
        path = NULL;
    ssize_t index = spc_scan_add_group(scan, engine, id, path, owner);
    if (index < 0)
        return index;
    row->group = index;
    struct spc_group *group = &scan->groups[index];
    group->claimed_pid = row->pid;
    group->init = (size_t)(row - scan->rows);
    group->has_init = true;
    return index;
}

bool spc_scan_set_init(struct spc_scan *scan, struct spc_group *group, pid_t pid, uint64_t start)
{
    const struct spc_row *row = spc_scan_row(scan, pid);
    if (!row || row->group != group - scan->groups || (start && row->start_ticks != start))
        return false;
    group->init = (size_t)(row - scan->rows);
    group->has_init = true;
    return true;
}

// The container that owns the nearest cgroup above, of those inside of the row's own container.
static ssize_t owner_by_path(struct spc_scan *scan, const struct spc_row *row)
{
    char path[PATH_MAX];
    size_t len = row->cgroup ? strlen(row->cgroup) : sizeof(path);
    if (len >= sizeof(path))
        return row->group;
    memcpy(path, row->cgroup, len + 1);
    for (char *end = path + len; end && end > path; end = strrchr(path, '/')) {
        *end = '\0';
        ssize_t group = spc_scan_by_path(scan, path);
        if (group >= 0)
            return is_inside(scan, group, row->group) ? group : row->group;
    }
    return row->group;
}

// The container without a cgroup that an ancestor is the init of.
static ssize_t owner_by_parent(struct spc_scan *scan, const struct spc_row *row)
{
    const struct spc_row *up = row;
    for (int depth = 0; depth < 256 && (up = spc_scan_row(scan, up->ppid)); depth++) {
        if (up->group == row->group)
            continue;
        const struct spc_group *group = up->group >= 0 ? &scan->groups[up->group] : NULL;
        return group && !group->path && is_inside(scan, up->group, row->group) ? up->group
                                                                               : row->group;
    }
    return row->group;
}

void spc_scan_adopt(struct spc_scan *scan)
{
    bool has_pathless = false;
    for (size_t i = 0; i < scan->group_count; i++)
        has_pathless |= !scan->groups[i].path;
    for (size_t i = 0; i < scan->row_count; i++) {
        struct spc_row *row = &scan->rows[i];
        if (row->group >= 0 && scan->groups[row->group].claimed_pid == row->pid)
            continue;
        row->group = owner_by_path(scan, row);
        if (has_pathless)
            row->group = owner_by_parent(scan, row);
    }
}

int spc_set_str(char **field, const char *value)
{
    if (!value)
        return 0;
    char *copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

int spc_set_fmt(char **field, const char *fmt, ...)
{
    char *str = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&str, fmt, ap);
    va_end(ap);
    if (n < 0)
        return -ENOMEM;
    free(*field);
    *field = str;
    return 0;
}

void spc_scan_free_groups(struct spc_scan *scan)
{
    for (size_t i = 0; i < scan->group_count; i++) {
        spc_container_clear(&scan->groups[i].c);
        free(scan->groups[i].path);
    }
    free(scan->groups);
    tdestroy(scan->by_path, free);
    tdestroy(scan->by_id, free);
}
