// SPDX-License-Identifier: BSD-2-Clause
// A test program says on its standard output which lines a tracer must show of it, in this order;
// other lines may come between. tests/e2e/strace.t compares.
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static inline void __attribute__((format(printf, 1, 2))) expect(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout); // a child must not print it again
}
