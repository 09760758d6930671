// SPDX-License-Identifier: BSD-2-Clause
// From what the user typed to one held target.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include <spc/fd.h>
#include <spc/opt.h>
#include <spc/proc.h>

#include "process_priv.h"
#include "scan_priv.h"
#include "target_place_priv.h"
#include "target_priv.h"

// A message lists no more candidates than this.
#define CANDIDATES_MAX 8

void spc_target_free(struct spc_target *target)
{
    free(target->spec);
    free(target->label);
    free(target->cgroup);
    spc_containers_free(&target->containers);
    spc_close(target->pidfd);
    spc_close(target->procfd);
    spc_close(target->nsfd);
    *target = (struct spc_target)SPC_TARGET_NONE;
}

static int died(struct spc_err *err, pid_t pid)
{
    spc_err_say(err, -ESRCH, "process %d ended while it was being looked at", (int)pid);
    spc_err_exit(err, SPC_EXIT_TARGET);
    return spc_err_hint(err, "try again");
}

// Whether the process behind the directory descriptor still is the one that started then.
static bool is_still(int procfd, uint64_t start_ticks)
{
    char text[1024];
    struct spc_proc_stat stat;
    return spc_read_small(procfd, "stat", text, sizeof(text)) > 0 &&
           spc_proc_parse_stat(text, &stat) == 0 && stat.state != 'Z' && stat.state != 'X' &&
           (!start_ticks || stat.start_ticks == start_ticks);
}

// The directory first: it belongs to one process for ever (reads fail with ESRCH after its end).
// If that is still the right one after the pidfd was opened, the pidfd is of the same process.
static int hold(const struct spc_node *node, struct spc_target *target, pid_t pid,
                uint64_t start_ticks, struct spc_err *err)
{
    char path[16];
    snprintf(path, sizeof(path), "%d", (int)pid);
    target->pid = pid;
    if (!node->is_live) {
        target->procfd = spc_open_in_root(node->procfd, path, O_RDONLY | O_DIRECTORY);
        return target->procfd < 0 ? died(err, pid) : 0;
    }
    target->procfd = openat(node->procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (target->procfd < 0 || !is_still(target->procfd, start_ticks))
        return died(err, pid);
    if (!node->is_our_pid_ns)
        return 0;
    // Below kernel 5.3 there is no pidfd: the directory alone tells when the process is gone.
    target->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (target->pidfd < 0)
        target->pidfd = SPC_NOFD;
    return is_still(target->procfd, start_ticks) ? 0 : died(err, pid);
}

// How a user can name the container without ambiguity among `list`.
static int unambiguous(const struct spc_containers *list, const struct spc_container *c,
                       struct spc_buf *out)
{
    const char *namespace = c->engine_namespace ? c->engine_namespace : "";
    const char *names[] = {c->name ? c->name : c->id, c->short_id};
    for (size_t k = 0; k < SPC_ARRAY_SIZE(names) && !c->pod; k++) {
        size_t same = 0;
        for (size_t i = 0; i < list->count; i++) {
            const struct spc_container *o = &list->items[i];
            const char *other = k ? o->short_id : o->name ? o->name : o->id;
            const char *other_namespace = o->engine_namespace ? o->engine_namespace : "";
            same += o->engine == c->engine && strcmp(names[k], other) == 0 &&
                    strcmp(namespace, other_namespace) == 0;
        }
        if (same != 1)
            continue;
        spc_buf_printf(out, "%s:%s%s%s", c->engine_name, namespace, *namespace ? "/" : "",
                       names[k]);
        return spc_buf_check(out);
    }
    if (c->pod)
        spc_buf_printf(out, "%s:%s", c->engine_name, c->short_id);
    else if (c->pid)
        spc_buf_printf(out, "pid:%d", (int)c->pid);
    else
        spc_buf_printf(out, "%s:%s", c->engine_name, c->id);
    return spc_buf_check(out);
}

// Indexes of the containers that fit best; their number.
static size_t best_fits(const struct spc_target_spec *spec, const struct spc_containers *list,
                        size_t *ret)
{
    enum spc_target_fit best = SPC_FIT_PREFIX;
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum spc_target_fit fit = spc_target_fits(spec, &list->items[i]);
        if (fit > best)
            count = 0;
        if (fit >= best) {
            best = fit;
            ret[count++] = i;
        }
    }
    return count;
}

static int say_ambiguous(const char *text, const struct spc_containers *list, const size_t *fits,
                         size_t count, struct spc_err *err)
{
    spc_auto_buf struct spc_buf names = {0};
    for (size_t i = 0; i < count && i < CANDIDATES_MAX; i++) {
        spc_buf_puts(&names, i ? ", " : "");
        unambiguous(list, &list->items[fits[i]], &names);
    }
    if (count > CANDIDATES_MAX)
        spc_buf_printf(&names, " and %zu more", count - CANDIDATES_MAX);
    spc_err_say(err, -ENOTUNIQ, "'%s' is ambiguous: %s", text, spc_buf_str(&names));
    spc_err_exit(err, SPC_EXIT_TARGET);
    return spc_err_hint(err, "name one of them");
}

static int say_unknown(const char *text, const struct spc_target_spec *spec,
                       const struct spc_containers *list, struct spc_err *err)
{
    spc_auto_free const char **names = calloc(list->count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; names && i < list->count; i++)
        if (spec->engine < 0 || (int)list->items[i].engine == spec->engine)
            names[count++] = list->items[i].shown_name;
    const char *wanted = spec->pod ? text : spec->name;
    const char *near = count ? spc_nearest(wanted, names, count) : NULL;
    spc_err_say(err, -ENOENT, "no %s%s'%s' on this node",
                spec->engine < 0 ? "" : spc_engine_name((enum spc_engine)spec->engine),
                spec->pod          ? "pod or container "
                : spec->engine < 0 ? "container "
                                   : " container ",
                wanted);
    spc_err_exit(err, SPC_EXIT_TARGET);
    if (near)
        return spc_err_hint(err, "did you mean '%s'? 'spc ps -a' lists all", near);
    if (spc_proc_parse_pid(text))
        return spc_err_hint(err, "for the process of this number say pid:%s", text);
    return spc_err_hint(err, "'spc ps -a' lists all");
}

static int say_stopped(const char *text, const struct spc_container *c, struct spc_err *err)
{
    spc_err_say(err, -ESRCH, "'%s' is %s (%s %s): it has no process", text, c->state_name,
                c->engine_name, c->short_id);
    spc_err_exit(err, SPC_EXIT_TARGET);
    return spc_err_hint(err, "start it first");
}

// Where the engine is named, the others need not be read. podman reads CRI-O's store, and a bare
// namespace is what nobody else explains.
static unsigned skipped_engines(const struct spc_target_spec *spec)
{
    unsigned all = (1u << _SPC_ENGINE_MAX) - 1;
    switch (spec->engine) {
    case SPC_ENGINE_DOCKER:
    case SPC_ENGINE_CONTAINERD:
    case SPC_ENGINE_PODMAN:
    case SPC_ENGINE_LXC:
    case SPC_ENGINE_NSPAWN:
        return all & ~(1u << spec->engine);
    default:
        return 0;
    }
}

// Names that docker accepts: none of these bytes is ever escaped.
static const char *wanted_name(const struct spc_target_spec *spec)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return spec->name && strspn(spec->name, plain) == strlen(spec->name) ? spec->name : NULL;
}

static int scan(struct spc_node *node, unsigned flags, const struct spc_target_spec *spec,
                struct spc_containers *ret, struct spc_err *err)
{
    SPC_CLEANUP(spc_scan_free)
    struct spc_scan look = {.node = node,
                            .flags = flags,
                            .skipped = skipped_engines(spec),
                            // The last look also has to find similar names.
                            .wanted = flags & SPC_SCAN_STOPPED ? NULL : wanted_name(spec)};
    int r = spc_scan_run(&look, err);
    if (r < 0)
        return r;
    r = spc_scan_collect(&look, ret);
    return r < 0 ? spc_err_set(err, r, "list containers") : 0;
}

// Move container `index` out of the list.
static int take(struct spc_node *node, struct spc_containers *list, size_t index,
                struct spc_target *target)
{
    struct spc_containers *mine = &target->containers;
    struct spc_container *items = reallocarray(mine->items, mine->count + 1, sizeof(*items));
    if (!items)
        return -ENOMEM;
    mine->items = items;
    items[mine->count++] = list->items[index];
    list->items[index] = (struct spc_container){0};
    struct spc_container *c = &items[mine->count - 1];
    struct spc_proc_stat stat = {0};
    char text[1024];
    if (spc_node_read(node, c->pid, "stat", text, sizeof(text)) > 0)
        spc_proc_parse_stat(text, &stat);
    return spc_container_details(node, SPC_SCAN_LABELS, stat.state, c);
}

static int take_container(struct spc_node *node, struct spc_containers *list, size_t index,
                          struct spc_target *target, struct spc_err *err)
{
    const struct spc_container *c = &list->items[index];
    if (!c->pid)
        return say_stopped(target->spec, c, err);
    bool is_bare = !strchr(target->spec, ':');
    int r = is_bare ? spc_set_str(&target->label, c->shown_name)
                    : spc_set_fmt(&target->label, "%s:%s", c->engine_name, c->shown_name);
    if (r == 0)
        r = spc_set_str(&target->cgroup, c->cgroup);
    if (r < 0)
        return spc_err_set(err, r, "TARGET");
    r = hold(node, target, c->pid, c->start_ticks, err);
    if (r == 0 && take(node, list, index, target) < 0)
        r = spc_err_set(err, -ENOMEM, "TARGET");
    return r;
}

// All that run; the sandbox, which holds the namespaces, stands for the pod.
static int take_pod(struct spc_node *node, struct spc_containers *list, const size_t *fits,
                    size_t count, struct spc_target *target, struct spc_err *err)
{
    const struct spc_container *head = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct spc_container *c = &list->items[fits[i]];
        if (c->pid && (!head || c->is_sandbox))
            head = c;
    }
    if (!head)
        return say_stopped(target->spec, &list->items[fits[0]], err);
    int r = spc_set_str(&target->label, target->spec);
    if (r < 0)
        return spc_err_set(err, r, "TARGET");
    r = hold(node, target, head->pid, head->start_ticks, err);
    for (size_t i = 0; i < count && r == 0; i++)
        if (list->items[fits[i]].pid && take(node, list, fits[i], target) < 0)
            r = spc_err_set(err, -ENOMEM, "TARGET");
    return r;
}

static bool is_running(const struct spc_container *c)
{
    return c->pid;
}

static bool is_outermost(const struct spc_container *c)
{
    return !c->parent_id;
}

// Keep those with the property, if any has it.
static size_t prefer(const struct spc_containers *list, size_t *fits, size_t count,
                     bool (*property)(const struct spc_container *c))
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept += property(&list->items[fits[i]]);
    if (!kept || kept == count)
        return count;
    kept = 0;
    for (size_t i = 0; i < count; i++)
        if (property(&list->items[fits[i]]))
            fits[kept++] = fits[i];
    return kept;
}

// A stopped namesake, which only -a shows, makes no name ambiguous; nor does what runs inside of
// another container, for a container can give its cgroups any name and ID.
static size_t preferred_fits(const struct spc_target_spec *spec, const struct spc_containers *list,
                             size_t *ret)
{
    size_t count = best_fits(spec, list, ret);
    count = prefer(list, ret, count, is_running);
    return prefer(list, ret, count, is_outermost);
}

// The shortest way to a name that everything else asks for most often.
static bool resolve_docker(struct spc_node *node, const struct spc_target_spec *spec,
                           struct spc_containers *ret)
{
    SPC_CLEANUP(spc_scan_free)
    struct spc_scan look = {
        .node = node, .skipped = skipped_engines(spec), .wanted = wanted_name(spec)};
    size_t group;
    return node->is_live && spec->engine == SPC_ENGINE_DOCKER && look.wanted &&
           spc_docker_quick(&look, &group) && look.groups[group].has_init &&
           spc_scan_finish(&look, NULL) == 0 && spc_scan_collect(&look, ret) == 0 &&
           ret->count == 1 && spc_target_fits(spec, &ret->items[0]) != SPC_FIT_NONE;
}

static int resolve_name(struct spc_node *node, const struct spc_target_spec *spec,
                        struct spc_target *target, struct spc_err *err)
{
    static const unsigned looks[] = {0, SPC_SCAN_STOPPED | SPC_SCAN_OTHER};
    spc_auto_containers struct spc_containers quick = {0};
    if (resolve_docker(node, spec, &quick))
        return take_container(node, &quick, 0, target, err);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(looks); i++) {
        spc_auto_containers struct spc_containers list = {0};
        int r = scan(node, looks[i], spec, &list, err);
        if (r < 0)
            return r;
        spc_auto_free size_t *fits = calloc(list.count + 1, sizeof(*fits));
        if (!fits)
            return spc_err_set(err, -ENOMEM, "TARGET");
        size_t count = preferred_fits(spec, &list, fits);
        if (count && spec->kind == SPC_TARGET_POD)
            return take_pod(node, &list, fits, count, target, err);
        if (count > 1)
            return say_ambiguous(target->spec, &list, fits, count, err);
        if (count == 1)
            return take_container(node, &list, fits[0], target, err);
        if (i + 1 == SPC_ARRAY_SIZE(looks))
            return say_unknown(target->spec, spec, &list, err);
    }
    return -ENOENT;
}

// pid:N: the process is held first; then its container, if it has one, is looked for.
static int resolve_pid(struct spc_node *node, pid_t pid, struct spc_target *target,
                       struct spc_err *err)
{
    SPC_CLEANUP(spc_scan_free) struct spc_scan look = {.node = node, .flags = SPC_SCAN_OTHER};
    spc_auto_containers struct spc_containers list = {0};
    char text[1024];
    if (node->procfd < 0 || spc_node_read(node, pid, "stat", text, sizeof(text)) < 0) {
        spc_err_say(err, -ESRCH, "there is no process %d", (int)pid);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    int r = hold(node, target, pid, 0, err);
    if (r == 0)
        r = spc_scan_run(&look, err);
    if (r < 0)
        return r;
    const struct spc_row *row = spc_scan_row(&look, pid);
    ssize_t group = row ? row->group : SPC_NOBODY;
    r = spc_scan_collect(&look, &list);
    if (r == 0 && group >= 0 && look.groups[group].item >= 0)
        r = take(node, &list, (size_t)look.groups[group].item, target);
    if (r == 0)
        r = spc_set_fmt(&target->label, "pid:%d", (int)pid);
    return r < 0 ? spc_err_set(err, r, "TARGET") : 0;
}

static int resolve(struct spc_node *node, const struct spc_target_spec *spec,
                   struct spc_target *target, struct spc_err *err)
{
    switch (spec->kind) {
    case SPC_TARGET_CONTAINER:
    case SPC_TARGET_POD:
        return resolve_name(node, spec, target, err);
    case SPC_TARGET_PROCESS:
        return resolve_pid(node, spec->pid, target, err);
    case SPC_TARGET_CGROUP:
        return spc_target_find_cgroup(node, spec->name, target, err);
    case SPC_TARGET_NETNS:
        return spc_target_open_netns(node, spec->name, target, err);
    case SPC_TARGET_HOST:
        return node->procfd < 0 ? 0 : hold(node, target, 1, 0, err);
    case _SPC_TARGET_MAX:
        break;
    }
    return -EINVAL;
}

int spc_target_resolve(struct spc_node *node, const char *text, struct spc_target *ret,
                       struct spc_err *err)
{
    SPC_CLEANUP(spc_target_spec_free) struct spc_target_spec spec = {.engine = -1};
    spc_auto_target struct spc_target target = SPC_TARGET_NONE;
    int r = spc_target_parse(text, &spec, err);
    if (r < 0)
        return r;
    target.kind = spec.kind;
    if (spc_set_str(&target.spec, text) < 0)
        return spc_err_set(err, -ENOMEM, "TARGET");
    r = resolve(node, &spec, &target, err);
    if (r == 0 && !target.label && spc_set_str(&target.label, text) < 0)
        r = spc_err_set(err, -ENOMEM, "TARGET");
    if (r < 0)
        return r;
    *ret = target;
    target = (struct spc_target)SPC_TARGET_NONE;
    return 0;
}
