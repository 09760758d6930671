// SPDX-License-Identifier: BSD-2-Clause
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "reader_priv.h"

#define RECORD_MAX  (64u * 1024 * 1024) // a larger one is damage
#define BUFFER_SIZE (256u * 1024)
#define NS_PER_S    UINT64_C(1000000000)

enum { MAGIC_US = 0xa1b2c3d4, MAGIC_NS = 0xa1b23c4d, MAGIC_NG = 0x0a0d0d0a };

uint16_t sniff_reader_u16(const struct sniff_reader *reader, const uint8_t *p)
{
    uint16_t value;
    memcpy(&value, p, sizeof(value));
    return reader->is_swapped ? __builtin_bswap16(value) : value;
}

uint32_t sniff_reader_u32(const struct sniff_reader *reader, const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, sizeof(value));
    return reader->is_swapped ? __builtin_bswap32(value) : value;
}

int sniff_reader_damaged(struct sniff_reader *reader, const char *what, struct spc_err *err)
{
    return spc_err_say(err, -EBADMSG, "'%s': damaged at byte %llu: %s", reader->path,
                       (unsigned long long)reader->offset, what);
}

// Bring at least `count` bytes behind reader->at. Returns how many there are, fewer at the end.
static ssize_t fill(struct sniff_reader *reader, size_t count, struct spc_err *err)
{
    if (reader->len - reader->at >= count)
        return (ssize_t)count;
    memmove(reader->buf, reader->buf + reader->at, reader->len - reader->at);
    reader->len -= reader->at;
    reader->at = 0;
    if (count > reader->cap) {
        uint8_t *buf = realloc(reader->buf, count);
        if (!buf)
            return spc_err_set(err, -ENOMEM, "read '%s'", reader->path);
        reader->buf = buf;
        reader->cap = count;
    }
    while (reader->len < count) {
        ssize_t n = read(reader->fd, reader->buf + reader->len, reader->cap - reader->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return spc_err_set(err, -errno, "read '%s'", reader->path);
        if (n == 0)
            break;
        reader->len += (size_t)n;
    }
    return reader->len < count ? (ssize_t)reader->len : (ssize_t)count;
}

int sniff_reader_take(struct sniff_reader *reader, size_t count, const uint8_t **ret,
                      struct spc_err *err)
{
    if (count > RECORD_MAX)
        return sniff_reader_damaged(reader, "a record of more than 64 MB", err);
    ssize_t n = fill(reader, count, err);
    if (n < 0)
        return (int)n;
    if (n == 0)
        return 0;
    if ((size_t)n < count)
        return spc_err_say(err, -EBADMSG, "'%s': ends in the middle of a record, at byte %llu",
                           reader->path, (unsigned long long)(reader->offset + (size_t)n));
    *ret = reader->buf + reader->at;
    reader->at += count;
    reader->offset += count;
    return 1;
}

int sniff_reader_peek(struct sniff_reader *reader, size_t count, const uint8_t **ret,
                      struct spc_err *err)
{
    int r = sniff_reader_take(reader, count, ret, err);
    if (r > 0) {
        reader->at -= count;
        reader->offset -= count;
    }
    return r;
}

struct sniff_iface *sniff_reader_add_iface(struct sniff_reader *reader, int linktype)
{
    struct sniff_iface *iface =
        sniff_ifaces_add(&reader->ifaces, reader->section, (int)reader->ifaces_in_section++);
    if (!iface)
        return NULL;
    iface->linktype = linktype;
    return iface;
}

static int read_pcap_header(struct sniff_reader *reader, struct spc_err *err)
{
    const uint8_t *p;
    int r = sniff_reader_take(reader, 24, &p, err);
    if (r <= 0)
        return r;
    // The upper bits hold the length of a frame check sequence, which is of no use here.
    int linktype = (int)(sniff_reader_u32(reader, p + 20) & 0x03ffffff);
    if (linktype == 12 || linktype == 14) // DLT_RAW as some systems number it
        linktype = SNIFF_LINK_RAW;
    if (!sniff_reader_add_iface(reader, linktype))
        return spc_err_set(err, -ENOMEM, "read '%s'", reader->path);
    return 0;
}

static int next_pcap(struct sniff_reader *reader, struct sniff_packet *ret, struct spc_err *err)
{
    const uint8_t *p;
    int r = sniff_reader_take(reader, 16, &p, err);
    if (r <= 0)
        return r;
    uint64_t fraction = sniff_reader_u32(reader, p + 4);
    *ret = (struct sniff_packet){
        .ts_ns =
            sniff_reader_u32(reader, p) * NS_PER_S + (reader->is_nano ? fraction : fraction * 1000),
        .caplen = sniff_reader_u32(reader, p + 8),
        .len = sniff_reader_u32(reader, p + 12),
        .iface = reader->ifaces.items[0],
        .direction = SNIFF_DIR_UNKNOWN,
    };
    if (ret->caplen == 0) {
        ret->data = reader->buf;
    } else {
        r = sniff_reader_take(reader, ret->caplen, &ret->data, err);
        if (r < 0)
            return r;
        if (r == 0)
            return sniff_reader_damaged(reader, "ends in the middle of a record", err);
    }
    if (ret->len < ret->caplen)
        ret->len = ret->caplen;
    return 1;
}

static int detect(struct sniff_reader *reader, struct spc_err *err)
{
    const uint8_t *p;
    uint32_t magic = 0;
    struct spc_err quiet = {0};
    if (sniff_reader_peek(reader, sizeof(magic), &p, &quiet) > 0)
        memcpy(&magic, p, sizeof(magic));
    uint32_t swapped = __builtin_bswap32(magic);
    if (magic == MAGIC_NG) {
        reader->is_ng = true;
        return 0;
    }
    reader->is_swapped = swapped == MAGIC_US || swapped == MAGIC_NS;
    magic = reader->is_swapped ? swapped : magic;
    reader->is_nano = magic == MAGIC_NS;
    if (magic != MAGIC_US && magic != MAGIC_NS)
        return spc_err_say(err, -EINVAL, "'%s': neither a pcap nor a pcapng file", reader->path);
    return read_pcap_header(reader, err);
}

int sniff_reader_open(const char *path, struct sniff_reader **ret, struct spc_err *err)
{
    struct sniff_reader *reader SPC_CLEANUP(sniff_reader_free_p) = calloc(1, sizeof(*reader));
    if (!reader)
        return spc_err_set(err, -ENOMEM, "read '%s'", path);
    bool is_stdin = strcmp(path, "-") == 0;
    reader->fd = SPC_NOFD;
    reader->path = strdup(is_stdin ? "standard input" : path);
    reader->buf = malloc(BUFFER_SIZE);
    reader->cap = BUFFER_SIZE;
    if (!reader->path || !reader->buf)
        return spc_err_set(err, -ENOMEM, "read '%s'", path);
    reader->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                          : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (reader->fd < 0)
        return spc_err_set(err, -errno, "read '%s'", reader->path);
    int r = detect(reader, err);
    if (r < 0)
        return r;
    *ret = SPC_TAKE_PTR(reader);
    return 0;
}

void sniff_reader_free(struct sniff_reader *reader)
{
    spc_close(reader->fd);
    sniff_ifaces_free(&reader->ifaces);
    free(reader->comment);
    free(reader->path);
    free(reader->buf);
    free(reader);
}

int sniff_reader_next(struct sniff_reader *reader, struct sniff_packet *ret, struct spc_err *err)
{
    int r = reader->is_ng ? sniff_reader_next_ng(reader, ret, err) : next_pcap(reader, ret, err);
    if (r > 0)
        ret->number = ++reader->packets;
    return r;
}

const struct sniff_ifaces *sniff_reader_ifaces(const struct sniff_reader *reader)
{
    return &reader->ifaces;
}
