// SPDX-License-Identifier: BSD-2-Clause
// What every fuzz target needs. A target is a file fuzz_NAME.c with one function,
// LLVMFuzzerTestOneInput(); tests/fuzz/corpus/NAME holds inputs to start from.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Like assert(3), whatever the flags say.
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
