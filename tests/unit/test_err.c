// SPDX-License-Identifier: BSD-2-Clause
#include <spc/err.h>

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void set_adds_the_errno_text(void **state)
{
    (void)state;
    struct spc_err err = {0};
    assert_int_equal(spc_err_set(&err, -ENOENT, "open %s", "/x"), -ENOENT);
    assert_int_equal(err.code, -ENOENT);
    assert_int_equal(err.status, SPC_EXIT_OK);
    assert_string_equal(err.text, "open /x: No such file or directory");
    assert_string_equal(err.hint, "");
}

static void set_replaces_what_was_there(void **state)
{
    (void)state;
    struct spc_err err = {0};
    spc_err_usage(&err, "old");
    spc_err_hint(&err, "old hint");
    spc_err_set(&err, -EIO, "new");
    assert_string_equal(err.text, "new: Input/output error");
    assert_string_equal(err.hint, "");
    assert_int_equal(err.status, SPC_EXIT_OK);
}

static void say_adds_nothing(void **state)
{
    (void)state;
    struct spc_err err = {0};
    assert_int_equal(spc_err_say(&err, -ESRCH, "no container '%s'", "web"), -ESRCH);
    assert_string_equal(err.text, "no container 'web'");
}

static void usage_chooses_the_exit_code(void **state)
{
    (void)state;
    struct spc_err err = {0};
    assert_int_equal(spc_err_usage(&err, "bad %d", 7), -EINVAL);
    assert_int_equal(err.status, SPC_EXIT_USAGE);
    assert_string_equal(err.text, "bad 7");
}

static void wrap_prepends(void **state)
{
    (void)state;
    struct spc_err err = {0};
    spc_err_set(&err, -EPERM, "setns");
    assert_int_equal(spc_err_wrap(&err, "entering '%s'", "web"), -EPERM);
    assert_int_equal(spc_err_wrap(&err, "outer"), -EPERM);
    assert_string_equal(err.text, "outer: entering 'web': setns: Operation not permitted");
}

// The outer context says most; what does not fit falls off the end, inside the array.
static void long_texts_are_cut(void **state)
{
    (void)state;
    struct spc_err err = {0};
    char big[3000];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';

    spc_err_set(&err, -EIO, "%s", big);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    spc_err_wrap(&err, "context");
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "context: xxx", 12);
    spc_err_wrap(&err, "%s", big);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_int_equal(err.text[0], 'x');
    spc_err_hint(&err, "%s", big);
    assert_int_equal(strlen(err.hint), sizeof(err.hint) - 1);
    assert_int_equal(err.code, -EIO);
}

// The errno's text does not fit whole, but begins.
static void errno_text_is_cut(void **state)
{
    (void)state;
    struct spc_err err = {0};
    char big[sizeof(err.text)];
    memset(big, 'x', sizeof(big));
    big[sizeof(big) - 6] = '\0';
    spc_err_set(&err, -ENOENT, "%s", big);
    assert_string_equal(err.text + sizeof(big) - 6, ": No ");
}

static void inner_hint_and_status_stand(void **state)
{
    (void)state;
    struct spc_err err = {0};
    spc_err_say(&err, -ESRCH, "gone");
    assert_int_equal(spc_err_hint(&err, "first %d", 1), -ESRCH);
    assert_int_equal(spc_err_hint(&err, "second"), -ESRCH);
    assert_string_equal(err.hint, "first 1");
    assert_int_equal(spc_err_exit(&err, SPC_EXIT_TARGET), -ESRCH);
    assert_int_equal(spc_err_exit(&err, SPC_EXIT_FAIL), -ESRCH);
    assert_int_equal(err.status, SPC_EXIT_TARGET);
    spc_err_wrap(&err, "outer");
    assert_string_equal(err.hint, "first 1");
    assert_int_equal(err.status, SPC_EXIT_TARGET);
}

static void clear_forgets(void **state)
{
    (void)state;
    struct spc_err err = {0}, none = {0};
    spc_err_usage(&err, "x");
    spc_err_hint(&err, "y");
    spc_err_clear(&err);
    assert_memory_equal(&err, &none, sizeof(err));
}

static void null_passes_the_code_through(void **state)
{
    (void)state;
    assert_int_equal(spc_err_set(NULL, -EIO, "x"), -EIO);
    assert_int_equal(spc_err_say(NULL, -EIO, "x"), -EIO);
    assert_int_equal(spc_err_usage(NULL, "x"), -EINVAL);
    assert_int_equal(spc_err_wrap(NULL, "x"), -EIO);
    assert_int_equal(spc_err_hint(NULL, "x"), -EIO);
    assert_int_equal(spc_err_exit(NULL, SPC_EXIT_FAIL), -EIO);
    spc_err_clear(NULL);
}

// The README and the manual pages list these numbers: they never change.
static void exit_codes_are_what_is_documented(void **state)
{
    (void)state;
    assert_int_equal(SPC_EXIT_OK, 0);
    assert_int_equal(SPC_EXIT_FAIL, 1);
    assert_int_equal(SPC_EXIT_USAGE, 2);
    assert_int_equal(SPC_EXIT_TARGET, 3);
    assert_int_equal(SPC_EXIT_LOST, 4);
    assert_int_equal(SPC_EXIT_RUN_FAILED, 125);
    assert_int_equal(SPC_EXIT_RUN_NOEXEC, 126);
    assert_int_equal(SPC_EXIT_RUN_NOENT, 127);
    assert_int_equal(SPC_EXIT_SIGNAL_BASE, 128);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(set_adds_the_errno_text),
    cmocka_unit_test(set_replaces_what_was_there),
    cmocka_unit_test(say_adds_nothing),
    cmocka_unit_test(usage_chooses_the_exit_code),
    cmocka_unit_test(wrap_prepends),
    cmocka_unit_test(long_texts_are_cut),
    cmocka_unit_test(errno_text_is_cut),
    cmocka_unit_test(inner_hint_and_status_stand),
    cmocka_unit_test(clear_forgets),
    cmocka_unit_test(null_passes_the_code_through),
    cmocka_unit_test(exit_codes_are_what_is_documented),
};

UNIT_MAIN(tests)
