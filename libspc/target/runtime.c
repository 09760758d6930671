// SPDX-License-Identifier: BSD-2-Clause
// The one table of engines.
#include "scan_priv.h"

#include <assert.h>

const struct spc_runtime *const spc_runtimes[] = {
    [SPC_ENGINE_DOCKER] = &spc_runtime_docker,
    [SPC_ENGINE_PODMAN] = &spc_runtime_podman,
    [SPC_ENGINE_CONTAINERD] = &spc_runtime_containerd,
    [SPC_ENGINE_CRIO] = &spc_runtime_crio,
    [SPC_ENGINE_LXC] = &spc_runtime_lxc,
    [SPC_ENGINE_NSPAWN] = &spc_runtime_nspawn,
    [SPC_ENGINE_RUNC] = &spc_runtime_runc,
    [SPC_ENGINE_CRUN] = &spc_runtime_crun,
    [SPC_ENGINE_OTHER] = &spc_runtime_other,
};

static_assert(SPC_ARRAY_SIZE(spc_runtimes) == _SPC_ENGINE_MAX, "a row for each engine");

const char *spc_engine_name(enum spc_engine engine)
{
    return spc_runtimes[engine]->name;
}
