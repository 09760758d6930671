// SPDX-License-Identifier: BSD-2-Clause
// -D: the interfaces of a network namespace.
#pragma once

#include <spc/err.h>

// Print those that rtnetlink(7) socket `fd` sees to standard output, names with `label` in front.
int sniff_interfaces_print(int fd, const char *label, struct spc_err *err);
