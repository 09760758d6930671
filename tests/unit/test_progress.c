// SPDX-License-Identifier: BSD-2-Clause
#include "tests/unit/unit.h"

#include <string.h>

#include <spc/progress.h>

#define SECOND 1000000000ull

static void test_line(void **state)
{
    (void)state;
    char line[120];
    struct spc_progress p = {.what = "importing", .total = 200000000, .done = 50000000};
    spc_progress_line(&p, 2 * SECOND, line, sizeof(line));
    assert_string_equal(line, "importing [#######.......................]  25 % 50 MB, 25 MB/s");
    p.done = 900000000;
    spc_progress_line(&p, 2 * SECOND, line, sizeof(line));
    assert_non_null(strstr(line, "[##############################] 100 %"));
    p.total = 0;
    spc_progress_line(&p, 2 * SECOND, line, sizeof(line));
    assert_string_equal(line, "importing 900 MB, 450 MB/s");
    spc_progress_line(&p, 0, line, sizeof(line));
    assert_string_equal(line, "importing 900 MB, 0 MB/s");
}

// A file is no terminal: nothing may get into it.
static void test_silent(void **state)
{
    (void)state;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    struct spc_progress p;
    spc_progress_begin(&p, stream, "x", 10);
    p.start_ns -= 5 * SECOND;
    spc_progress_add(&p, 5);
    spc_progress_add(NULL, 5);
    spc_progress_end(&p);
    assert_int_equal(ftell(stream), 0);
    fclose(stream);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_line),
    cmocka_unit_test(test_silent),
};
UNIT_MAIN(tests)
