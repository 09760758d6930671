// SPDX-License-Identifier: BSD-2-Clause
// Puts the file that the Makefile names into the read-only data of this executable. busybox is a
// program of its own (GPL-2.0) that is only ever executed, never linked: see images/README.md.
#include "busybox.h"

__asm__(".section .rodata.spc_busybox, \"a\"\n"
        ".balign 4096\n"
        ".globl spc_run_busybox_start\n"
        "spc_run_busybox_start:\n"
        ".incbin \"" SPC_BUSYBOX "\"\n"
        ".globl spc_run_busybox_end\n"
        "spc_run_busybox_end:\n"
        ".byte 0\n"
        ".previous\n");
