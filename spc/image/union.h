// SPDX-License-Identifier: BSD-2-Clause
// Looking into a stack of layers without mounting it.
#pragma once

#include <stddef.h>

// Open `path` for reading as overlayfs would show it in `layers` (topmost first), with links
// resolved inside the stack. Only regular files. A descriptor or a negative errno.
int spc_union_open(const int *layers, size_t count, const char *path);
// As spc_read_in_root().
int spc_union_read(const int *layers, size_t count, const char *path, size_t max, char **ret,
                   size_t *ret_len);
