// SPDX-License-Identifier: BSD-2-Clause
// The tables of sniff: kinds of packets, options, examples.
#include <string.h>

#include "tests/unit/unit.h"
#include "tools/sniff/info.h"
#include "tools/sniff/options.h"

static void kinds_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < _SNIFF_KIND_MAX; i++) {
        const struct spc_record_kind *kind = &sniff_info_kinds[i];
        assert_non_null(kind->name);
        assert_int_equal(kind->size, sizeof(struct sniff_info));
        size_t count = 0;
        for (const struct spc_field *f = kind->fields; f->name; f++, count++) {
            assert_non_null(f->help);
            assert_true(f->offset < sizeof(struct sniff_info));
            for (const struct spc_field *g = kind->fields; g != f; g++)
                assert_string_not_equal(f->name, g->name);
        }
        assert_true(count > 10);
        assert_string_equal(kind->fields[0].name, "time");
    }
}

static void options_are_unique(void **state)
{
    (void)state;
    for (const struct spc_opt *a = sniff_opts; a->help; a++)
        for (const struct spc_opt *b = sniff_opts; b != a; b++) {
            assert_false(a->letter && a->letter == b->letter);
            if (a->name && b->name)
                assert_string_not_equal(a->name, b->name);
        }
}

// Letters that tcpdump has keep what they mean: each of these is there, with or without a value.
static void letters_of_tcpdump(void **state)
{
    (void)state;
    static const char with_value[] = "icsBQFwCGWry", alone[] = "pUn#teqvxXASKlDLd";
    for (const struct spc_opt *o = sniff_opts; o->help; o++)
        if (o->letter)
            assert_non_null(strchr(o->metavar ? with_value : alone, o->letter));
    for (const char *p = with_value; *p; p++) {
        bool is_there = false;
        for (const struct spc_opt *o = sniff_opts; o->help; o++)
            is_there |= o->letter == *p;
        assert_true(is_there);
    }
}

static void examples_are_whole(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct spc_example *e = sniff_examples; e->line; e++, count++) {
        assert_non_null(e->what);
        assert_int_equal(strncmp(e->line, "spc sniff ", 10), 0);
    }
    assert_true(count >= 3);
}

static void parse(int argc, const char *const *argv, struct sniff_operands *ret)
{
    struct spc_err err = {0};
    assert_int_equal(sniff_operands_parse(argc, (char **)argv, NULL, true, ret, &err), 0);
}

static void operands_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *argv[4];
        size_t targets;
        const char *filter;
    } cases[] = {
        {{NULL}, 0, ""},
        {{"web"}, 1, ""},
        {{"web,db"}, 2, ""},
        {{"web", "tcp", "port", "80"}, 1, "tcp port 80"},
        {{"tcp", "port", "80"}, 0, "tcp port 80"},
        {{"host", "192.0.2.1"}, 0, "host 192.0.2.1"},
        {{"host", "2001:db8::1"}, 0, "host 2001:db8::1"},
        {{"host"}, 1, ""},
        {{"host", "tcp"}, 1, "tcp"},
        {{"(udp)"}, 0, "(udp)"},
        {{"tcp[13] & 2 != 0"}, 0, "tcp[13] & 2 != 0"},
        {{"!", "arp"}, 0, "! arp"},
        {{"docker:tcp"}, 1, ""},
        {{"netns:/run/netns/x", "arp"}, 1, "arp"},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(cases); i++) {
        int argc = 0;
        while (argc < 4 && cases[i].argv[argc])
            argc++;
        struct sniff_operands operands;
        parse(argc, cases[i].argv, &operands);
        assert_int_equal(operands.targets.count, cases[i].targets);
        assert_string_equal(operands.filter, cases[i].filter);
        sniff_operands_free(&operands);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_whole),         cmocka_unit_test(options_are_unique),
        cmocka_unit_test(letters_of_tcpdump),      cmocka_unit_test(examples_are_whole),
        cmocka_unit_test(operands_are_told_apart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
