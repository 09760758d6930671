// SPDX-License-Identifier: BSD-2-Clause
#include <spc/ns_table.h>

#include <assert.h>
#include <linux/sched.h>

#include <spc/own.h>

const struct spc_ns_info spc_ns_table[] = {
    [SPC_NS_USER] = {"user", CLONE_NEWUSER, "user and group IDs, capabilities"},
    [SPC_NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP, "the view of the cgroup tree"},
    [SPC_NS_IPC] = {"ipc", CLONE_NEWIPC, "System V IPC and POSIX message queues"},
    [SPC_NS_UTS] = {"uts", CLONE_NEWUTS, "host name"},
    [SPC_NS_NET] = {"net", CLONE_NEWNET, "network interfaces, ports, routes"},
    [SPC_NS_PID] = {"pid", CLONE_NEWPID, "processes"},
    [SPC_NS_TIME] = {"time", CLONE_NEWTIME, "boot and monotonic clocks"},
    [SPC_NS_MNT] = {"mnt", CLONE_NEWNS, "mounts"},
};

static_assert(SPC_ARRAY_SIZE(spc_ns_table) == _SPC_NS_MAX, "a row for each namespace");
