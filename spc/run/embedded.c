// SPDX-License-Identifier: BSD-2-Clause
// Puts files that the Makefile names into the read-only data of this executable, at the start of a
// page, for one of them is mounted from here. busybox is a program of its own (GPL-2.0) that is
// only ever executed, never linked: see images/README.md.
#include "embedded.h"

#define EMBED(name, path)                                                                          \
    __asm__(".section .rodata.spc_" #name ", \"a\"\n"                                              \
            ".balign 4096\n"                                                                       \
            ".globl spc_run_" #name "_start\n"                                                     \
            "spc_run_" #name "_start:\n"                                                           \
            ".incbin \"" path "\"\n"                                                               \
            ".globl spc_run_" #name "_end\n"                                                       \
            "spc_run_" #name "_end:\n"                                                             \
            ".byte 0\n"                                                                            \
            ".previous\n")

EMBED(busybox, SPC_BUSYBOX);
EMBED(names, SPC_NAMES);
