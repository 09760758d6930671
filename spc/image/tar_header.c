// SPDX-License-Identifier: BSD-2-Clause
#include "tar_header.h"

#include <stdbool.h>
#include <string.h>

#include <sys/sysmacros.h>

// The fields of a ustar header; sizes by the standard.
struct ustar {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct ustar) == SPC_TAR_BLOCK, "a tar header is one block");

static size_t digits(size_t n)
{
    size_t count = 1;
    while (n >= 10) {
        n /= 10;
        count++;
    }
    return count;
}

void spc_tar_record(struct spc_buf *out, const char *key, const void *value, size_t len)
{
    size_t body = 1 + strlen(key) + 1 + len + 1, total = body + digits(body);
    total = body + digits(total);
    spc_buf_printf(out, "%zu %s=", total, key);
    spc_buf_add(out, value, len);
    spc_buf_putc(out, '\n');
}

// False where the value needs more digits than there are.
static bool put_octal(char *to, size_t size, uint64_t value)
{
    bool fits = true;
    to[size - 1] = '\0';
    for (size_t i = size - 1; i-- > 0; value >>= 3)
        to[i] = (char)('0' + (value & 7));
    fits = value == 0;
    return fits;
}

static void put_number(char *to, size_t size, uint64_t value, const char *key, struct spc_buf *pax)
{
    if (put_octal(to, size, value))
        return;
    char text[24];
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    spc_tar_record(pax, key, text, (size_t)len);
}

static void put_text(char *to, size_t size, const char *text, const char *key, struct spc_buf *pax)
{
    size_t len = strlen(text);
    memcpy(to, text, len < size ? len : size);
    if (len > size)
        spc_tar_record(pax, key, text, len);
}

static void put_block(struct spc_buf *out, struct ustar *block)
{
    memcpy(block->magic, "ustar", 6);
    memcpy(block->version, "00", 2);
    memset(block->checksum, ' ', sizeof(block->checksum));
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(*block); i++)
        sum += ((const unsigned char *)block)[i];
    put_octal(block->checksum, 7, sum);
    spc_buf_add(out, block, sizeof(*block));
}

static void put_pax(struct spc_buf *out, const struct spc_buf *records)
{
    struct ustar block = {.type = 'x', .name = "PaxHeaders/0"};
    put_octal(block.mode, sizeof(block.mode), 0644);
    put_octal(block.uid, sizeof(block.uid), 0);
    put_octal(block.gid, sizeof(block.gid), 0);
    put_octal(block.size, sizeof(block.size), records->len);
    put_octal(block.mtime, sizeof(block.mtime), 0);
    put_block(out, &block);
    spc_buf_add(out, records->data, records->len);
    spc_buf_pad(out, '\0', (SPC_TAR_BLOCK - records->len % SPC_TAR_BLOCK) % SPC_TAR_BLOCK);
}

void spc_tar_header(struct spc_buf *out, const struct spc_tar_entry *entry)
{
    struct ustar block = {.type = entry->type};
    spc_auto_buf struct spc_buf pax = {0}, name = {0};
    spc_buf_printf(&name, "%s%s", entry->path, entry->type == '5' ? "/" : "");
    put_text(block.name, sizeof(block.name), spc_buf_str(&name), "path", &pax);
    if (entry->link)
        put_text(block.link, sizeof(block.link), entry->link, "linkpath", &pax);
    put_octal(block.mode, sizeof(block.mode), entry->st->st_mode & 07777);
    put_number(block.uid, sizeof(block.uid), entry->st->st_uid, "uid", &pax);
    put_number(block.gid, sizeof(block.gid), entry->st->st_gid, "gid", &pax);
    put_number(block.size, sizeof(block.size), entry->size, "size", &pax);
    // Times before 1970 cannot be written in octal; nobody misses them.
    uint64_t mtime = entry->st->st_mtim.tv_sec > 0 ? (uint64_t)entry->st->st_mtim.tv_sec : 0;
    put_number(block.mtime, sizeof(block.mtime), mtime, "mtime", &pax);
    if (entry->type == '3' || entry->type == '4') {
        put_octal(block.major, sizeof(block.major), major(entry->st->st_rdev));
        put_octal(block.minor, sizeof(block.minor), minor(entry->st->st_rdev));
    }
    if (entry->xattrs)
        spc_buf_add(&pax, entry->xattrs->data, entry->xattrs->len);
    if (pax.len)
        put_pax(out, &pax);
    if (pax.failed)
        out->failed = pax.failed;
    put_block(out, &block);
}
