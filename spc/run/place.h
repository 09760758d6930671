// SPDX-License-Identifier: BSD-2-Clause
// Places inside a root to mount on, found without being led astray by the image's links.
#pragma once

#include <stdbool.h>

#include <spc/err.h>

#include "mounts.h"

// An existing directory, no component of which is a symbolic link. Descriptor or negative errno.
int spc_run_place_plain(int root, const char *path);

// An existing place (links are followed inside `root`), or a new one: made in the image only,
// never in something that is mounted from the host.
int spc_run_place_open(int root, const char *path, bool is_dir, int *ret, struct spc_err *err);

// What the directory `image` holds and `root` does not have yet: directories bound read-only, links
// made again. Other files that lie beside them are left out.
int spc_run_place_entries(const struct run_mount_ops *ops, int image, int root,
                          struct spc_err *err);
