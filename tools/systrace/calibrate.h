// SPDX-License-Identifier: BSD-2-Clause
// What one call costs here with and without the probes, and how fast the processor is right now.
#pragma once

#include "probe.h"

// Takes about 0.2 s. A child process of our own makes the calls; nothing else is timed meanwhile,
// but every task of the node passes through the probes.
int systrace_calibrate(enum probe_kind kind, struct calibration *ret, struct spc_err *err);
