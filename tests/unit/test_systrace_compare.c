// SPDX-License-Identifier: BSD-2-Clause
// Honesty of `diff` on recordings whose truth is known, because they are made up.
#include "tools/systrace/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { CALLS = 9, RUNS = 6, DRAWS = 200 };

static double uniform(void)
{
    return ((double)random() + 0.5) / ((double)RAND_MAX + 1);
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

// Durations of a call within a run: log-normal, sigma 0.4, median 1. The same for all recordings:
// only runs differ, as within-run noise shared by one side would be a difference of the sides.
enum { DEVIATES = 8192, SAMPLES = 1000 };

static void make_deviates(double to[static DEVIATES])
{
    uint64_t x = 1; // Knuth's MMIX generator: random() is for the runs
    for (size_t i = 0; i < DEVIATES; i++) {
        double u[2];
        for (size_t k = 0; k < 2; k++) {
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            u[k] = ((double)(x >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
        }
        to[i] = exp(0.4 * sqrt(-2 * log(u[0])) * cos(2 * M_PI * u[1]));
    }
}

// A call of `median` ns whose runs differ by `spread`.
static void add_call(struct sample *s, const double *deviates, unsigned number, double median,
                     double spread)
{
    char name[16];
    struct call_stats *c;
    double run = median * exp(spread * normal());
    snprintf(name, sizeof(name), "call%u", number);
    assert_int_equal(systrace_sample_append(s, "", name, &c), 0);
    c->max = UINT64_C(1) << 40;
    c->min = 1;
    c->count = SAMPLES;
    size_t first = (size_t)random();
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t ns = (uint64_t)(run * deviates[(first + i) % DEVIATES]);
        assert_int_equal(systrace_hist_add(&c->wall, hist_bucket(ns), 1), 0);
        c->total += ns;
    }
}

static void make_recording(struct recording *r, unsigned runs, double factor)
{
    double deviates[DEVIATES];
    make_deviates(deviates);
    *r = (struct recording){.run_count = runs, .runs = calloc(runs, sizeof(*r->runs))};
    for (unsigned i = 0; i < runs; i++) {
        r->runs[i].duration = 1000000000;
        r->runs[i].calibration = (struct calibration){1, 165, 375, 10};
        for (unsigned c = 0; c < CALLS; c++)
            add_call(&r->runs[i], deviates, c, 500 * (c + 1) * (c == 0 ? factor : 1),
                     0.01 + 0.005 * c);
        systrace_sample_sort(&r->runs[i]);
    }
}

static void compare(unsigned runs, double factor, struct recording *a, struct recording *b,
                    struct comparisons *ret)
{
    struct spc_err err = {0};
    struct compare_options options = {.least = 0.05};
    make_recording(a, runs, 1);
    make_recording(b, runs, factor);
    assert_int_equal(systrace_compare(a, b, &options, ret, &err), 0);
    assert_int_equal(ret->count, CALLS);
}

struct outcome {
    unsigned found, alarmed, covered; // draws
};

static struct outcome draw(double factor)
{
    struct outcome o = {0};
    srandom(7);
    for (int d = 0; d < DRAWS; d++) {
        systrace_auto_recording struct recording a = {0};
        systrace_auto_recording struct recording b = {0};
        struct comparisons all;
        bool is_alarm = false;
        compare(RUNS, factor, &a, &b, &all);
        for (size_t i = 0; i < all.count; i++) {
            const struct comparison *c = &all.items[i];
            bool is_injected = factor > 1 && strcmp(c->name, "call0") == 0;
            if (is_injected) {
                const struct change *p50 = &c->change[MEASURE_P50];
                o.found += c->verdict == VERDICT_SLOWER;
                o.covered += p50->low <= factor && factor <= p50->high;
            } else {
                is_alarm |= c->verdict == VERDICT_SLOWER;
            }
        }
        o.alarmed += is_alarm;
        systrace_comparisons_free(&all);
    }
    return o;
}

static void test_same_kernel_is_not_slower(void **state)
{
    (void)state;
    struct outcome o = draw(1);
    printf("# %u of %d draws with a false 'slower'\n", o.alarmed, DRAWS);
    assert_true(o.alarmed <= DRAWS / 20);
}

static void test_injected_change_is_found(void **state)
{
    (void)state;
    static const struct {
        double factor;
        unsigned least;
    } cases[] = {{1.12, DRAWS * 95 / 100}, {1.2, DRAWS}, {1.5, DRAWS}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct outcome o = draw(cases[i].factor);
        printf("# x%.2f: found in %u, inside the interval in %u of %d draws\n", cases[i].factor,
               o.found, o.covered, DRAWS);
        assert_true(o.found >= cases[i].least);
        assert_true(o.covered >= DRAWS * 88 / 100);
    }
}

static void test_single_runs_prove_nothing(void **state)
{
    (void)state;
    systrace_auto_recording struct recording a = {0};
    systrace_auto_recording struct recording b = {0};
    struct comparisons all;
    compare(1, 3, &a, &b, &all);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(all.items[i].verdict, VERDICT_RATIO);
        assert_true(isnan(all.items[i].change[MEASURE_P50].q));
    }
    systrace_comparisons_free(&all);
}

// What the probes add differs by 100 ns: a change of that size of a short call is theirs.
static void test_probe_floor(void **state)
{
    (void)state;
    systrace_auto_recording struct recording a = {0};
    systrace_auto_recording struct recording b = {0};
    struct comparisons all;
    struct spc_err err = {0};
    struct compare_options options = {.least = 0.05};
    srandom(3);
    make_recording(&a, RUNS, 1);
    make_recording(&b, RUNS, 1.15);
    for (size_t i = 0; i < RUNS; i++)
        b.runs[i].calibration.null_traced += 100;
    assert_int_equal(systrace_compare(&a, &b, &options, &all, &err), 0);
    for (size_t i = 0; i < all.count; i++)
        if (strcmp(all.items[i].name, "call0") == 0)
            assert_int_not_equal(all.items[i].change[MEASURE_P50].verdict, VERDICT_SLOWER);
    systrace_comparisons_free(&all);
}

static void test_new_and_gone(void **state)
{
    (void)state;
    systrace_auto_recording struct recording a = {0};
    systrace_auto_recording struct recording b = {0};
    struct comparisons all;
    struct spc_err err = {0};
    struct compare_options options = {.least = 0.05};
    make_recording(&a, 2, 1);
    make_recording(&b, 2, 1);
    for (size_t i = 0; i < 2; i++) {
        strcpy(b.runs[i].calls[0].name, "callx"); // was call0
        systrace_sample_sort(&b.runs[i]);
    }
    assert_int_equal(systrace_compare(&a, &b, &options, &all, &err), 0);
    assert_int_equal(all.count, CALLS + 1);
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.items[i].name, "callx") == 0)
            assert_int_equal(all.items[i].verdict, VERDICT_NEW);
        if (strcmp(all.items[i].name, "call0") == 0)
            assert_int_equal(all.items[i].verdict, VERDICT_GONE);
    }
    systrace_comparisons_free(&all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_same_kernel_is_not_slower),
    cmocka_unit_test(test_injected_change_is_found),
    cmocka_unit_test(test_single_runs_prove_nothing),
    cmocka_unit_test(test_probe_floor),
    cmocka_unit_test(test_new_and_gone),
};
UNIT_MAIN(tests)
