// SPDX-License-Identifier: BSD-2-Clause
#include "tools/systrace/hist.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

// What the definition says, with more bits than a duration has.
static unsigned reference(uint64_t ns)
{
    long double e = ns ? ceill(8 * log2l((long double)ns)) : 0;
    if (e <= HIST_LOWEST)
        return 0;
    return e >= HIST_LOWEST + HIST_BUCKETS - 1 ? HIST_BUCKETS - 1 : (unsigned)e - HIST_LOWEST;
}

static void test_bucket_of_small_values(void **state)
{
    (void)state;
    for (uint64_t ns = 0; ns < 300000; ns++)
        assert_int_equal(hist_bucket(ns), reference(ns));
}

// Both sides of every bound: the first value of a bucket, and the last of the one before.
static void test_bucket_at_bounds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HIST_BUCKETS - 1; i++) {
        uint64_t last = (uint64_t)floorl(exp2l((HIST_LOWEST + (long double)i) / 8));
        assert_int_equal(hist_bucket(last), i);
        assert_int_equal(hist_bucket(last + 1), i + 1);
    }
    assert_int_equal(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
    assert_int_equal(hist_bucket(UINT64_C(1) << 63), HIST_BUCKETS - 1);
}

static void test_bucket_of_random_values(void **state)
{
    (void)state;
    srandom(1);
    for (int i = 0; i < 200000; i++) {
        uint64_t ns = ((uint64_t)random() << 31 | (uint64_t)random()) >> (random() % 62);
        assert_int_equal(hist_bucket(ns), reference(ns));
    }
}

static void test_bound(void **state)
{
    (void)state;
    assert_true(systrace_hist_bound(0) == 64);
    assert_true(systrace_hist_bound(8) == 128);
    assert_true(systrace_hist_bound(80) == 65536);
    assert_true(isinf(systrace_hist_bound(HIST_BUCKETS - 1)));
    // Half a bucket is the error of a value reported from its middle.
    assert_true(systrace_hist_bound(41) / systrace_hist_bound(40) < 1.0906);
}

static void test_add_keeps_all(void **state)
{
    (void)state;
    struct hist h = {0};
    static const unsigned order[] = {100, 90, 110, 100, 0, 255, 90};
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        assert_int_equal(systrace_hist_add(&h, order[i], i + 1), 0);
    assert_int_equal(systrace_hist_get(&h, 100), 1 + 4);
    assert_int_equal(systrace_hist_get(&h, 90), 2 + 7);
    assert_int_equal(systrace_hist_get(&h, 110), 3);
    assert_int_equal(systrace_hist_get(&h, 0), 5);
    assert_int_equal(systrace_hist_get(&h, 255), 6);
    assert_int_equal(systrace_hist_get(&h, 101), 0);
    assert_int_equal(systrace_hist_total(&h), 28);
    assert_int_equal(systrace_hist_add(&h, HIST_BUCKETS, 1), -ERANGE);

    struct hist sum = {0};
    assert_int_equal(systrace_hist_merge(&sum, &h), 0);
    assert_int_equal(systrace_hist_merge(&sum, &h), 0);
    assert_int_equal(systrace_hist_total(&sum), 56);
    assert_int_equal(systrace_hist_get(&sum, 100), 10);
    systrace_hist_free(&h);
    systrace_hist_free(&sum);
}

// Quantiles of values that are known: log-uniform between 1 us and 1 ms.
static void test_quantile_within_error(void **state)
{
    (void)state;
    struct hist h = {0};
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        double ns = 1000 * pow(1000, (i + 0.5) / n);
        assert_int_equal(systrace_hist_add(&h, hist_bucket((uint64_t)ns), 1), 0);
    }
    static const double quantiles[] = {0.01, 0.1, 0.5, 0.9, 0.99, 0.999};
    for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++) {
        double expected = 1000 * pow(1000, quantiles[i]);
        double got = systrace_hist_quantile(&h, quantiles[i], 1000, 1000000);
        assert_true(fabs(got / expected - 1) < 0.044);
    }
    systrace_hist_free(&h);
}

static void test_quantile_edges(void **state)
{
    (void)state;
    struct hist h = {0};
    assert_true(isnan(systrace_hist_quantile(&h, 0.5, 0, 0)));
    // One value: whatever the bucket says, it is not beyond what was seen.
    assert_int_equal(systrace_hist_add(&h, hist_bucket(1000), 1), 0);
    assert_true(systrace_hist_quantile(&h, 0.5, 1000, 1000) == 1000);
    assert_true(systrace_hist_quantile(&h, 0.999, 1000, 1000) == 1000);
    // Beyond the scale only the maximum is known.
    systrace_hist_free(&h);
    assert_int_equal(systrace_hist_add(&h, hist_bucket(UINT64_C(3600000000000)), 5), 0);
    assert_true(systrace_hist_quantile(&h, 0.5, 1, UINT64_C(3600000000000)) == 3600e9);
    systrace_hist_free(&h);
}

static void test_can_tell(void **state)
{
    (void)state;
    assert_false(systrace_hist_can_tell(999, 0.99));
    assert_true(systrace_hist_can_tell(1000, 0.99));
    assert_false(systrace_hist_can_tell(9999, 0.999));
    assert_true(systrace_hist_can_tell(10000, 0.999));
    assert_true(systrace_hist_can_tell(20, 0.5));
    assert_false(systrace_hist_can_tell(19, 0.5));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_bucket_of_small_values),  cmocka_unit_test(test_bucket_at_bounds),
    cmocka_unit_test(test_bucket_of_random_values), cmocka_unit_test(test_bound),
    cmocka_unit_test(test_add_keeps_all),           cmocka_unit_test(test_quantile_within_error),
    cmocka_unit_test(test_quantile_edges),          cmocka_unit_test(test_can_tell),
};
UNIT_MAIN(tests)
