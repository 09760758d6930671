// SPDX-License-Identifier: BSD-2-Clause
// CRI-O: RUNROOT or GRAPHROOT/DRIVER-containers/ID/userdata/{config.json,state.json}. Its conmon
// and its store are read with podman's (runtime_podman.c).
#include <string.h>

#include "scan_priv.h"

static int take_annotations(struct spc_container *c, const struct spc_jdoc *notes)
{
    // The kubelet's own keys first; each is the fallback of the one before.
    const struct {
        char **field;
        const char *key;
    } wanted[] = {
        {&c->pod, "io.kubernetes.cri-o.KubeName"},
        {&c->pod, "io.kubernetes.pod.name"},
        {&c->pod_namespace, "io.kubernetes.cri-o.Namespace"},
        {&c->pod_namespace, "io.kubernetes.pod.namespace"},
        {&c->pod_container, "io.kubernetes.container.name"},
        {&c->image, "io.kubernetes.cri-o.Image"},
        {&c->image, "io.kubernetes.cri-o.ImageName"},
    };
    const char *type = spc_jdoc_get_str(notes, "io.kubernetes.cri-o.ContainerType");
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wanted); i++)
        if (spc_set_str(wanted[i].field, spc_jdoc_get_str(notes, wanted[i].key)) < 0)
            return -ENOMEM;
    c->is_sandbox = type && strcmp(type, "sandbox") == 0;
    if (c->is_sandbox) { // "POD"
        free(c->pod_container);
        c->pod_container = NULL;
    }
    return 0;
}

static int read_from(struct spc_scan *scan, const struct spc_source *source,
                     struct spc_group *group)
{
    char path[384];
    spc_auto_jdoc struct spc_jdoc *config = NULL, *state = NULL;
    snprintf(path, sizeof(path), "%.255s/userdata/state.json", group->c.id);
    if (spc_jdoc_read(source->dirfd, path, SPC_STATE_MAX, &state) == 0)
        spc_scan_set_init(scan, group, spc_jdoc_pid(state, "initPid"),
                          spc_jdoc_get_u64(state, "initStartTime"));
    snprintf(path, sizeof(path), "%.255s/userdata/config.json", group->c.id);
    if (spc_jdoc_read(source->dirfd, path, SPC_STATE_MAX, &config) < 0)
        return 0;
    const struct spc_jdoc *notes = spc_jdoc_get(config, "annotations");
    const char *manager = spc_jdoc_get_str(notes, "io.container.manager");
    if (!manager || strcmp(manager, "cri-o") != 0)
        return 0;
    group->is_read = true;
    int r = take_annotations(&group->c, notes);
    if (r == 0)
        r = spc_set_fmt(&group->c.bundle, "%s/%s/userdata", source->path, group->c.id);
    return r < 0 ? r : spc_group_evidence(group, source, "%s", path);
}

static int read_group(struct spc_scan *scan, struct spc_group *group)
{
    int r = 0;
    spc_scan_foreach_source(scan, source,
                            SPC_SOURCE_STORAGE) if (r == 0 && !group->is_read &&
                                                    spc_source_explains(scan, source, group)) r =
        read_from(scan, source, group);
    return r;
}

const struct spc_runtime spc_runtime_crio = {
    .name = "crio",
    .read = read_group,
};
