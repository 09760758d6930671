// SPDX-License-Identifier: BSD-2-Clause
// What a recording says about the machine it was made on, as meta lines.
#pragma once

#include "recording.h"

// What cannot be read is left out.
int systrace_context_add(struct recording *recording, struct spc_err *err);
