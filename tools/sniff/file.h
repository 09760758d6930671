// SPDX-License-Identifier: BSD-2-Clause
// A capture file being written: a buffer of whole records, and rotation by size, time and count.
// Files are opened below a held directory descriptor, so rotation works after privileges are gone.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/err.h>
#include <spc/own.h>

struct sniff_rotation {
    uint64_t size_max; // -C, bytes
    uint32_t seconds;  // -G
    uint32_t count;    // -W
};

struct sniff_file {
    int fd, dirfd;
    char *path;       // as the user gave it, for messages and as the pattern
    const char *base; // its last component, in `path`
    struct sniff_rotation rotation;
    uint8_t *buf;
    size_t len, cap;
    uint64_t size;     // bytes of this file, the buffer's included
    uint64_t start_ns; // of the -G period
    unsigned index;    // of the file (-C), or of the period (-G -W)
    unsigned epoch;    // changes with every file
    bool is_regular;
    bool is_unbuffered; // -U
    uint64_t flushed_ns;
    // Length of the record at `data`, to cut a file that hit a full disk at a record's end.
    size_t (*record_len)(const uint8_t *data, size_t left);
};

#define SNIFF_FILE_NONE                                                                            \
    {                                                                                              \
        .fd = SPC_NOFD, .dirfd = SPC_NOFD                                                          \
    }

// "-" is standard output, which does not rotate.
int sniff_file_open(const char *path, const struct sniff_rotation *rotation, uint64_t now_ns,
                    struct sniff_file *ret, struct spc_err *err);
void sniff_file_close(struct sniff_file *file);

// Room for `len` more bytes, which the caller fills with one whole record. NULL with *err on a
// failed write.
uint8_t *sniff_file_more_room(struct sniff_file *file, size_t len, struct spc_err *err);
static inline uint8_t *sniff_file_room(struct sniff_file *file, size_t len, struct spc_err *err)
{
    if (file->cap - file->len < len)
        return sniff_file_more_room(file, len, err);
    uint8_t *room = file->buf + file->len;
    file->len += len;
    file->size += len;
    return room;
}
int sniff_file_flush(struct sniff_file *file, struct spc_err *err);
// Is a new file due? 1: yes, and it was opened. 2: the last one that -W allows is full.
int sniff_file_rotate_now(struct sniff_file *file, uint64_t now_ns, struct spc_err *err);
static inline int sniff_file_rotate(struct sniff_file *file, uint64_t now_ns, struct spc_err *err)
{
    bool is_possible = file->rotation.seconds || file->rotation.size_max;
    return is_possible ? sniff_file_rotate_now(file, now_ns, err) : 0;
}
// Called when there is nothing else to do.
int sniff_file_idle(struct sniff_file *file, uint64_t now_ns, struct spc_err *err);
