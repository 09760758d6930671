// SPDX-License-Identifier: BSD-2-Clause
#include <spc/opt.h>

#include <errno.h>
#include <string.h>

#include <spc/own.h>

#include "tests/unit/unit.h"

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        int r;
        uint64_t value;
    } samples[] = {
        {"0", 0, 0},
        {"007", 0, 7},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"18446744073709551620", -ERANGE, 0},
        {"99999999999999999999999", -ERANGE, 0},
        {"", -EINVAL, 0},
        {" 1", -EINVAL, 0},
        {"1 ", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"0x10", -EINVAL, 0},
        {"1.0", -EINVAL, 0},
        {"\xff", -EINVAL, 0},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        uint64_t value = 42;
        assert_int_equal(spc_parse_u64(samples[i].in, &value), samples[i].r);
        assert_true(value == (samples[i].r ? 42 : samples[i].value));
    }
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        int r;
        uint64_t ns;
    } samples[] = {
        {"90", 0, UINT64_C(90000000000)},
        {"0", 0, 0},
        {"1.5s", 0, 1500000000},
        {"0.000000001", 0, 1},
        {"0.0000000009", 0, 0},
        {"250ms", 0, 250000000},
        {"7us", 0, 7000},
        {"1.5us", 0, 1500},
        {"3ns", 0, 3},
        {"1.9ns", 0, 1},
        {"2m", 0, UINT64_C(120000000000)},
        {"0.5m", 0, UINT64_C(30000000000)},
        {"1h", 0, UINT64_C(3600000000000)},
        {"1.25d", 0, UINT64_C(108000000000000)},
        {"18446744073.709551615s", 0, UINT64_MAX},
        {"18446744073.709551616s", -ERANGE, 0},
        {"18446744074", -ERANGE, 0},
        {"99999999999999999999999999s", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"s", -EINVAL, 0},
        {".5s", -EINVAL, 0},
        {"1.", -EINVAL, 0},
        {"1.s", -EINVAL, 0},
        {"1..5s", -EINVAL, 0},
        {"-1s", -EINVAL, 0},
        {"1 s", -EINVAL, 0},
        {"1S", -EINVAL, 0},
        {"1min", -EINVAL, 0},
        {"1s ", -EINVAL, 0},
        {"1e3", -EINVAL, 0},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        uint64_t ns = 42;
        assert_int_equal(spc_parse_duration(samples[i].in, &ns), samples[i].r);
        assert_true(ns == (samples[i].r ? 42 : samples[i].ns));
    }
}

static void nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = {"run", "ps", "strace", "help", "systrace", "image"};
    static const struct {
        const char *word, *near;
    } samples[] = {
        {"rum", "run"},   {"strcae", "strace"}, {"st", "strace"}, {"sys", "systrace"},
        {"hlep", "help"}, {"imagee", "image"},  {"pss", "ps"},    {"s", "ps"},
        {"docker", NULL}, {"", NULL},           {"xyz", NULL},    {"strace", "strace"},
        {"Run", "run"},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        const char *near = spc_nearest(samples[i].word, names, SPC_ARRAY_SIZE(names));
        if (samples[i].near) {
            assert_non_null(near);
            assert_string_equal(near, samples[i].near);
        } else {
            assert_null(near);
        }
    }
    assert_null(spc_nearest("run", names, 0));
}

// Container names may be long; what does not fit the row of memory is just not near.
static void nearest_takes_long_names(void **state)
{
    (void)state;
    char name[200], word[4000];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memset(word, 'n', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    const char *const names[] = {name};
    assert_null(spc_nearest(word, names, 1));
    assert_ptr_equal(spc_nearest("nn", names, 1), name); // a prefix
    name[63] = '\0';
    word[64] = '\0';
    assert_ptr_equal(spc_nearest(word, names, 1), name);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole_numbers),
    cmocka_unit_test(durations),
    cmocka_unit_test(nearest_names),
    cmocka_unit_test(nearest_takes_long_names),
};

UNIT_MAIN(tests)
