// SPDX-License-Identifier: BSD-2-Clause
// What every unit test starts with: cmocka, its TAP output, and files that go away.
#pragma once

// cmocka 1.1 wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// main() of a unit test, from an array of cmocka tests. Exit status 1 when one failed.
#define UNIT_MAIN(tests)                                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        cmocka_set_message_output(CM_OUTPUT_TAP);                                                  \
        return cmocka_run_group_tests(tests, NULL, NULL) != 0;                                     \
    }
