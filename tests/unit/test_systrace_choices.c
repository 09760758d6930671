// SPDX-License-Identifier: BSD-2-Clause
// The words of systrace's options: one for each value of their enum, none twice.
#include <string.h>

#include "tests/unit/unit.h"
#include "tools/systrace/measure.h"

static void walk(const struct spc_choice *choices, int first, int last)
{
    int seen = 0;
    for (const struct spc_choice *c = choices; c->name; c++) {
        assert_true(c->name[0]);
        seen += c->value >= first && c->value <= last;
        for (const struct spc_choice *other = choices; other < c; other++) {
            assert_string_not_equal(other->name, c->name);
            assert_int_not_equal(other->value, c->value);
        }
    }
    assert_int_equal(seen, last - first + 1);
}

static void test_sort(void **state)
{
    (void)state;
    walk(systrace_sort_choices, SORT_TOTAL, SORT_BLOCKED);
}

static void test_by(void **state)
{
    (void)state;
    walk(systrace_by_choices, SYSTRACE_BY_CALL, SYSTRACE_BY_CONTAINER);
}

// The names are those that recordings hold, too.
static void test_probe(void **state)
{
    (void)state;
    walk(systrace_probe_choices, 0, SYSTRACE_PROBE_MAX - 1);
    for (const struct spc_choice *c = systrace_probe_choices; c->name; c++)
        if (c->value >= 0)
            assert_string_equal(c->name, systrace_probe_kind_name((enum probe_kind)c->value));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sort),
    cmocka_unit_test(test_by),
    cmocka_unit_test(test_probe),
};
UNIT_MAIN(tests)
