// SPDX-License-Identifier: BSD-2-Clause
// The launcher's words: namespaces and volumes.
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include <spc/own.h>

#include "spc/run/plan.h"

static void every_rule_can_be_said(void **state)
{
    (void)state;
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        const struct run_ns_rule *rule = &spc_run_ns_rules[kind];
        // Our own mount namespace is what the launcher is; nothing is granted by it.
        assert_int_equal(rule->granted == NULL, kind == SPC_NS_MNT);
        if (!rule->option)
            continue;
        for (int other = 0; other < kind; other++)
            if (spc_run_ns_rules[other].option)
                assert_string_not_equal(rule->option, spc_run_ns_rules[other].option);

        struct run_ns ns;
        assert_int_equal(spc_run_ns_parse(kind, NULL, &ns, NULL), 0);
        assert_int_equal(ns.mode, RUN_NS_HOST);
        assert_int_equal(spc_run_ns_parse(kind, "host", &ns, NULL), 0);
        assert_int_equal(ns.mode, RUN_NS_HOST);
        assert_int_equal(spc_run_ns_parse(kind, "private", &ns, NULL), 0);
        assert_int_equal(ns.mode, RUN_NS_PRIVATE);
        assert_int_equal(spc_run_ns_parse(kind, "container:web", &ns, NULL), 0);
        assert_int_equal(ns.mode, RUN_NS_JOIN);
        assert_string_equal(ns.spec, "web");
    }
}

static void wrong_namespaces_say_what_is_right(void **state)
{
    (void)state;
    static const char *const words[] = {"", "hosts", "container:", "container", "Private"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(words); i++) {
        struct run_ns ns;
        struct spc_err err = {0};
        assert_int_equal(spc_run_ns_parse(SPC_NS_PID, words[i], &ns, &err), -EINVAL);
        assert_int_equal(err.status, SPC_EXIT_USAGE);
        assert_non_null(strstr(err.text, "--pid"));
        assert_non_null(strstr(err.text, "container:TARGET"));
    }
    struct run_ns ns;
    // docker's word for a private network, and for nothing else.
    assert_int_equal(spc_run_ns_parse(SPC_NS_NET, "none", &ns, NULL), 0);
    assert_int_equal(ns.mode, RUN_NS_PRIVATE);
    assert_true(spc_run_ns_parse(SPC_NS_PID, "none", &ns, NULL) < 0);
}

static void volumes(void **state)
{
    (void)state;
    struct run_volume volume = {0};
    assert_int_equal(spc_run_volume_parse("/tmp:/b:ro", &volume, NULL), 0);
    assert_string_equal(volume.source, "/tmp");
    assert_string_equal(volume.target, "/b");
    assert_true(volume.is_read_only);
    spc_run_volume_free(&volume);

    static const char *const wrong[] = {"", ":", "/tmp:", ":/b", "/tmp:b", "/tmp:/b:purple"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wrong); i++) {
        struct spc_err err = {0};
        struct run_volume none = {0};
        if (spc_run_volume_parse(wrong[i], &none, &err) >= 0)
            fail_msg("'%s' was taken", wrong[i]);
        assert_int_equal(err.status, SPC_EXIT_USAGE);
        spc_run_volume_free(&none);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_rule_can_be_said),
    cmocka_unit_test(wrong_namespaces_say_what_is_right),
    cmocka_unit_test(volumes),
};

UNIT_MAIN(tests)
