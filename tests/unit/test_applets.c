// SPDX-License-Identifier: BSD-2-Clause
#include "spc/applets.h"

#include <string.h>

#include "tests/unit/unit.h"

static void every_row_is_filled(void **state)
{
    (void)state;
    assert_true(spc_applet_count > 0);
    for (size_t i = 0; i < spc_applet_count; i++) {
        assert_non_null(spc_applets[i].name);
        assert_non_null(spc_applets[i].main);
        // One line of `spc help`.
        size_t len = strlen(spc_applets[i].summary);
        assert_true(len > 0 && len <= 66);
    }
}

// A word means one applet, as a verb or as the executable's own name.
static void every_name_finds_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < spc_applet_count; i++) {
        assert_ptr_equal(spc_applet_find(spc_applets[i].name), &spc_applets[i]);
        if (spc_applets[i].alias)
            assert_ptr_equal(spc_applet_find(spc_applets[i].alias), &spc_applets[i]);
    }
}

static void other_words_find_nothing(void **state)
{
    (void)state;
    assert_null(spc_applet_find(""));
    assert_null(spc_applet_find("spc"));
    assert_null(spc_applet_find("RUN"));
    assert_null(spc_applet_find("strace-"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_row_is_filled),
    cmocka_unit_test(every_name_finds_its_row),
    cmocka_unit_test(other_words_find_nothing),
};

UNIT_MAIN(tests)
