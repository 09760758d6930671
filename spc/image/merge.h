// SPDX-License-Identifier: BSD-2-Clause
// A stack of layers as one plain directory.
#pragma once

#include <stddef.h>

#include <spc/err.h>

// Make `name` in `dirfd` hold what overlayfs would show of `layers` (topmost first). Files are hard
// links to those of the layers: on the same file system, not to be written to.
int spc_merge_layers(const int *layers, size_t count, int dirfd, const char *name,
                     struct spc_err *err);
