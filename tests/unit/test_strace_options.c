// SPDX-License-Identifier: BSD-2-Clause
// The option table of strace-lite: no option is there twice, and what is still to come says so.
#include "tools/strace-lite/config.h"

#include <string.h>

#include "tests/unit/unit.h"

static void options_are_sound(void **state)
{
    (void)state;
    unsigned to_come = 0;
    for (const struct spc_opt *a = strace_options; a->help; a++) {
        if (a->type == SPC_OPT_SECTION)
            continue;
        assert_true(a->letter || a->name);
        for (const struct spc_opt *b = a + 1; b->help; b++) {
            assert_false(a->letter && a->letter == b->letter);
            assert_false(a->name && b->name && strcmp(a->name, b->name) == 0);
        }
        if (strcmp(a->help, "Not there yet.") == 0) {
            struct spc_err err = {0};
            assert_true(a->is_hidden);
            assert_true(a->parse(NULL, NULL, &err) < 0);
            assert_int_equal(err.status, SPC_EXIT_USAGE);
            to_come++;
        }
    }
    assert_true(to_come > 20);
}

static void examples_explain(void **state)
{
    const struct spc_example *const tables[] = {strace_examples, strace_verb_examples};
    (void)state;
    for (unsigned i = 0; i < SPC_ARRAY_SIZE(tables); i++) {
        assert_non_null(tables[i]->line);
        for (const struct spc_example *e = tables[i]; e->line; e++) {
            assert_non_null(e->what);
            assert_non_null(strstr(e->line, i == 0 ? "strace-lite " : "spc strace "));
        }
    }
}

static void qualifiers_are_known_or_named(void **state)
{
    const struct spc_opt *opt = strace_options;
    struct config config = {0};
    struct spc_err err = {0};
    (void)state;
    while (opt->letter != 'e')
        opt++;
    assert_int_equal(opt->parse(&config.filter, "trace=read", &err), 0);
    assert_int_equal(opt->parse(&config.filter, "read", &err), 0);
    assert_true(opt->parse(&config.filter, "inject=read:error=EIO", &err) < 0);
    assert_non_null(strstr(err.text, "not there yet"));
    spc_err_clear(&err);
    assert_true(opt->parse(&config.filter, "trase=read", &err) < 0);
    assert_non_null(strstr(err.text, "did you mean trace=?"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(options_are_sound),
    cmocka_unit_test(examples_explain),
    cmocka_unit_test(qualifiers_are_known_or_named),
};

UNIT_MAIN(tests)
