// SPDX-License-Identifier: BSD-2-Clause
#include "tools/systrace/stats.h"

#include <math.h>

#include "tests/unit/unit.h"

#define ASSERT_NEAR(got, expected, tolerance) assert_true(fabs((got) - (expected)) < (tolerance))
#define COUNT(array)                          (sizeof(array) / sizeof(*(array)))

// From numeric integration of the density (Simpson, 200000 steps).
static void test_student_cdf(void **state)
{
    (void)state;
    static const struct {
        double t, df, p;
    } known[] = {
        {0, 3, 0.5},
        {1, 1, 0.75},
        {2, 5, 0.949030260585},
        {0.5, 7.3, 0.684103236598},
        {4, 2.5, 0.980493512079},
        {-2, 5, 0.050969739415},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        ASSERT_NEAR(systrace_student_cdf(known[i].t, known[i].df), known[i].p, 1e-10);
}

// The table of every textbook.
static void test_student_quantile(void **state)
{
    (void)state;
    static const struct {
        double p, df, t;
    } known[] = {
        {0.975, 1, 12.70620474},  {0.975, 2, 4.30265273},   {0.975, 5, 2.57058184},
        {0.975, 10, 2.22813885},  {0.975, 30, 2.04227246},  {0.95, 4, 2.13184679},
        {0.8, 10, 0.87905783},    {0.025, 10, -2.22813885}, {0.5, 3, 0},
        {0.995, 1e6, 2.57583427},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        ASSERT_NEAR(systrace_student_quantile(known[i].p, known[i].df), known[i].t, 2e-6);
}

static void test_welch(void **state)
{
    (void)state;
    static const double a[] = {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1,
                               21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
    static const double b[] = {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0,
                               24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 23.8};
    struct moments ma = systrace_moments(a, COUNT(a)), mb = systrace_moments(b, COUNT(b));
    struct welch w = systrace_welch(&ma, &mb);
    ASSERT_NEAR(w.difference, 2.7933333333, 1e-9);
    ASSERT_NEAR(w.error, 0.9917789052, 1e-9);
    ASSERT_NEAR(w.df, 27.8768947671, 1e-8);
    ASSERT_NEAR(w.p, 0.0088179308, 1e-9);
    // The interval is as wide as the quantile says, and the test is symmetric.
    ASSERT_NEAR((w.high - w.low) / 2 / w.error, systrace_student_quantile(0.975, w.df), 1e-9);
    struct welch back = systrace_welch(&mb, &ma);
    ASSERT_NEAR(back.difference, -w.difference, 1e-12);
    ASSERT_NEAR(back.p, w.p, 1e-12);
}

static void test_welch_without_variance(void **state)
{
    (void)state;
    static const double a[] = {1, 1}, b[] = {2, 2};
    struct moments ma = systrace_moments(a, 2), mb = systrace_moments(b, 2);
    struct welch w = systrace_welch(&ma, &mb), same = systrace_welch(&ma, &ma);
    assert_true(w.p == 0 && w.low == 1 && w.high == 1);
    assert_true(same.p == 1 && same.low == 0);
}

// The example of Benjamini and Hochberg (1995), section 3.2: 15 tests, the first four are rejected.
static void test_adjust(void **state)
{
    (void)state;
    double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                  0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    assert_int_equal(systrace_adjust(p, COUNT(p)), 0);
    for (size_t i = 0; i < COUNT(p); i++)
        assert_int_equal(p[i] < 0.05, i < 4);
    ASSERT_NEAR(p[0], 0.0015, 1e-12);
    ASSERT_NEAR(p[3], 0.0095 * 15 / 4, 1e-12);
    assert_true(p[14] == 1);
}

static void test_adjust_leaves_unknown_out(void **state)
{
    (void)state;
    double p[] = {NAN, 0.04, NAN, 0.03};
    assert_int_equal(systrace_adjust(p, COUNT(p)), 0);
    assert_true(isnan(p[0]) && isnan(p[2]));
    // Two tests, not four; and a q-value is not above the next one.
    ASSERT_NEAR(p[1], 0.04, 1e-12);
    ASSERT_NEAR(p[3], 0.04, 1e-12);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_student_cdf), cmocka_unit_test(test_student_quantile),
    cmocka_unit_test(test_welch),       cmocka_unit_test(test_welch_without_variance),
    cmocka_unit_test(test_adjust),      cmocka_unit_test(test_adjust_leaves_unknown_out),
};
UNIT_MAIN(tests)
