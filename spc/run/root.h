// SPDX-License-Identifier: BSD-2-Clause
// From "a mount namespace of our own" to "the image is /, the host is /host".
#pragma once

#include <spc/err.h>

#include "plan.h"

// Build the root and change into it; working directory "/".
int spc_run_root_enter(const struct run_plan *plan, struct spc_err *err);
