// SPDX-License-Identifier: BSD-2-Clause
#include "digest.h"

#include <errno.h>
#include <string.h>

static bool is_hex(const char *text)
{
    return strlen(text) == SPC_SHA256_HEX && strspn(text, "0123456789abcdef") == SPC_SHA256_HEX;
}

int spc_digest_parse(const char *text, const char *what, struct spc_digest *ret,
                     struct spc_err *err)
{
    static const char prefix[] = "sha256:";
    if (!text)
        return spc_err_say(err, -EBADMSG, "%s has no digest", what);
    if (strncmp(text, prefix, sizeof(prefix) - 1) != 0 || !is_hex(text + sizeof(prefix) - 1))
        return spc_err_say(err, -EBADMSG, "%s: '%.80s' is no sha256 digest", what, text);
    memcpy(ret->hex, text + sizeof(prefix) - 1, sizeof(ret->hex));
    return 0;
}

bool spc_digest_equal(const struct spc_digest *a, const struct spc_digest *b)
{
    return strcmp(a->hex, b->hex) == 0;
}

void spc_digest_of(const void *data, size_t len, struct spc_digest *ret)
{
    struct spc_sha256 sha;
    spc_sha256_begin(&sha);
    spc_sha256_add(&sha, data, len);
    spc_sha256_end(&sha, ret->hex);
}
