// SPDX-License-Identifier: BSD-2-Clause
// The processes of containers.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/proc.h>
#include <spc/target.h>

#include "process_priv.h"
#include "scan_priv.h"

#define BUF_SIZE   (64u << 10)

#define AT(member) offsetof(struct spc_process, member)

static const struct spc_field process_fields[] = {
    {"pid", "PID", SPC_TYPE_PID, AT(pid), SPC_FIELD_RIGHT, "process, as the host sees it"},
    {"inner_pid", "INSIDE", SPC_TYPE_PID, AT(inner_pid), SPC_FIELD_RIGHT,
     "process, as its container sees it"},
    {"user", "USER", SPC_TYPE_STR, AT(user), 0, "user, by the host's names"},
    {"age_seconds", "AGE", SPC_TYPE_DURATION, AT(age_ns), SPC_FIELD_RIGHT, "since it started"},
    {"label", "LABEL", SPC_TYPE_STR, AT(label), SPC_FIELD_WIDE, "label of the security module"},
    {"comm", NULL, SPC_TYPE_STR, AT(comm), SPC_FIELD_JSON, "name of the program"},
    {"container", "CONTAINER", SPC_TYPE_STR, AT(container_name), 0, "its container"},
    {"cmdline", "COMMAND", SPC_TYPE_STR, AT(cmdline), 0, "command line"},
    {0},
};

const struct spc_record_kind spc_process_kind = {"process", process_fields,
                                                 sizeof(struct spc_process)};

void spc_processes_free(struct spc_processes *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].comm);
        free(list->items[i].cmdline);
        free(list->items[i].label);
        free(list->items[i].user);
    }
    free(list->items);
    *list = (struct spc_processes){0};
}

static int compare_processes(const void *a, const void *b)
{
    const struct spc_process *x = a, *y = b;
    // Containers are elements of one array; NULL, the host, comes last.
    uintptr_t p = (uintptr_t)x->container - 1, q = (uintptr_t)y->container - 1;
    return p != q ? (p > q) - (p < q) : (x->pid > y->pid) - (x->pid < y->pid);
}

static int grow(struct spc_processes *list)
{
    // Powers of two: the count says when the memory is full.
    if (list->count & (list->count - 1))
        return 0;
    size_t cap = list->count ? list->count * 2 : 1;
    struct spc_process *items = reallocarray(list->items, cap, sizeof(*items));
    if (!items)
        return -ENOMEM;
    list->items = items;
    return 0;
}

// As ps(1): arguments joined by blanks; "[name]" for one that has none.
static int set_cmdline(struct spc_process_reader *reader, struct spc_process *p)
{
    char *buf = reader->buf;
    ssize_t len = spc_node_read(reader->node, p->pid, "cmdline", buf, SPC_PROCESS_BUF);
    while (len > 0 && !buf[len - 1])
        len--;
    if (len <= 0)
        return spc_set_fmt(&p->cmdline, "[%s]", p->comm);
    for (ssize_t i = 0; i < len; i++)
        if (!buf[i])
            buf[i] = ' ';
    buf[len] = '\0';
    return spc_set_str(&p->cmdline, buf);
}

static int set_user(struct spc_process_reader *reader, struct spc_process *p)
{
    const char *value;
    if (spc_proc_status_value(reader->buf, "Uid", &value) <= 0)
        return 0;
    unsigned long uid = strtoul(value, NULL, 10);
    p->user = spc_node_user(reader->node, (uid_t)uid, &reader->passwd);
    return p->user ? 0 : spc_set_fmt(&p->user, "%lu", uid);
}

int spc_process_reader_init(struct spc_process_reader *reader, const struct spc_node *node,
                            unsigned flags)
{
    *reader = (struct spc_process_reader){.node = node, .flags = flags};
    reader->buf = malloc(SPC_PROCESS_BUF);
    return reader->buf ? 0 : -ENOMEM;
}

void spc_process_reader_free(struct spc_process_reader *reader)
{
    free(reader->buf);
    free(reader->passwd);
}

// What only a look at the process itself tells. A process that has ended is passed over.
int spc_processes_add(struct spc_processes *list, struct spc_process_reader *reader, pid_t pid,
                      const struct spc_container *container)
{
    const struct spc_node *node = reader->node;
    struct spc_proc_stat stat;
    struct spc_process p = {.pid = pid, .container = container};
    if (spc_node_read(node, pid, "stat", reader->buf, SPC_PROCESS_BUF) < 0 ||
        spc_proc_parse_stat(reader->buf, &stat) < 0)
        return 0;
    if (grow(list) < 0)
        return -ENOMEM;
    p.age_ns = spc_node_age(node, stat.start_ticks);
    p.start_ticks = stat.start_ticks;
    p.container_name = container ? container->shown_name : NULL;
    int r = spc_set_str(&p.comm, stat.comm);
    if (r == 0 && spc_node_read(node, pid, "status", reader->buf, SPC_PROCESS_BUF) > 0) {
        p.inner_pid = spc_proc_inner_pid(reader->buf);
        r = set_user(reader, &p);
    }
    if (r == 0)
        r = set_cmdline(reader, &p);
    if (r == 0 && reader->flags & SPC_SCAN_LABELS)
        r = spc_node_label(node, pid, &p.label);
    list->items[list->count++] = p; // owned by the list also when half made
    return r;
}

void spc_processes_sort(struct spc_processes *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), compare_processes);
}

int spc_node_scan_processes(struct spc_node *node, unsigned flags, bool has_host,
                            struct spc_containers *ret, struct spc_processes *ret_processes,
                            struct spc_err *err)
{
    SPC_CLEANUP(spc_scan_free) struct spc_scan scan = {.node = node, .flags = flags};
    spc_auto_containers struct spc_containers list = {0};
    spc_auto_processes struct spc_processes processes = {0};
    SPC_CLEANUP(spc_process_reader_free) struct spc_process_reader reader = {0};
    int r = spc_scan_run(&scan, err);
    if (r < 0)
        return r;
    r = spc_scan_collect(&scan, &list);
    if (r == 0)
        r = spc_process_reader_init(&reader, node, flags);
    for (size_t i = 0; r == 0 && i < scan.row_count; i++) {
        ssize_t group = scan.rows[i].group, item = group < 0 ? group : scan.groups[group].item;
        if (item < 0 && !has_host)
            continue;
        r = spc_processes_add(&processes, &reader, scan.rows[i].pid,
                              item < 0 ? NULL : &list.items[item]);
    }
    if (r < 0)
        return spc_err_set(err, r, "list processes");
    spc_processes_sort(&processes);
    *ret = list;
    *ret_processes = processes;
    list = (struct spc_containers){0};
    processes = (struct spc_processes){0};
    return 0;
}

// Is the process in that cgroup, or in one below, in any hierarchy?
static bool is_below(const char *text, const char *cgroup)
{
    struct spc_cgroup_line line;
    size_t len = strlen(cgroup);
    while (len && cgroup[len - 1] == '/')
        len--;
    while (spc_proc_next_cgroup(&text, &line))
        if (line.path_len >= len && memcmp(line.path, cgroup, len) == 0 &&
            (line.path_len == len || line.path[len] == '/'))
            return true;
    return false;
}

int spc_processes_of_cgroup(const struct spc_node *node, const char *cgroup,
                            const struct spc_container *container, struct spc_processes *ret,
                            struct spc_err *err)
{
    spc_auto_processes struct spc_processes list = {0};
    SPC_CLEANUP(spc_process_reader_free) struct spc_process_reader reader;
    int r = spc_process_reader_init(&reader, node, 0);
    spc_auto_close int fd =
        node->procfd < 0 ? -ENOENT : openat(node->procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spc_auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (r < 0 || !dir)
        return spc_err_set(err, r < 0 ? r : -ENOENT, "read /proc");
    SPC_TAKE_FD(fd);
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        pid_t pid = spc_proc_parse_pid(entry->d_name);
        if (!pid || spc_node_read(node, pid, "cgroup", reader.buf, SPC_PROCESS_BUF) < 0 ||
            !is_below(reader.buf, cgroup))
            continue;
        r = spc_processes_add(&list, &reader, pid, container);
        if (r < 0)
            return spc_err_set(err, r, "read /proc/%d", pid);
    }
    spc_processes_sort(&list);
    *ret = list;
    list = (struct spc_processes){0};
    return 0;
}

// A container without a cgroup of its own is known by its init.
static int processes_of_init(struct spc_node *node, const struct spc_container *container,
                             struct spc_processes *ret, struct spc_err *err)
{
    SPC_CLEANUP(spc_scan_free) struct spc_scan scan = {.node = node, .flags = SPC_SCAN_OTHER};
    spc_auto_processes struct spc_processes list = {0};
    SPC_CLEANUP(spc_process_reader_free) struct spc_process_reader reader = {0};
    int r = spc_scan_run(&scan, err);
    if (r == 0 && spc_process_reader_init(&reader, node, 0) < 0)
        r = spc_err_set(err, -ENOMEM, "list processes");
    const struct spc_row *init = r < 0 ? NULL : spc_scan_row(&scan, container->pid);
    for (size_t i = 0; r == 0 && init && init->group >= 0 && i < scan.row_count; i++)
        if (scan.rows[i].group == init->group)
            r = spc_processes_add(&list, &reader, scan.rows[i].pid, container);
    if (r < 0)
        return r;
    *ret = list;
    list = (struct spc_processes){0};
    return 0;
}

int spc_node_processes(struct spc_node *node, const struct spc_container *container,
                       struct spc_processes *ret, struct spc_err *err)
{
    if (!container->cgroup || container->engine == SPC_ENGINE_OTHER)
        return processes_of_init(node, container, ret, err);
    return spc_processes_of_cgroup(node, container->cgroup, container, ret, err);
}
