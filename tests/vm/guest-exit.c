// SPDX-License-Identifier: BSD-2-Clause
// guest-exit N: end this QEMU guest at once; tests/vm/boot exits with N.
//
// A byte written to QEMU's isa-debug-exit device ends QEMU with status (byte << 1) | 1. The offset
// keeps that apart from the 1 with which QEMU itself fails.
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

#define EXIT_PORT   0xf4
#define EXIT_OFFSET 16
#define EXIT_MAX    100

int main(int argc, char **argv)
{
    int status = argc > 1 ? atoi(argv[1]) : 0;
    if (status < 0 || status > EXIT_MAX)
        status = EXIT_MAX;
    sync();
    // ioperm(2) needs no /dev/port, which cloud kernels lack. It fails under lockdown.
    if (ioperm(EXIT_PORT, 1, 1) != 0) {
        perror("guest-exit: ioperm");
        return 1;
    }
    outb((unsigned char)(status + EXIT_OFFSET), EXIT_PORT);
    return 1; // not in a guest with that device
}
