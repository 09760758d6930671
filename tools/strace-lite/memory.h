// SPDX-License-Identifier: BSD-2-Clause
// Memory of a target, wherever it comes from: the live process, bytes captured by a BPF program, a
// recording, the input of a fuzzer. Decoders read target memory only through this.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory {
    // Read up to `len` bytes at `addr`. Returns how many could be read from the start (short when
    // the rest is not mapped) or a negative errno when not even the first could.
    ssize_t (*read)(const struct memory *memory, uint64_t addr, void *buf, size_t len);
    pid_t tid;           // for live readers
    const void *context; // for the others
};

// All of it or nothing.
bool strace_memory_get(const struct memory *memory, uint64_t addr, void *buf, size_t len);

// At most `size` bytes of a string, stopping behind its NUL. Returns the number of bytes before
// the NUL, with *ret_ended telling whether there was one; negative errno when unreadable: a string
// that runs into an unmapped page is unreadable (it never ended).
ssize_t strace_memory_string(const struct memory *memory, uint64_t addr, char *buf, size_t size,
                             bool *ret_ended);

// The readers of a live process: process_vm_readv(2), and PTRACE_PEEKDATA where that is refused
// (seccomp filters, kernels without CONFIG_CROSS_MEMORY_ATTACH).
ssize_t strace_memory_read_vm(const struct memory *memory, uint64_t addr, void *buf, size_t len);
ssize_t strace_memory_read_peek(const struct memory *memory, uint64_t addr, void *buf, size_t len);
