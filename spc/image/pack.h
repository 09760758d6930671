// SPDX-License-Identifier: BSD-2-Clause
// A directory as a tar stream (POSIX pax): the same tree gives the same bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <spc/err.h>

struct spc_pack_sink {
    int (*write)(void *arg, const void *data, size_t len); // 0 or a negative errno
    void *arg;
};

// Names sorted, no times below a second, nothing of another file system below `dirfd`, sockets
// left out. `is_layer`: overlayfs whiteouts become ".wh." names again.
int spc_pack_tree(int dirfd, bool is_layer, const struct spc_pack_sink *sink, struct spc_err *err);
