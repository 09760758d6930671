// SPDX-License-Identifier: BSD-2-Clause
// Build tool: a directory of symbolic links as an EROFS image. `spc run tools` mounts it at /bin,
// out of its own executable: one mount instead of 270 links at every start.
//
// usage: mknames <LIST >IMAGE      LIST: lines "NAME TARGET"
//
// On-disk format: Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h of the kernel. Block
// 0 holds the super block and behind it the inodes; each distinct TARGET is one inode, whose NAMEs
// are hard links. The directory's blocks follow; its entries are sorted by name.
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK_BITS   12
#define BLOCK_SIZE   (1u << BLOCK_BITS)
#define SUPER_OFFSET 1024
#define SUPER_SIZE   128
#define SUPER_MAGIC  0xe0f5e1e2u
#define SLOT_SIZE    32 // inode numbers count slots of this size
#define ENTRY_SIZE   12
#define ROOT_NID     ((SUPER_OFFSET + SUPER_SIZE) / SLOT_SIZE)
#define FLAT_PLAIN   (0 << 1) // i_format: compact inode, data in blocks of its own
#define FLAT_INLINE  (2 << 1) // data right behind the inode
#define TYPE_DIR     2
#define TYPE_SYMLINK 7
#define MAX_ENTRIES  1024
#define MAX_TARGETS  8
#define MAX_BLOCKS   16

struct entry {
    char name[64], target[64];
    uint64_t nid;
    uint8_t type;
};

struct image {
    uint8_t blocks[MAX_BLOCKS][BLOCK_SIZE];
    uint32_t used; // blocks
};

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

static void put64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

// Sorted, and without a name's second target.
static size_t read_entries(struct entry *entries)
{
    size_t count = 0;
    entries[count++] = (struct entry){.name = ".", .type = TYPE_DIR};
    entries[count++] = (struct entry){.name = "..", .type = TYPE_DIR};
    while (count < MAX_ENTRIES &&
           scanf("%63s %63s", entries[count].name, entries[count].target) == 2) {
        bool is_known = false;
        for (size_t i = 0; i < count; i++)
            is_known |= strcmp(entries[i].name, entries[count].name) == 0;
        entries[count].type = TYPE_SYMLINK;
        count += !is_known;
    }
    qsort(entries, count, sizeof(*entries), compare);
    return count;
}

static uint8_t *put_inode(struct image *image, uint32_t nid, uint16_t format, uint16_t mode,
                          uint32_t size)
{
    uint8_t *inode = image->blocks[0] + nid * SLOT_SIZE;
    put16(inode, format);
    put16(inode + 4, mode);
    put32(inode + 8, size);
    put32(inode + 20, nid); // number for stat(2)
    return inode;
}

// One inode for each target. Returns how many inodes there are, with the root's.
static uint32_t put_links(struct image *image, struct entry *entries, size_t count)
{
    const char *targets[MAX_TARGETS];
    uint32_t nids[MAX_TARGETS], links[MAX_TARGETS], known = 0, nid = ROOT_NID + 1;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].type != TYPE_SYMLINK)
            continue;
        uint32_t t = 0, len = (uint32_t)strlen(entries[i].target);
        while (t < known && strcmp(targets[t], entries[i].target) != 0)
            t++;
        if (t == known) {
            if (known == MAX_TARGETS)
                exit(1);
            targets[known] = entries[i].target;
            links[known] = 0;
            nids[known++] = nid;
            uint8_t *inode = put_inode(image, nid, FLAT_INLINE, S_IFLNK | 0777, len);
            memcpy(inode + SLOT_SIZE, entries[i].target, len);
            nid += 1 + (len + SLOT_SIZE - 1) / SLOT_SIZE;
        }
        entries[i].nid = nids[t];
        put16(image->blocks[0] + nids[t] * SLOT_SIZE + 6, (uint16_t)++links[t]);
    }
    return known + 1;
}

// As many entries as fit: first all of their heads, then all of their names. Returns their number.
static size_t put_dir_block(uint8_t *block, const struct entry *entries, size_t count)
{
    size_t n = 0, size = 0;
    while (n < count && size + ENTRY_SIZE + strlen(entries[n].name) <= BLOCK_SIZE)
        size += ENTRY_SIZE + strlen(entries[n++].name);
    size_t name = n * ENTRY_SIZE;
    for (size_t i = 0; i < n; i++) {
        uint8_t *head = block + i * ENTRY_SIZE;
        put64(head, entries[i].nid ? entries[i].nid : ROOT_NID);
        put16(head + 8, (uint16_t)name);
        head[10] = entries[i].type;
        memcpy(block + name, entries[i].name, strlen(entries[i].name));
        name += strlen(entries[i].name);
    }
    return n;
}

static void put_super(struct image *image, uint32_t inodes)
{
    uint8_t *super = image->blocks[0] + SUPER_OFFSET;
    put32(super, SUPER_MAGIC);
    super[12] = BLOCK_BITS;
    put16(super + 14, ROOT_NID);
    put64(super + 16, inodes);
    put32(super + 36, image->used);
}

int main(void)
{
    static struct entry entries[MAX_ENTRIES + 1];
    static struct image image = {.used = 1};
    size_t count = read_entries(entries);
    uint32_t inodes = put_links(&image, entries, count);
    for (size_t done = 0; done < count; image.used++) {
        if (image.used == MAX_BLOCKS)
            return 1;
        done += put_dir_block(image.blocks[image.used], entries + done, count - done);
    }
    uint8_t *root =
        put_inode(&image, ROOT_NID, FLAT_PLAIN, S_IFDIR | 0755, (image.used - 1) * BLOCK_SIZE);
    put16(root + 6, 2);  // links
    put32(root + 16, 1); // first block of its data
    put_super(&image, inodes);
    return fwrite(image.blocks, BLOCK_SIZE, image.used, stdout) == image.used ? 0 : 1;
}
