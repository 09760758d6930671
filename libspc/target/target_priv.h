// SPDX-License-Identifier: BSD-2-Clause
// What the user typed, taken apart. Nothing is looked up here.
#pragma once

#include <spc/target.h>

struct spc_target_spec {
    enum spc_target_kind kind;
    int engine;             // enum spc_engine, -1: any
    char *engine_namespace; // containerd:NS/ID, or NULL
    char *name;             // name, ID or its beginning; path of a cgroup or netns; unit
    char *pod_namespace, *pod, *pod_container; // pod/...; pod_container is NULL for the whole pod
    pid_t pid;
};

// Errors are SPC_EXIT_TARGET.
int spc_target_parse(const char *text, struct spc_target_spec *ret, struct spc_err *err);
void spc_target_spec_free(struct spc_target_spec *spec);

// How well a container fits what was asked for; the best that any container reaches counts.
enum spc_target_fit {
    SPC_FIT_NONE,
    SPC_FIT_PREFIX, // ID begins so
    SPC_FIT_NAME,   // exact name
    SPC_FIT_ID,     // whole ID, or all that was asked of a pod
};
enum spc_target_fit spc_target_fits(const struct spc_target_spec *spec,
                                    const struct spc_container *c);
