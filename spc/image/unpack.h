// SPDX-License-Identifier: BSD-2-Clause
// A layer's bytes, decompressed as they are read, with the digests of both sides.
#pragma once

#include <stdint.h>

#include <spc/own.h>
#include <spc/progress.h>

#include "digest.h"

struct spc_unpack; // one stream

// What a stream or a tree may cost: hostile images are small files that unpack to huge ones.
struct spc_image_limits {
    uint64_t bytes;   // of one unpacked image
    uint64_t entries; // files, directories, ... of one image
    uint64_t ratio;   // unpacked to packed, looked at beyond `ratio_from` bytes
    uint64_t ratio_from;
};
extern const struct spc_image_limits spc_image_default_limits;

// Reads `fd` (borrowed) from where it stands. Recognises gzip (RFC 1952), zstd (RFC 8878) and no
// compression by the first bytes; others are refused by name.
int spc_unpack_open(int fd, const struct spc_image_limits *limits, struct spc_unpack **ret,
                    struct spc_err *err);
void spc_unpack_free(struct spc_unpack *unpack);
SPC_DEFINE_CLEANUP(struct spc_unpack *, spc_unpack_free)
#define spc_auto_unpack SPC_CLEANUP(spc_unpack_free_p)

// Tell `progress` (borrowed) of every unpacked byte.
void spc_unpack_watch(struct spc_unpack *unpack, struct spc_progress *progress);

// The next piece, valid until the next call. Returns its length, 0 at the end, or a negative errno.
ssize_t spc_unpack_read(struct spc_unpack *unpack, const void **ret, struct spc_err *err);

// Read what is left, then the digest and size of the unpacked bytes.
int spc_unpack_finish(struct spc_unpack *unpack, struct spc_digest *ret, uint64_t *ret_bytes,
                      struct spc_err *err);
// "gzip", "zstd" or "none".
const char *spc_unpack_name(const struct spc_unpack *unpack);
