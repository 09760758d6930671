// SPDX-License-Identifier: BSD-2-Clause
// Bringing an image into the store.
#pragma once

#include "source.h"

struct spc_import {
    const char *source;            // as typed
    const char *name;              // or NULL: the source's own
    bool with_devices;             // make device nodes
    uint64_t max_bytes;            // unpacked; 0: the default
    struct spc_progress *progress; // or NULL
};

// Verify, unpack, commit, name. *ret: what it is now.
int spc_image_import(struct spc_store *store, const struct spc_import *import,
                     struct spc_image_record *ret, struct spc_err *err);
