// SPDX-License-Identifier: BSD-2-Clause
// What user space an image holds, read from its files; nothing of it is run.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct spc_userspace {
    char *os;              // PRETTY_NAME of os-release(5), or NULL
    char *os_id;           // ID and VERSION_ID: "debian 12", or NULL
    char *libc;            // "glibc 2.36", "musl 1.2.4", "musl", or NULL
    const char *arch;      // of the C library, or NULL
    const char *packaging; // "dpkg", "apk", "rpm", or NULL
    uint64_t packages;     // 0: not known
};

void spc_userspace_free(struct spc_userspace *userspace);
// `layers`: directories, topmost first.
void spc_userspace_read(const int *layers, size_t count, struct spc_userspace *ret);
