// SPDX-License-Identifier: BSD-2-Clause
#include "unpack.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define CHUNK (256 * 1024)

const struct spc_image_limits spc_image_default_limits = {
    .bytes = 32ull << 30,
    .entries = 4000000,
    // gzip cannot reach more than 1032; what people really put into images stays below 100.
    .ratio = 250,
    .ratio_from = 512ull << 20,
};

enum packing { PACKED_NOT, PACKED_GZIP, PACKED_ZSTD, _PACKED_MAX };

struct spc_unpack {
    int fd; // borrowed
    enum packing packing;
    const struct spc_image_limits *limits;
    struct spc_progress *progress; // or NULL
    z_stream zlib;
    ZSTD_DCtx *zstd;
    bool is_mid_frame; // the input must not end here
    bool is_at_end;    // of the input
    struct spc_sha256 sha;
    uint64_t in_bytes, out_bytes;
    size_t in_len, in_pos;
    unsigned char in[CHUNK], out[CHUNK];
};

// One row a packing: how it is recognised, and how the next piece is made.
struct packing_info {
    const char *name, *magic;
    size_t magic_len;
    int (*begin)(struct spc_unpack *u);
    ssize_t (*next)(struct spc_unpack *u, struct spc_err *err);
};

static int fill(struct spc_unpack *u, struct spc_err *err)
{
    if (u->in_pos < u->in_len || u->is_at_end)
        return 0;
    ssize_t n;
    do {
        n = read(u->fd, u->in, sizeof(u->in));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return spc_err_set(err, -errno, "read layer");
    u->is_at_end = n == 0;
    u->in_pos = 0;
    u->in_len = (size_t)n;
    u->in_bytes += (size_t)n;
    return 0;
}

static int cut_off(struct spc_err *err, const char *name)
{
    return spc_err_say(err, -EBADMSG, "%s data is cut off", name);
}

static int begin_plain(struct spc_unpack *u)
{
    (void)u;
    return 0;
}

static ssize_t next_plain(struct spc_unpack *u, struct spc_err *err)
{
    int r = fill(u, err);
    if (r < 0)
        return r;
    size_t n = u->in_len - u->in_pos;
    memcpy(u->out, u->in + u->in_pos, n);
    u->in_pos = u->in_len;
    return (ssize_t)n;
}

static int begin_gzip(struct spc_unpack *u)
{
    return inflateInit2(&u->zlib, 15 + 16) == Z_OK ? 0 : -ENOMEM; // 16: gzip framing only
}

static ssize_t next_gzip(struct spc_unpack *u, struct spc_err *err)
{
    u->zlib.next_out = u->out;
    u->zlib.avail_out = sizeof(u->out);
    while (u->zlib.avail_out > 0) {
        int r = fill(u, err);
        if (r < 0)
            return r;
        if (u->is_at_end && !u->is_mid_frame)
            break;
        u->zlib.next_in = u->in + u->in_pos;
        u->zlib.avail_in = (unsigned)(u->in_len - u->in_pos);
        r = inflate(&u->zlib, Z_NO_FLUSH);
        u->in_pos = u->in_len - u->zlib.avail_in;
        if (r == Z_BUF_ERROR && u->is_at_end) // neither input nor held back output is left
            break;
        if (r != Z_OK && r != Z_STREAM_END)
            return spc_err_say(err, -EBADMSG, "gzip data is damaged (%s)",
                               u->zlib.msg ? u->zlib.msg : zError(r));
        u->is_mid_frame = r != Z_STREAM_END;
        // A file may be several members one after the other (RFC 1952 section 2.2).
        if (r == Z_STREAM_END && inflateReset(&u->zlib) != Z_OK)
            return spc_err_set(err, -ENOMEM, "gzip");
    }
    if (u->zlib.avail_out == sizeof(u->out) && u->is_mid_frame)
        return cut_off(err, "gzip");
    return (ssize_t)(sizeof(u->out) - u->zlib.avail_out);
}

static int begin_zstd(struct spc_unpack *u)
{
    u->zstd = ZSTD_createDCtx();
    return u->zstd ? 0 : -ENOMEM;
}

static ssize_t next_zstd(struct spc_unpack *u, struct spc_err *err)
{
    ZSTD_outBuffer out = {u->out, sizeof(u->out), 0};
    while (out.pos < out.size) {
        int r = fill(u, err);
        if (r < 0)
            return r;
        // At the end of the input the decoder may still hold bytes: ask it until it gives none.
        ZSTD_inBuffer in = {u->in + u->in_pos, u->in_len - u->in_pos, 0};
        size_t before = out.pos;
        size_t left = ZSTD_decompressStream(u->zstd, &out, &in);
        if (ZSTD_isError(left))
            return spc_err_say(err, -EBADMSG, "zstd data is damaged (%s)", ZSTD_getErrorName(left));
        u->in_pos += in.pos;
        if (in.pos > 0 || out.pos > before)
            u->is_mid_frame = left != 0;
        if (u->is_at_end && out.pos == before)
            break;
    }
    if (out.pos == 0 && u->is_mid_frame)
        return cut_off(err, "zstd");
    return (ssize_t)out.pos;
}

static const struct packing_info packings[] = {
    [PACKED_NOT] = {"none", "", 0, begin_plain, next_plain},
    [PACKED_GZIP] = {"gzip", "\x1f\x8b", 2, begin_gzip, next_gzip},
    [PACKED_ZSTD] = {"zstd", "\x28\xb5\x2f\xfd", 4, begin_zstd, next_zstd},
};
static_assert(SPC_ARRAY_SIZE(packings) == _PACKED_MAX, "a packing has no row");

static const struct packing_info refused[] = {
    {"xz",
     "\xfd"
     "7zXZ",
     5, NULL, NULL},
    {"bzip2", "BZh", 3, NULL, NULL},
    {"lz4", "\x04\x22\x4d\x18", 4, NULL, NULL},
};

static bool has_magic(const struct spc_unpack *u, const struct packing_info *info)
{
    return info->magic_len > 0 && u->in_len >= info->magic_len &&
           memcmp(u->in, info->magic, info->magic_len) == 0;
}

static int recognise(struct spc_unpack *u, struct spc_err *err)
{
    int r = fill(u, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(refused); i++)
        if (has_magic(u, &refused[i]))
            return spc_err_say(err, -EOPNOTSUPP,
                               "%s compression is not supported, only gzip and zstd are",
                               refused[i].name);
    for (enum packing p = 0; p < _PACKED_MAX; p++)
        if (has_magic(u, &packings[p]))
            u->packing = p;
    r = packings[u->packing].begin(u);
    return r < 0 ? spc_err_set(err, r, "%s", packings[u->packing].name) : 0;
}

int spc_unpack_open(int fd, const struct spc_image_limits *limits, struct spc_unpack **ret,
                    struct spc_err *err)
{
    spc_auto_unpack struct spc_unpack *u = malloc(sizeof(*u));
    if (!u)
        return spc_err_set(err, -ENOMEM, "layer");
    memset(u, 0, offsetof(struct spc_unpack, in));
    u->fd = fd;
    u->limits = limits;
    spc_sha256_begin(&u->sha);
    int r = recognise(u, err);
    if (r < 0)
        return r;
    *ret = SPC_TAKE_PTR(u);
    return 0;
}

void spc_unpack_free(struct spc_unpack *u)
{
    if (u->packing == PACKED_GZIP)
        inflateEnd(&u->zlib);
    ZSTD_freeDCtx(u->zstd);
    free(u);
}

static int check_limits(const struct spc_unpack *u, struct spc_err *err)
{
    const struct spc_image_limits *l = u->limits;
    if (u->out_bytes > l->bytes)
        return spc_err_say(err, -EFBIG, "layer unpacks to more than %llu bytes",
                           (unsigned long long)l->bytes);
    if (u->packing != PACKED_NOT && u->out_bytes > l->ratio_from &&
        u->out_bytes / l->ratio > u->in_bytes)
        return spc_err_say(err, -EFBIG,
                           "layer unpacks to more than %llu times its size: a decompression bomb",
                           (unsigned long long)l->ratio);
    return 0;
}

ssize_t spc_unpack_read(struct spc_unpack *u, const void **ret, struct spc_err *err)
{
    ssize_t n = packings[u->packing].next(u, err);
    if (n <= 0)
        return n;
    u->out_bytes += (size_t)n;
    spc_progress_add(u->progress, (size_t)n);
    int r = check_limits(u, err);
    if (r < 0)
        return r;
    spc_sha256_add(&u->sha, u->out, (size_t)n);
    *ret = u->out;
    return n;
}

int spc_unpack_finish(struct spc_unpack *u, struct spc_digest *ret, uint64_t *ret_bytes,
                      struct spc_err *err)
{
    const void *data;
    ssize_t n;
    while ((n = spc_unpack_read(u, &data, err)) > 0)
        ;
    if (n < 0)
        return (int)n;
    spc_sha256_end(&u->sha, ret->hex);
    if (ret_bytes)
        *ret_bytes = u->out_bytes;
    return 0;
}

void spc_unpack_watch(struct spc_unpack *u, struct spc_progress *progress)
{
    u->progress = progress;
}

const char *spc_unpack_name(const struct spc_unpack *u)
{
    return packings[u->packing].name;
}
