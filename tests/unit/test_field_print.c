// SPDX-License-Identifier: BSD-2-Clause
#include <spc/field_print.h>

#include <string.h>

#include "tests/unit/record.h"
#include "tests/unit/unit.h"

#define S UINT64_C(1000000000)

static char tag_a[] = "a", tag_b[] = "b\nc", *tag_words[] = {tag_a, tag_b, NULL};

static const struct record full = {
    .name = "web\033[2J",
    .tags = {tag_words, 2},
    .is_good = true,
    .balance = INT64_MIN,
    .bytes = UINT64_MAX,
    .pid = 4194304,
    .when = 1700000000 * S + 5,
    .age = 90 * S,
    .secret = "s",
    .wide = "w",
};

// What is not known.
static const struct record empty = {.age = UINT64_MAX};

static void text_of(const struct record *record, struct spc_buf *out)
{
    for (const struct spc_field *f = record_fields; f->name; f++) {
        spc_field_text(f, record, out);
        spc_buf_putc(out, '|');
    }
}

static void text(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf known = {0}, unknown = {0};
    text_of(&full, &known);
    assert_string_equal(known.data, "web\\x1b[2J|a,b\\nc|yes|-9223372036854775808|"
                                    "18446744073709551615|4194304|2023-11-14T22:13:20Z|1m|s|w|");
    text_of(&empty, &unknown);
    assert_string_equal(unknown.data, "-|-|no|0|0|-|-|-|-|-|");
}

static void json(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf known = {0}, unknown = {0};
    struct spc_json writer = {.buf = &known};
    spc_record_json(&record_kind, &full, &writer);
    assert_string_equal(known.data,
                        "{\"kind\":\"record\",\"name\":\"web\\u001b[2J\","
                        "\"tags\":[\"a\",\"b\\u000ac\"],\"is_good\":true,"
                        "\"balance\":-9223372036854775808,\"bytes\":18446744073709551615,"
                        "\"pid\":4194304,\"when\":\"2023-11-14T22:13:20Z\",\"age\":90,"
                        "\"secret\":\"s\",\"wide\":\"w\"}");
    writer = (struct spc_json){.buf = &unknown};
    spc_record_json(&record_kind, &empty, &writer);
    assert_string_equal(unknown.data,
                        "{\"kind\":\"record\",\"name\":null,\"tags\":[],\"is_good\":false,"
                        "\"balance\":0,\"bytes\":0,\"pid\":null,\"when\":null,\"age\":null,"
                        "\"secret\":null,\"wide\":null}");
}

// An empty name would be an empty cell, which shifts columns for whoever splits at blanks.
static void empty_string_is_visible(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf out = {0};
    spc_field_text(&record_fields[0], &(struct record){.name = ""}, &out);
    assert_string_equal(out.data, "-");
}

static void durations_use_the_coarsest_unit(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text, *json;
    } samples[] = {
        {0, "0ms", "0"},
        {999999, "0ms", "0.000999999"},
        {S - 1, "999ms", "0.999999999"},
        {S, "1s", "1"},
        {59 * S + S / 2, "59s", "59.5"},
        {60 * S, "1m", "60"},
        {3599 * S, "59m", "3599"},
        {3600 * S, "1h", "3600"},
        {86399 * S, "23h", "86399"},
        {86400 * S, "1d", "86400"},
        {1234567 * S + 890123456, "14d", "1234567.890123456"},
        {UINT64_MAX - 1, "213503d", "18446744073.709553"},
    };
    const struct spc_field field = {"age", "AGE", SPC_TYPE_DURATION, 0, 0, NULL};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        spc_auto_buf struct spc_buf text_out = {0}, json_out = {0};
        struct spc_json writer = {.buf = &json_out};
        spc_field_text(&field, &samples[i].ns, &text_out);
        assert_string_equal(text_out.data, samples[i].text);
        spc_field_json(&field, &samples[i].ns, &writer);
        const char *value = strrchr(json_out.data, ':');
        assert_string_equal(value ? value + 1 : json_out.data, samples[i].json);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text),
    cmocka_unit_test(json),
    cmocka_unit_test(empty_string_is_visible),
    cmocka_unit_test(durations_use_the_coarsest_unit),
};

UNIT_MAIN(tests)
