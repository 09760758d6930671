// SPDX-License-Identifier: BSD-2-Clause
// Files that this executable carries (images/README.md).
#pragma once

// The distribution's static busybox.
extern const unsigned char spc_run_busybox_start[], spc_run_busybox_end[];

// The directory /bin of the built-in image, as an EROFS image (images/mknames.c).
extern const unsigned char spc_run_names_start[], spc_run_names_end[];
