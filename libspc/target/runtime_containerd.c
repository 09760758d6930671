// SPDX-License-Identifier: BSD-2-Clause
#include "scan_priv.h"

const struct spc_runtime spc_runtime_containerd = {.name = "containerd"};
