// SPDX-License-Identifier: BSD-2-Clause
#include <spc/sha256.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

void spc_sha256_begin(struct spc_sha256 *sha)
{
    sha256_init(&sha->ctx);
}

void spc_sha256_add(struct spc_sha256 *sha, const void *data, size_t len)
{
    sha256_update(&sha->ctx, len, data);
}

void spc_sha256_end(struct spc_sha256 *sha, char ret_hex[static SPC_SHA256_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&sha->ctx, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[SPC_SHA256_HEX] = '\0';
}

int spc_sha256_fd(int fd, char ret_hex[static SPC_SHA256_HEX + 1])
{
    struct spc_sha256 sha;
    spc_sha256_begin(&sha);
    char buf[128 * 1024];
    for (;;) {
        ssize_t n = read(fd, buf, sizeof(buf));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        spc_sha256_add(&sha, buf, (size_t)n);
    }
    spc_sha256_end(&sha, ret_hex);
    return 0;
}
