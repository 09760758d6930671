// SPDX-License-Identifier: BSD-2-Clause
// A tar stream (ustar, pax, GNU) into a tree. libarchive reads, struct spc_tree writes.
#pragma once

#include "tree.h"
#include "unpack.h"

// `limits` counts down by what this layer took, so that one serves a whole image.
int spc_layer_unpack(struct spc_unpack *unpack, struct spc_tree *tree,
                     struct spc_image_limits *limits, struct spc_err *err);

// Call `each` with the name of every member until it returns other than 0, which is returned.
int spc_tar_names(int fd, int (*each)(const char *name, void *arg), void *arg, struct spc_err *err);
