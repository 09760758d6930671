// SPDX-License-Identifier: BSD-2-Clause
// trace=openat,write,readlink,mkdir
// Strings: cut, escaped, up to the edge of a page, not ended, not readable.
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "expect.h"

static void open_path(const char *path)
{
    syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
}

int main(void)
{
    char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(edge + 4096, 4096);

    open_path("/nosuch\n\t\"\\\001\3779");
    expect(
        "openat(AT_FDCWD, \"/nosuch\\n\\t\\\"\\\\\\1\\3779\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No "
        "such file or directory)");
    open_path(NULL);
    expect("openat(AT_FDCWD, NULL, O_RDONLY|O_CLOEXEC) = -1 EFAULT (Bad address)");
    open_path((char *)1);
    expect("openat(AT_FDCWD, 0x1, O_RDONLY|O_CLOEXEC) = -1 EFAULT (Bad address)");

    memcpy(edge + 4096 - 7, "/nosuch", 7); // not ended: the next page is not there
    open_path(edge + 4096 - 7);
    expect("openat(AT_FDCWD, %p, O_RDONLY|O_CLOEXEC) = -1 EFAULT (Bad address)", edge + 4096 - 7);
    edge[4095] = '\0';
    open_path(edge + 4096 - 7);
    expect("openat(AT_FDCWD, \"/nosuc\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or "
           "directory)");

    syscall(SYS_write, -1, "0123456789012345678901234567890123456789", 40);
    expect(
        "write(-1, \"01234567890123456789012345678901\"..., 40) = -1 EBADF (Bad file descriptor)");
    syscall(SYS_write, -1, "01234567890123456789012345678901", 32);
    expect("write(-1, \"01234567890123456789012345678901\", 32) = -1 EBADF (Bad file descriptor)");
    syscall(SYS_write, -1, "a\0001b", 4);
    expect("write(-1, \"a\\0001b\", 4) = -1 EBADF (Bad file descriptor)");
    syscall(SYS_write, -1, edge + 4090, 100L);
    expect("write(-1, %p, 100) = -1 EBADF (Bad file descriptor)", edge + 4090);
    syscall(SYS_write, -1, (char *)-8L, -1L);
    expect("write(-1, 0xfffffffffffffff8, 18446744073709551615) = -1 EBADF (Bad file descriptor)");
    syscall(SYS_mkdir, "", 0755);
    expect("mkdir(\"\", 0755) = -1 ENOENT (No such file or directory)");
    return 0;
}
