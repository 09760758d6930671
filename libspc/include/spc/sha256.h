// SPDX-License-Identifier: BSD-2-Clause
// SHA-256 (FIPS 180-4), by nettle: it uses the processor's own instructions where there are any.
#pragma once

#include <nettle/sha2.h>
#include <stddef.h>

#include <spc/err.h>

#define SPC_SHA256_HEX 64

struct spc_sha256 {
    struct sha256_ctx ctx;
};

void spc_sha256_begin(struct spc_sha256 *sha);
void spc_sha256_add(struct spc_sha256 *sha, const void *data, size_t len);
// Lower-case hexadecimal, NUL-terminated; `sha` starts anew.
void spc_sha256_end(struct spc_sha256 *sha, char ret_hex[static SPC_SHA256_HEX + 1]);

// Of all that is left to read from `fd`. 0 or a negative errno.
int spc_sha256_fd(int fd, char ret_hex[static SPC_SHA256_HEX + 1]);
