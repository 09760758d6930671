// SPDX-License-Identifier: BSD-2-Clause
// One tar header (POSIX.1-2017 pax interchange format), with an extended one where it does not fit.
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include <spc/buf.h>

struct spc_tar_entry {
    const char *path; // without a trailing slash
    const char *link; // target of a link, or NULL
    char type; // '0' file, '1' hard link, '2' symbolic link, '3' '4' device, '5' dir, '6' FIFO
    const struct stat *st;
    uint64_t size;                // of the data that follows
    const struct spc_buf *xattrs; // complete pax records, or NULL
};

#define SPC_TAR_BLOCK 512

// One pax record ("LEN KEY=VALUE\n"); LEN counts itself.
void spc_tar_record(struct spc_buf *out, const char *key, const void *value, size_t len);
void spc_tar_header(struct spc_buf *out, const struct spc_tar_entry *entry);
