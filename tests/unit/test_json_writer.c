// SPDX-License-Identifier: BSD-2-Clause
#include <spc/json_writer.h>

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static void commas_and_keys(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    struct spc_json json = {.buf = &buf};
    spc_json_object(&json, NULL);
    spc_json_str(&json, "s", "a\"\n\x1b");
    spc_json_str(&json, "none", NULL);
    spc_json_strn(&json, "n", "xyz", 2);
    spc_json_strn(&json, "zero", "\0", 1);
    spc_json_array(&json, "list");
    spc_json_i64(&json, NULL, INT64_MIN);
    spc_json_u64(&json, NULL, UINT64_MAX);
    spc_json_bool(&json, NULL, true);
    spc_json_array(&json, NULL);
    spc_json_array_end(&json);
    spc_json_object(&json, NULL);
    spc_json_object_end(&json);
    spc_json_bool(&json, NULL, false);
    spc_json_array_end(&json);
    spc_json_null(&json, "k\"ey");
    spc_json_object_end(&json);
    assert_int_equal(json.depth, 0);
    assert_string_equal(buf.data,
                        "{\"s\":\"a\\\"\\u000a\\u001b\",\"none\":null,\"n\":\"xy\","
                        "\"zero\":\"\\u0000\",\"list\":[-9223372036854775808,18446744073709551615,"
                        "true,[],{},false],\"k\\\"ey\":null}");
}

static void doubles_read_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } samples[] = {
        {0, "0"},
        {0.1, "0.1"},
        {1.5, "1.5"},
        {-2, "-2"},
        {1e300, "1e+300"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
        {1234567.890123456, "1234567.890123456"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        spc_auto_buf struct spc_buf buf = {0};
        struct spc_json json = {.buf = &buf};
        spc_json_double(&json, NULL, samples[i].value);
        assert_string_equal(buf.data, samples[i].text);
        if (isfinite(samples[i].value))
            assert_true(strtod(buf.data, NULL) == samples[i].value);
    }
}

// 63 levels inside each other are written, and read by another parser; one more fails the buffer.
static void depth_is_limited(void **state)
{
    (void)state;
    for (unsigned levels = 62; levels <= 64; levels++) {
        spc_auto_buf struct spc_buf buf = {0};
        struct spc_json json = {.buf = &buf};
        for (unsigned i = 0; i < levels; i++) {
            spc_json_array(&json, NULL);
            spc_json_bool(&json, NULL, true);
        }
        for (unsigned i = 0; i < levels; i++) {
            spc_json_i64(&json, NULL, 1);
            spc_json_array_end(&json);
        }
        if (levels > 63) {
            assert_int_not_equal(spc_buf_check(&buf), 0);
            continue;
        }
        assert_int_equal(spc_buf_check(&buf), 0);
        struct json_tokener *tokener = json_tokener_new_ex(100);
        struct json_object *parsed = json_tokener_parse_ex(tokener, buf.data, (int)buf.len);
        assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
        assert_int_equal(json_object_array_length(parsed), levels == 1 ? 2 : 3);
        json_object_put(parsed);
        json_tokener_free(tokener);
    }
}

static void closing_too_often_fails(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    struct spc_json json = {.buf = &buf};
    spc_json_object(&json, NULL);
    spc_json_object_end(&json);
    assert_int_equal(spc_buf_check(&buf), 0);
    spc_json_object_end(&json);
    assert_int_equal(spc_buf_check(&buf), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(commas_and_keys),
    cmocka_unit_test(doubles_read_back),
    cmocka_unit_test(depth_is_limited),
    cmocka_unit_test(closing_too_often_fails),
};

UNIT_MAIN(tests)
