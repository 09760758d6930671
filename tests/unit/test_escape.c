// SPDX-License-Identifier: BSD-2-Clause
#include <spc/escape.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

struct sample {
    const char *in;
    size_t len;
    const char *text, *json, *c;
};

#define IN(str) .in = str, .len = sizeof(str) - 1

static const struct sample samples[] = {
    {IN(""), "", "", ""},
    {IN("plain ~"), "plain ~", "plain ~", "plain ~"},
    {IN("\"q'\\"), "\"q'\\\\", "\\\"q'\\\\", "\\\"q'\\\\"},
    {IN("\n\t\r\f\v"), "\\n\\t\\r\\f\\v", "\\u000a\\u0009\\u000d\\u000c\\u000b", "\\n\\t\\r\\f\\v"},
    {IN("\0a"), "\\x00a", "\\u0000a", "\\0a"},
    {IN("\0001"), "\\x001", "\\u00001", "\\0001"},
    // A terminal title: the escape sequence must not survive anywhere.
    {IN("\033]0;x\a"), "\\x1b]0;x\\x07", "\\u001b]0;x\\u0007", "\\33]0;x\\7"},
    {IN("\0339"), "\\x1b9", "\\u001b9", "\\339"},
    {IN("\x7f"), "\\x7f", "\\u007f", "\\177"},
    // UTF-8 of two, three and four bytes stays readable.
    {IN("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3",
     "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3", "\\303\\251\\342\\202\\254\\360\\237\\220\\263"},
    // C1 control characters, as U+009B (CSI): valid UTF-8, but terminals act on them.
    {IN("\xc2\x9b"
        "31m"),
     "\\xc2\\x9b31m", "\\u009b31m", "\\302\\23331m"},
    {IN("\xc2\x80\xc2\x9f\xc2\xa0"), "\\xc2\\x80\\xc2\\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0",
     "\\302\\200\\302\\237\\302\\240"},
    // Right-to-left override, pop; their neighbours stay.
    {IN("\xe2\x80\xae\xe2\x81\xa9"), "\\xe2\\x80\\xae\\xe2\\x81\\xa9", "\xe2\x80\xae\xe2\x81\xa9",
     "\\342\\200\\256\\342\\201\\251"},
    {IN("\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"),
     "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
     "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
     "\\342\\200\\251\\342\\200\\257\\342\\201\\245\\342\\201\\252"},
    // Bare continuation and lead bytes, a cut sequence.
    {IN("\x9b"), "\\x9b", "\\ufffd", "\\233"},
    {IN("\xff\xfe"), "\\xff\\xfe", "\\ufffd\\ufffd", "\\377\\376"},
    {IN("\xe2\x82"), "\\xe2\\x82", "\\ufffd\\ufffd", "\\342\\202"},
    {IN("\xc3("), "\\xc3(", "\\ufffd(", "\\303("},
    // Overlong forms of '/', of U+07FF and U+FFFF; a surrogate; beyond U+10FFFF.
    {IN("\xc0\xaf"), "\\xc0\\xaf", "\\ufffd\\ufffd", "\\300\\257"},
    {IN("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf", "\\ufffd\\ufffd\\ufffd", "\\340\\237\\277"},
    {IN("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd",
     "\\360\\217\\277\\277"},
    {IN("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd", "\\355\\240\\200"},
    {IN("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "\\ufffd\\ufffd\\ufffd\\ufffd",
     "\\364\\220\\200\\200"},
    // The borders of what is valid.
    {IN("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf"),
     "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf",
     "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf",
     "\\302\\240\\337\\277\\340\\240\\200\\355\\237\\277\\364\\217\\277\\277"},
};

static void text_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        spc_auto_buf struct spc_buf out = {0};
        spc_escape_text(&out, samples[i].in, samples[i].len);
        assert_string_equal(spc_buf_str(&out), samples[i].text);
    }
}

static void json_is_a_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        spc_auto_buf struct spc_buf out = {0};
        spc_escape_json(&out, samples[i].in, samples[i].len);
        assert_string_equal(spc_buf_str(&out), samples[i].json);
    }
}

static void c_is_what_strace_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        spc_auto_buf struct spc_buf out = {0};
        spc_escape_c(&out, samples[i].in, samples[i].len);
        assert_string_equal(spc_buf_str(&out), samples[i].c);
    }
}

// Byte 0 followed by each digit: the reader of C must get the same two bytes back.
static void c_octal_before_a_digit_is_full(void **state)
{
    (void)state;
    for (char digit = '0'; digit <= '9'; digit++) {
        char in[2] = {1, digit}, want[6];
        // 8 and 9 are no octal digits: strace(1) does not count them either.
        snprintf(want, sizeof(want), digit <= '7' ? "\\001%c" : "\\1%c", digit);
        spc_auto_buf struct spc_buf out = {0};
        spc_escape_c(&out, in, sizeof(in));
        assert_string_equal(spc_buf_str(&out), want);
    }
}

// No single byte comes out as something that a terminal acts on, whatever follows it.
static void no_control_byte_passes(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char in[2] = {(char)a, (char)b};
            spc_auto_buf struct spc_buf text = {0}, json = {0};
            spc_escape_text(&text, in, 2);
            spc_escape_json(&json, in, 2);
            for (size_t i = 0; i < text.len; i++)
                assert_true((unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7f);
            for (size_t i = 0; i < json.len; i++)
                assert_true((unsigned char)json.data[i] >= 0x20 && json.data[i] != 0x7f);
            assert_null(strstr(text.data, "\xc2\x9b"));
            assert_null(strstr(json.data, "\xc2\x9b"));
        }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_harmless),        cmocka_unit_test(json_is_a_string),
    cmocka_unit_test(c_is_what_strace_prints), cmocka_unit_test(c_octal_before_a_digit_is_full),
    cmocka_unit_test(no_control_byte_passes),
};

UNIT_MAIN(tests)
