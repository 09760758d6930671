// SPDX-License-Identifier: BSD-2-Clause
#include "scope.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <spc/target.h>

#include "scope_place.h"

void systrace_scope_free(struct scope *scope)
{
    for (size_t i = 0; i < scope->name_count; i++)
        free(scope->names[i].name);
    free(scope->names);
    free(scope->members);
    spc_strv_free(&scope->labels);
    *scope = (struct scope){0};
}

int systrace_scope_add(struct scope *scope, const struct scope_member *member, struct spc_err *err)
{
    size_t count = scope->member_count;
    void *bigger = reallocarray(scope->members, count + 1, sizeof(*scope->members));
    if (!bigger)
        return spc_err_set(err, -ENOMEM, "list of targets");
    scope->members = bigger;
    scope->members[scope->member_count++] = *member;
    return 0;
}

static int add_name(struct scope *scope, uint64_t key, const char *name, struct spc_err *err)
{
    size_t count = scope->name_count;
    void *bigger = reallocarray(scope->names, count + 1, sizeof(*scope->names));
    char *copy = strdup(name);
    if (bigger)
        scope->names = bigger;
    if (!bigger || !copy) {
        free(copy);
        return spc_err_set(err, -ENOMEM, "names of containers");
    }
    scope->names[scope->name_count++] = (struct scope_name){key, copy};
    return 0;
}

// --- targets ------------------------------------------------------------------------------------

// What tells the processes of a target from all others, the best first: its cgroup in v2, which
// their children cannot leave unnoticed; a PID namespace of its own; the list of its processes.
static enum scope_kind kind_of(const struct scope_place *place, const struct spc_target *target)
{
    if (target->kind == SPC_TARGET_HOST)
        return SYSTRACE_SCOPE_ALL;
    if (target->kind == SPC_TARGET_PROCESS)
        return SYSTRACE_SCOPE_PROCESS;
    if (place->cgroup_id)
        return SYSTRACE_SCOPE_CGROUP;
    return place->pidns ? SYSTRACE_SCOPE_PIDNS : SYSTRACE_SCOPE_PROCESS;
}

static int add_processes(struct scope *scope, struct spc_node *node,
                         const struct spc_target *target, uint64_t group, struct spc_err *err)
{
    spc_auto_processes struct spc_processes list = {0};
    if (target->kind == SPC_TARGET_PROCESS) {
        struct scope_member member = {.key = (uint64_t)target->pid, .group = group};
        return systrace_scope_add(scope, &member, err);
    }
    int r = spc_target_processes(node, target, &list, err);
    r = r < 0 ? r : 0;
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        struct scope_member member = {.key = (uint64_t)list.items[i].pid, .group = group};
        r = systrace_scope_add(scope, &member, err);
    }
    scope->is_following = true;
    return r;
}

static int add_target(struct scope *scope, struct spc_node *node, const struct spc_target *target,
                      const struct scope_place *place, struct spc_err *err)
{
    struct scope_member member = {.group = scope->labels.count};
    if (spc_strv_add(&scope->labels, target->label ? target->label : target->spec) < 0)
        return spc_err_set(err, -ENOMEM, "list of targets");
    switch (scope->kind) {
    case SYSTRACE_SCOPE_CGROUP:
        member.key = place->cgroup_id;
        member.level = place->cgroup_level;
        return systrace_scope_add(scope, &member, err);
    case SYSTRACE_SCOPE_PIDNS:
        member.key = place->pidns;
        return systrace_scope_add(scope, &member, err);
    case SYSTRACE_SCOPE_PROCESS:
        return add_processes(scope, node, target, member.group, err);
    case SYSTRACE_SCOPE_ALL:
        break;
    }
    return 0;
}

struct resolved {
    struct spc_target *targets;
    struct scope_place *places;
    size_t count;
};

static void resolved_free(struct resolved *r)
{
    for (size_t i = 0; i < r->count; i++)
        spc_target_free(&r->targets[i]);
    free(r->targets);
    free(r->places);
}

static int resolve_all(struct spc_node *node, char *const *words, size_t count,
                       struct resolved *ret, struct spc_err *err)
{
    ret->targets = calloc(count + 1, sizeof(*ret->targets));
    ret->places = calloc(count + 1, sizeof(*ret->places));
    if (!ret->targets || !ret->places)
        return spc_err_set(err, -ENOMEM, "list of targets");
    for (size_t i = 0; i < count; i++) {
        struct spc_target target = SPC_TARGET_NONE;
        int r = spc_target_resolve(node, words[i], &target, err);
        if (r < 0)
            return r;
        ret->targets[ret->count++] = target;
        if (target.kind == SPC_TARGET_NETNS)
            return spc_err_usage(err, "target '%s': a network namespace makes no system calls",
                                 words[i]);
        systrace_place_find(&target, &ret->places[i]);
    }
    return 0;
}

// One kind for all: the least specific that every target has.
static enum scope_kind common_kind(const struct resolved *all)
{
    enum scope_kind kind = kind_of(&all->places[0], &all->targets[0]);
    for (size_t i = 1; i < all->count; i++) {
        enum scope_kind other = kind_of(&all->places[i], &all->targets[i]);
        if (kind == SYSTRACE_SCOPE_ALL || other == SYSTRACE_SCOPE_ALL)
            return SYSTRACE_SCOPE_ALL;
        if (other != kind)
            kind = SYSTRACE_SCOPE_PROCESS;
    }
    return kind;
}

// --- every container ----------------------------------------------------------------------------

static int name_containers(struct scope *scope, struct spc_node *node, struct spc_err *err)
{
    spc_auto_containers struct spc_containers list = {0};
    int r = spc_node_scan(node, SPC_SCAN_OTHER, &list, err);
    r = r < 0 ? r : 0;
    scope->is_by_pidns = !systrace_place_is_unified();
    uint64_t own = systrace_place_host_pidns();
    if (r == 0 && scope->is_by_pidns && own)
        r = add_name(scope, own, "host", err);
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        const struct spc_container *c = &list.items[i];
        uint64_t key = 0;
        if (c->pid > 0)
            key = scope->is_by_pidns ? systrace_place_pidns(c->pid)
                                     : systrace_place_cgroup_of(c->pid);
        if (key && key != own)
            r = add_name(scope, key, c->shown_name ? c->shown_name : c->id, err);
    }
    return r;
}

int systrace_scope_resolve(char *const *words, size_t count, enum group_by by, struct scope *ret,
                           struct spc_err *err)
{
    systrace_auto_scope struct scope scope = {.by = by};
    struct resolved all SPC_CLEANUP(resolved_free) = {0};
    SPC_CLEANUP(spc_node_free_p) struct spc_node *node = NULL;
    int r = 0;
    if (count || by == SYSTRACE_BY_CONTAINER)
        r = spc_node_open(NULL, &node, err);
    if (r == 0 && count)
        r = resolve_all(node, words, count, &all, err);
    if (r == 0 && count)
        scope.kind = common_kind(&all);
    for (size_t i = 0; r == 0 && scope.kind != SYSTRACE_SCOPE_ALL && i < all.count; i++)
        r = add_target(&scope, node, &all.targets[i], &all.places[i], err);
    if (r == 0 && scope.kind == SYSTRACE_SCOPE_ALL && by == SYSTRACE_BY_CONTAINER)
        r = name_containers(&scope, node, err);
    if (r < 0)
        return r;
    *ret = scope;
    scope = (struct scope){0};
    return 0;
}

static void name_container(const struct scope *scope, uint64_t key, struct spc_buf *out)
{
    if (scope->kind != SYSTRACE_SCOPE_ALL) {
        spc_buf_puts(out, key < scope->labels.count ? scope->labels.items[key] : "?");
        return;
    }
    for (size_t i = 0; i < scope->name_count; i++)
        if (scope->names[i].key == key) {
            spc_buf_puts(out, scope->names[i].name);
            return;
        }
    spc_buf_printf(out, "%s:%" PRIu64, scope->is_by_pidns ? "pidns" : "cgroup", key);
}

int systrace_scope_group_name(const struct scope *scope, uint64_t key, const char *comm, pid_t tgid,
                              struct spc_buf *out)
{
    if (scope->by == SYSTRACE_BY_PROCESS)
        spc_buf_printf(out, "%s[%d]", comm, tgid);
    else if (scope->by == SYSTRACE_BY_CONTAINER)
        name_container(scope, key, out);
    return spc_buf_check(out);
}

static uint64_t key_of(const struct scope *scope, pid_t tgid)
{
    if (scope->kind == SYSTRACE_SCOPE_PROCESS)
        return (uint64_t)tgid;
    bool is_pidns = scope->kind == SYSTRACE_SCOPE_PIDNS ||
                    (scope->kind == SYSTRACE_SCOPE_ALL && scope->is_by_pidns);
    return is_pidns ? systrace_place_pidns(tgid) : systrace_place_cgroup_of(tgid);
}

bool systrace_scope_find(const struct scope *scope, pid_t tgid, uint64_t *ret_group)
{
    bool is_found = scope->kind == SYSTRACE_SCOPE_ALL,
         is_named = scope->by == SYSTRACE_BY_CONTAINER;
    uint64_t key = is_found && !is_named ? 0 : key_of(scope, tgid), group = is_found ? key : 0;
    for (size_t i = 0; !is_found && i < scope->member_count; i++)
        if (scope->members[i].key == key) {
            is_found = true;
            group = scope->members[i].group;
        }
    *ret_group = scope->by == SYSTRACE_BY_PROCESS ? (uint64_t)tgid : is_named ? group : 0;
    return is_found;
}
