// SPDX-License-Identifier: BSD-2-Clause
#include "scan_priv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include <spc/proc.h>

static const char *const state_names[] = {
    [SPC_STATE_RUNNING] = "running",
    [SPC_STATE_PAUSED] = "paused",
    [SPC_STATE_CREATED] = "created",
    [SPC_STATE_STOPPED] = "stopped",
};

static_assert(SPC_ARRAY_SIZE(state_names) == _SPC_STATE_MAX, "a name for each state");

#define AT(member) offsetof(struct spc_container, member)

static const struct spc_field container_fields[] = {
    {"name", "NAME", SPC_TYPE_STR, AT(shown_name), 0, "name, or the ID where there is none"},
    {"engine", "ENGINE", SPC_TYPE_STR, AT(engine_name), 0, "what runs it"},
    {"short_id", "ID", SPC_TYPE_STR, AT(short_id), 0, "ID, cut off where it is long"},
    {"image", "IMAGE", SPC_TYPE_STR, AT(image), 0, "image, as the user named it"},
    {"pid", "PID", SPC_TYPE_PID, AT(pid), SPC_FIELD_RIGHT, "init process, as the host sees it"},
    {"age_seconds", "AGE", SPC_TYPE_DURATION, AT(age_ns), SPC_FIELD_RIGHT,
     "since the init process started"},
    {"state", "STATE", SPC_TYPE_STR, AT(state_name), 0, "running, paused, created or stopped"},
    {"shared", "SHARED", SPC_TYPE_STRV, AT(shared), 0, "namespaces shared with the host"},
    {"label", "LABEL", SPC_TYPE_STR, AT(label), SPC_FIELD_WIDE, "label of the security module"},
    {"id", NULL, SPC_TYPE_STR, AT(id), SPC_FIELD_JSON, "whole ID"},
    {"engine_namespace", NULL, SPC_TYPE_STR, AT(engine_namespace), SPC_FIELD_JSON,
     "namespace of containerd"},
    {"pod_namespace", NULL, SPC_TYPE_STR, AT(pod_namespace), SPC_FIELD_JSON,
     "namespace of Kubernetes"},
    {"pod", NULL, SPC_TYPE_STR, AT(pod), SPC_FIELD_JSON, "pod of Kubernetes"},
    {"pod_container", NULL, SPC_TYPE_STR, AT(pod_container), SPC_FIELD_JSON,
     "name of the container in its pod"},
    {"is_sandbox", NULL, SPC_TYPE_BOOL, AT(is_sandbox), SPC_FIELD_JSON,
     "the container that only holds a pod's namespaces"},
    {"start_ticks", NULL, SPC_TYPE_U64, AT(start_ticks), SPC_FIELD_JSON,
     "start time of the init process in clock ticks since boot"},
    {"cgroup", NULL, SPC_TYPE_STR, AT(cgroup), SPC_FIELD_JSON, "its cgroup"},
    {"bundle", NULL, SPC_TYPE_STR, AT(bundle), SPC_FIELD_JSON, "its OCI bundle"},
    {"parent_id", NULL, SPC_TYPE_STR, AT(parent_id), SPC_FIELD_JSON,
     "ID of the container that it runs in"},
    {"evidence", NULL, SPC_TYPE_STR, AT(evidence), SPC_FIELD_JSON, "where this was read"},
    {0},
};

const struct spc_record_kind spc_container_kind = {"container", container_fields,
                                                   sizeof(struct spc_container)};

void spc_container_clear(struct spc_container *c)
{
    char *owned[] = {c->id,     c->short_id,      c->name,          c->image, c->engine_namespace,
                     c->pod,    c->pod_namespace, c->pod_container, c->label, c->cgroup,
                     c->bundle, c->parent_id,     c->evidence};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(owned); i++)
        free(owned[i]);
    spc_strv_free(&c->shared);
    *c = (struct spc_container){0};
}

void spc_containers_free(struct spc_containers *list)
{
    for (size_t i = 0; i < list->count; i++)
        spc_container_clear(&list->items[i]);
    free(list->items);
    *list = (struct spc_containers){0};
}

// Docker's rule for IDs made of 64 hexadecimal digits; others are names that people chose.
static int set_short_id(struct spc_container *c)
{
    bool is_hex = strlen(c->id) == 64 && strspn(c->id, "0123456789abcdef") == 64;
    return spc_set_fmt(&c->short_id, "%.*s", is_hex ? 12 : (int)strlen(c->id), c->id);
}

// A pod's containers go by the form in which a user can type them.
static int set_pod_name(struct spc_container *c)
{
    if (!c->pod)
        return 0;
    return spc_set_fmt(&c->name, "pod/%s/%s%s%s", c->pod_namespace ? c->pod_namespace : "default",
                       c->pod, c->pod_container ? "/" : "",
                       c->pod_container ? c->pod_container : "");
}

static int set_shared(struct spc_container *c)
{
    for (int kind = 0; kind < _SPC_NS_MAX; kind++)
        if (c->shared_mask & SPC_NS_BIT(kind) &&
            spc_strv_add(&c->shared, spc_ns_table[kind].name) < 0)
            return -ENOMEM;
    return 0;
}

int spc_node_label(const struct spc_node *node, pid_t pid, char **ret)
{
    char text[4096];
    ssize_t len = spc_node_read(node, pid, "attr/current", text, sizeof(text));
    while (len > 0 && (text[len - 1] == '\n' || !text[len - 1]))
        text[--len] = '\0';
    return len > 0 ? spc_set_str(ret, text) : 0;
}

int spc_container_details(const struct spc_node *node, unsigned flags, char state,
                          struct spc_container *c)
{
    c->age_ns = spc_node_age(node, c->start_ticks);
    c->shared_mask = spc_node_shared(node, c->pid);
    if (c->cgroup && spc_node_is_frozen(node, c->cgroup, state))
        c->state = SPC_STATE_PAUSED;
    c->state_name = state_names[c->state];
    int r = set_shared(c);
    return r == 0 && flags & SPC_SCAN_LABELS ? spc_node_label(node, c->pid, &c->label) : r;
}

uint64_t spc_node_age(const struct spc_node *node, uint64_t start_ticks)
{
    uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK), second = 1000000000;
    uint64_t start = start_ticks / hz * second + start_ticks % hz * (second / hz);
    if (node->uptime_ns == UINT64_MAX || start_ticks / hz > UINT64_MAX / second / 2)
        return UINT64_MAX;
    return node->uptime_ns > start ? node->uptime_ns - start : 0;
}

static int finish_running(struct spc_scan *scan, struct spc_group *group)
{
    struct spc_container *c = &group->c;
    const struct spc_row *init = &scan->rows[group->init];
    c->pid = init->pid;
    c->start_ticks = init->start_ticks;
    c->state = group->is_created ? SPC_STATE_CREATED : SPC_STATE_RUNNING;
    return scan->flags & SPC_SCAN_DETAILS
               ? spc_container_details(scan->node, scan->flags, init->state, c)
               : 0;
}

static int finish_group(struct spc_scan *scan, struct spc_group *group)
{
    struct spc_container *c = &group->c;
    c->engine_name = spc_engine_name(c->engine);
    int r = set_pod_name(c);
    if (r == 0)
        r = set_short_id(c);
    if (r == 0 && group->parent >= 0)
        r = spc_set_str(&c->parent_id, scan->groups[group->parent].c.id);
    if (r == 0 && group->path)
        r = spc_group_evidence(group, NULL, "cgroup %s", group->path);
    if (r == 0 && group->has_init)
        r = finish_running(scan, group);
    else
        c->state = group->is_created ? SPC_STATE_CREATED : SPC_STATE_STOPPED;
    c->state_name = state_names[c->state];
    c->shown_name = c->name ? c->name : c->short_id;
    return r;
}

int spc_scan_finish(struct spc_scan *scan, struct spc_err *err)
{
    for (size_t i = 0; i < scan->group_count; i++) {
        int r = finish_group(scan, &scan->groups[i]);
        if (r < 0)
            return spc_err_set(err, r, "look at container %s", scan->groups[i].c.id);
    }
    return 0;
}

void spc_scan_free(struct spc_scan *scan)
{
    spc_scan_free_groups(scan);
    spc_scan_free_sources(scan);
    spc_scan_forget_rows(scan);
    free(scan->rows);
    free(scan->passwd);
    free(scan->buf);
    *scan = (struct spc_scan){0};
}

static int compare_groups(const void *a, const void *b)
{
    const struct spc_group *x = *(struct spc_group *const *)a, *y = *(struct spc_group *const *)b;
    int order = (int)x->c.engine - (int)y->c.engine;
    if (!order)
        order = strcmp(x->c.shown_name, y->c.shown_name);
    if (!order)
        order = strcmp(x->c.id, y->c.id);
    return order ? order : (x->c.pid > y->c.pid) - (x->c.pid < y->c.pid);
}

// A container is worth showing when it runs, or when its engine still knows it.
static bool is_shown(const struct spc_scan *scan, const struct spc_group *group)
{
    return group->has_init || (scan->flags & SPC_SCAN_STOPPED && group->is_read);
}

int spc_scan_collect(struct spc_scan *scan, struct spc_containers *ret)
{
    size_t count = 0, room = scan->group_count ? scan->group_count : 1;
    spc_auto_free struct spc_group **order = calloc(room, sizeof(struct spc_group *));
    if (!order)
        return -ENOMEM;
    for (size_t i = 0; i < scan->group_count; i++)
        if (is_shown(scan, &scan->groups[i]))
            order[count++] = &scan->groups[i];
        else
            scan->groups[i].item = SPC_NOBODY;
    qsort(order, count, sizeof(struct spc_group *), compare_groups);

    struct spc_containers list = {.items = calloc(count ? count : 1, sizeof(*list.items))};
    if (!list.items)
        return -ENOMEM;
    for (; list.count < count; list.count++) {
        struct spc_group *group = order[list.count];
        group->item = (ssize_t)list.count;
        list.items[list.count] = group->c;
        group->c = (struct spc_container){0};
    }
    *ret = list;
    return 0;
}

int spc_node_scan(struct spc_node *node, unsigned flags, struct spc_containers *ret,
                  struct spc_err *err)
{
    SPC_CLEANUP(spc_scan_free) struct spc_scan scan = {.node = node, .flags = flags};
    int r = spc_scan_run(&scan, err);
    if (r < 0)
        return r;
    r = spc_scan_collect(&scan, ret);
    return r < 0 ? spc_err_set(err, r, "list containers") : 0;
}
