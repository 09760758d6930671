// SPDX-License-Identifier: BSD-2-Clause
// The distribution's static busybox, carried inside this executable (images/README.md).
#pragma once

extern const unsigned char spc_run_busybox_start[], spc_run_busybox_end[];
