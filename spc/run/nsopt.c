// SPDX-License-Identifier: BSD-2-Clause
// --pid, --net and friends: one table beside spc_ns_table.
#include "plan.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <spc/own.h>
#include <spc/target.h>

const struct run_ns_rule spc_run_ns_rules[] = {
    [SPC_NS_USER] = {"userns", NULL, "the host's user IDs: root in it is root"},
    [SPC_NS_CGROUP] = {"cgroupns", NULL, "the host's whole cgroup tree"},
    [SPC_NS_IPC] = {"ipc", NULL, "the host's shared memory, semaphores and message queues"},
    [SPC_NS_UTS] = {"uts", NULL, "the host's name, which it can change"},
    [SPC_NS_NET] = {"net", "none", "every network interface, port and firewall rule of the host"},
    [SPC_NS_PID] = {"pid", NULL, "every process of the host, to see, trace and signal"},
    [SPC_NS_TIME] = {NULL, NULL, "the host's clocks"},
    [SPC_NS_MNT] = {NULL, NULL, NULL},
};
static_assert(SPC_ARRAY_SIZE(spc_run_ns_rules) == _SPC_NS_MAX, "a row for each namespace");

#define JOIN "container:"

int spc_run_ns_parse(enum spc_ns_kind kind, const char *word, struct run_ns *ret,
                     struct spc_err *err)
{
    const struct run_ns_rule *rule = &spc_run_ns_rules[kind];
    *ret = (struct run_ns){.fd = SPC_NOFD};
    if (!word || strcmp(word, "host") == 0) {
        ret->mode = RUN_NS_HOST;
    } else if (strcmp(word, "private") == 0 ||
               (rule->private && strcmp(word, rule->private) == 0)) {
        ret->mode = RUN_NS_PRIVATE;
    } else if (strncmp(word, JOIN, strlen(JOIN)) == 0 && word[strlen(JOIN)]) {
        ret->mode = RUN_NS_JOIN;
        ret->spec = word + strlen(JOIN);
    } else {
        spc_err_usage(err, "--%s '%s': not host, private or container:TARGET", rule->option, word);
        return spc_err_hint(err, "see 'spc run --help'");
    }
    return 0;
}

static int open_one(struct spc_node *node, enum spc_ns_kind kind, struct run_ns *ns,
                    struct spc_err *err)
{
    struct spc_target target spc_auto_target = SPC_TARGET_NONE;
    int r = spc_target_resolve(node, ns->spec, &target, err);
    if (r < 0)
        return r;
    if (kind == SPC_NS_NET && target.nsfd >= 0) {
        ns->fd = SPC_TAKE_FD(target.nsfd);
        return 0;
    }
    if (target.procfd < 0)
        return spc_err_say(err, -EINVAL, "'%s' has no process whose namespace could be joined",
                           ns->spec);
    char path[32];
    snprintf(path, sizeof(path), "ns/%s", spc_ns_table[kind].name);
    ns->fd = openat(target.procfd, path, O_RDONLY | O_CLOEXEC);
    if (ns->fd < 0)
        return spc_err_set(err, -errno, "%s namespace of %s", spc_ns_table[kind].name, ns->spec);
    return 0;
}

int spc_run_ns_open(struct run_plan *plan, struct spc_err *err)
{
    struct spc_node *node SPC_CLEANUP(spc_node_free_p) = NULL;
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        struct run_ns *ns = &plan->ns[kind];
        if (ns->mode != RUN_NS_JOIN)
            continue;
        int r = node ? 0 : spc_node_open(NULL, &node, err);
        if (r == 0)
            r = open_one(node, (enum spc_ns_kind)kind, ns, err);
        if (r < 0)
            return spc_err_wrap(err, "--%s " JOIN "%s", spc_run_ns_rules[kind].option, ns->spec);
    }
    return 0;
}
