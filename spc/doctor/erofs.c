// SPDX-License-Identifier: BSD-2-Clause
#include "erofs_priv.h"

#include <endian.h>
#include <string.h>
#include <sys/stat.h>

// On-disk format: Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h of the kernel. One
// block: the super block at 1024, right behind it the root inode with its entries inline.
#define SUPER_OFFSET 1024
#define SUPER_SIZE   128
#define SUPER_MAGIC  0xe0f5e1e2u
#define SLOT_SIZE    32 // inode numbers count slots of this size
#define ROOT_NID     ((SUPER_OFFSET + SUPER_SIZE) / SLOT_SIZE)
#define BLOCK_BITS   12
#define FLAT_INLINE  (2 << 1) // i_format: compact inode, data behind it
#define TYPE_DIR     2

static void put16(uint8_t *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static void put_entry(uint8_t *at, uint16_t name_offset)
{
    put32(at, ROOT_NID);
    put16(at + 8, name_offset);
    at[10] = TYPE_DIR;
}

void doctor_erofs_make(uint8_t ret[DOCTOR_EROFS_SIZE])
{
    static const char names[] = {'.', '.', '.'}; // "." and ".."
    enum { ENTRY = 12, NAMES = 2 * ENTRY };
    memset(ret, 0, DOCTOR_EROFS_SIZE);
    uint8_t *super = ret + SUPER_OFFSET;
    put32(super, SUPER_MAGIC);
    super[12] = BLOCK_BITS;
    put16(super + 14, ROOT_NID);
    put32(super + 16, 1); // inodes (64 bits)
    put32(super + 36, 1); // blocks
    uint8_t *inode = super + SUPER_SIZE;
    put16(inode, FLAT_INLINE);
    put16(inode + 4, S_IFDIR | 0755);
    put16(inode + 6, 2); // links
    put32(inode + 8, NAMES + sizeof(names));
    put32(inode + 20, 1); // number for stat(2)
    uint8_t *data = inode + SLOT_SIZE;
    put_entry(data, NAMES);
    put_entry(data + ENTRY, NAMES + 1);
    memcpy(data + NAMES, names, sizeof(names));
}
