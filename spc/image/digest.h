// SPDX-License-Identifier: BSD-2-Clause
// "sha256:HEX", checked before it may become a file name.
#pragma once

#include <stdbool.h>

#include <spc/err.h>
#include <spc/sha256.h>

struct spc_digest {
    char hex[SPC_SHA256_HEX + 1]; // lower case; empty: none
};

// `what` names the place for the message ("layer 3 of the manifest"). text may be NULL.
int spc_digest_parse(const char *text, const char *what, struct spc_digest *ret,
                     struct spc_err *err);
bool spc_digest_equal(const struct spc_digest *a, const struct spc_digest *b);
void spc_digest_of(const void *data, size_t len, struct spc_digest *ret);
