// SPDX-License-Identifier: BSD-2-Clause
#include <spc/buf.h>

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void empty_buffer_is_the_empty_string(void **state)
{
    (void)state;
    struct spc_buf buf = {0};
    assert_string_equal(spc_buf_str(&buf), "");
    assert_null(buf.data);
    assert_int_equal(spc_buf_check(&buf), 0);
    spc_auto_free char *taken = spc_buf_take(&buf);
    assert_string_equal(taken, "");
    spc_buf_free(&buf);
    spc_buf_free(&buf);
}

static void everything_appends(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    spc_buf_add(&buf, "a\0b", 3);
    spc_buf_add(&buf, NULL, 0);
    spc_buf_puts(&buf, "cd");
    spc_buf_puts(&buf, "");
    spc_buf_putc(&buf, 'e');
    spc_buf_pad(&buf, '.', 3);
    spc_buf_pad(&buf, '.', 0);
    spc_buf_printf(&buf, "%d|%s", 42, "f");
    spc_buf_printf(&buf, "%s", "");
    assert_int_equal(buf.len, 13);
    assert_memory_equal(buf.data, "a\0bcde...42|f", 14);
    assert_int_equal(spc_buf_check(&buf), 0);
}

// Every length around the steps of growth, by each way to add: NUL-terminated, nothing lost.
static void growth_loses_nothing(void **state)
{
    (void)state;
    for (size_t len = 0; len < 300; len++) {
        spc_auto_buf struct spc_buf one = {0}, pad = {0}, fmt = {0};
        for (size_t i = 0; i < len; i++)
            spc_buf_putc(&one, (char)('a' + i % 26));
        spc_buf_pad(&pad, 'x', len);
        spc_buf_printf(&fmt, "%s", spc_buf_str(&one));
        assert_int_equal(strlen(spc_buf_str(&one)), len);
        assert_int_equal(strlen(spc_buf_str(&pad)), len);
        assert_string_equal(spc_buf_str(&fmt), spc_buf_str(&one));
        assert_int_equal(fmt.len, len);
        assert_true(fmt.cap > fmt.len);
    }
}

static void overflow_fails_and_stays_failed(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    spc_buf_puts(&buf, "kept");
    spc_buf_pad(&buf, 'x', SIZE_MAX);
    assert_int_equal(spc_buf_check(&buf), -ENOMEM);
    spc_buf_puts(&buf, "more");
    spc_buf_putc(&buf, 'c');
    spc_buf_pad(&buf, ' ', 1);
    spc_buf_printf(&buf, "%d", 1);
    assert_string_equal(spc_buf_str(&buf), "kept");
    assert_int_equal(buf.len, 4);
    assert_null(spc_buf_take(&buf));
}

// malloc refuses it (more than the address space holds), not the overflow check.
static void out_of_memory_is_remembered(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    spc_buf_pad(&buf, 'x', SIZE_MAX / 8);
    assert_int_equal(spc_buf_check(&buf), -ENOMEM);
    assert_string_equal(spc_buf_str(&buf), "");
}

static void reset_keeps_the_memory(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    spc_buf_reset(&buf);
    spc_buf_puts(&buf, "abc");
    size_t cap = buf.cap;
    spc_buf_reset(&buf);
    assert_string_equal(spc_buf_str(&buf), "");
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, cap);
}

static void take_gives_away(void **state)
{
    (void)state;
    spc_auto_buf struct spc_buf buf = {0};
    spc_buf_puts(&buf, "abc");
    spc_auto_free char *taken = spc_buf_take(&buf);
    assert_string_equal(taken, "abc");
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    spc_buf_puts(&buf, "new");
    assert_string_equal(spc_buf_str(&buf), "new");
    assert_string_equal(taken, "abc");
}

static void strv_copies_and_ends_with_null(void **state)
{
    (void)state;
    spc_auto_strv struct spc_strv strv = {0};
    char text[] = "one";
    spc_strv_foreach (&strv, item)
        fail_msg("an empty list has no items");
    assert_int_equal(spc_strv_add(&strv, text), 0);
    text[0] = 'X';
    assert_int_equal(spc_strv_addf(&strv, "%s-%d", "two", 2), 0);
    assert_int_equal(spc_strv_add(&strv, ""), 0);
    assert_int_equal(strv.count, 3);
    assert_string_equal(strv.items[0], "one");
    assert_string_equal(strv.items[1], "two-2");
    assert_string_equal(strv.items[2], "");
    assert_null(strv.items[3]);

    size_t seen = 0;
    spc_strv_foreach (&strv, item)
        seen += strlen(*item);
    assert_int_equal(seen, 8);
    spc_strv_free(&strv);
    assert_null(strv.items);
    assert_int_equal(strv.count, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(empty_buffer_is_the_empty_string),
    cmocka_unit_test(everything_appends),
    cmocka_unit_test(growth_loses_nothing),
    cmocka_unit_test(overflow_fails_and_stays_failed),
    cmocka_unit_test(out_of_memory_is_remembered),
    cmocka_unit_test(reset_keeps_the_memory),
    cmocka_unit_test(take_gives_away),
    cmocka_unit_test(strv_copies_and_ends_with_null),
};

UNIT_MAIN(tests)
