// SPDX-License-Identifier: BSD-2-Clause
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define PAGE 4096u // the smallest page of any architecture we know: a safe step

bool strace_memory_get(const struct memory *memory, uint64_t addr, void *buf, size_t len)
{
    return memory->read(memory, addr, buf, len) == (ssize_t)len;
}

ssize_t strace_memory_string(const struct memory *memory, uint64_t addr, char *buf, size_t size,
                             bool *ret_ended)
{
    size_t len = 0;
    *ret_ended = false;
    while (len < size) {
        // Page by page, so that a string that ends before an unmapped page is read whole; small
        // first, because most strings are.
        size_t step = PAGE - ((addr + len) & (PAGE - 1));
        if (len == 0 && step > 256)
            step = 256;
        if (step > size - len)
            step = size - len;
        ssize_t n = memory->read(memory, addr + len, buf + len, step);
        if (n <= 0)
            return n < 0 ? n : -EFAULT;
        const char *nul = memchr(buf + len, '\0', (size_t)n);
        if (nul) {
            *ret_ended = true;
            return nul - buf;
        }
        len += (size_t)n;
        if ((size_t)n < step)
            return -EFAULT;
    }
    return (ssize_t)len;
}

ssize_t strace_memory_read_vm(const struct memory *memory, uint64_t addr, void *buf, size_t len)
{
    struct iovec local = {buf, len}, remote = {(void *)(uintptr_t)addr, len};
    ssize_t n = process_vm_readv(memory->tid, &local, 1, &remote, 1, 0);
    if (n >= 0)
        return n;
    if (errno == ENOSYS || errno == EPERM)
        return strace_memory_read_peek(memory, addr, buf, len);
    return -errno;
}

ssize_t strace_memory_read_peek(const struct memory *memory, uint64_t addr, void *buf, size_t len)
{
    size_t done = 0;
    while (done < len) {
        uint64_t at = addr + done, aligned = at & ~(uint64_t)(sizeof(long) - 1);
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, memory->tid, (void *)(uintptr_t)aligned, NULL);
        if (errno)
            return done ? (ssize_t)done : -errno;
        size_t skip = at - aligned, n = sizeof(word) - skip;
        if (n > len - done)
            n = len - done;
        memcpy((char *)buf + done, (char *)&word + skip, n);
        done += n;
    }
    return (ssize_t)done;
}
