// SPDX-License-Identifier: BSD-2-Clause
// Opening and reading, always relative to a held directory descriptor, always close-on-exec.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// openat2(2) with RESOLVE_IN_ROOT: `path` is looked up as if `rootfd` were the root directory, so
// no symbolic link and no ".." leads outside, whoever wrote the tree. O_CLOEXEC and O_NOCTTY are
// added. Links that the kernel makes up (/proc/PID/root, fd/*, ns/*) are refused with -ELOOP. Falls
// back to a walk of its own, component by component, below kernel 5.6. Returns a descriptor or a
// negative errno.
int spc_open_in_root(int rootfd, const char *path, int flags);

// The fallback of spc_open_in_root(), callable by itself so that a test can compare the two. It
// needs a /proc of our own, goes 64 directories deep, and knows neither O_CREAT nor O_NOFOLLOW
// (-EINVAL).
int spc_open_in_root_walk(int rootfd, const char *path, int flags);

// Read a whole regular file (or a procfs/sysfs one, whose size is unknown) of at most `max` bytes.
// Never blocks: a FIFO, device, socket or directory in its place is refused with -EINVAL (-EISDIR);
// a larger file with -EFBIG. *ret is NUL-terminated and owned by the caller; *ret_len may be NULL.
int spc_read_fd(int fd, size_t max, char **ret, size_t *ret_len);
int spc_read_in_root(int rootfd, const char *path, size_t max, char **ret, size_t *ret_len);

// The same without allocation, for hot paths below a trusted directory such as procfs:
// plain openat + read into `buf`, NUL-terminated, -E2BIG when `size` - 1 bytes did not hold it.
// Returns the length or a negative errno.
ssize_t spc_read_small(int dirfd, const char *path, char *buf, size_t size);

// write(2) until all is out. 0 or a negative errno.
int spc_write_all(int fd, const void *data, size_t len);
