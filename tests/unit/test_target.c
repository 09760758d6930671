// SPDX-License-Identifier: BSD-2-Clause
// The grammar of TARGET, what fits it, and the tables that print containers and processes.
#include <errno.h>
#include <string.h>

#include <spc/field_print.h>
#include <spc/own.h>

#include "libspc/target/target_priv.h"
#include "tests/unit/unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void every_form_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct spc_target_spec spec;
    } cases[] = {
        {"web", {SPC_TARGET_CONTAINER, -1, NULL, (char *)"web"}},
        {"docker:web", {SPC_TARGET_CONTAINER, SPC_ENGINE_DOCKER, NULL, (char *)"web"}},
        {"docker://" ID, {SPC_TARGET_CONTAINER, SPC_ENGINE_DOCKER, NULL, (char *)ID}},
        {"containerd:k8s.io/a",
         {SPC_TARGET_CONTAINER, SPC_ENGINE_CONTAINERD, (char *)"k8s.io", (char *)"a"}},
        {"crio:a", {SPC_TARGET_CONTAINER, SPC_ENGINE_CRIO, NULL, (char *)"a"}},
        {"other:x", {SPC_TARGET_CONTAINER, SPC_ENGINE_OTHER, NULL, (char *)"x"}},
        {"pod/shop/web",
         {.kind = SPC_TARGET_POD,
          .engine = -1,
          .pod_namespace = (char *)"shop",
          .pod = (char *)"web"}},
        {"pod/shop/web/nginx",
         {SPC_TARGET_CONTAINER, -1, NULL, NULL, (char *)"shop", (char *)"web", (char *)"nginx"}},
        {"pid:17", {.kind = SPC_TARGET_PROCESS, .engine = -1, .pid = 17}},
        {"cgroup:/a/b", {SPC_TARGET_CGROUP, -1, NULL, (char *)"/a/b"}},
        {"unit:ssh", {SPC_TARGET_CGROUP, -1, NULL, (char *)"ssh.service"}},
        {"unit:a.scope", {SPC_TARGET_CGROUP, -1, NULL, (char *)"a.scope"}},
        {"netns:/run/netns/x", {SPC_TARGET_NETNS, -1, NULL, (char *)"/run/netns/x"}},
        {"host", {.kind = SPC_TARGET_HOST, .engine = -1}},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(cases); i++) {
        struct spc_target_spec spec = {0};
        const struct spc_target_spec *want = &cases[i].spec;
        struct spc_err err = {0};
        assert_int_equal(spc_target_parse(cases[i].text, &spec, &err), 0);
        assert_int_equal(spec.kind, want->kind);
        assert_int_equal(spec.engine, want->engine);
        assert_int_equal(spec.pid, want->pid);
        assert_true(is_same(spec.name, want->name));
        assert_true(is_same(spec.engine_namespace, want->engine_namespace));
        assert_true(is_same(spec.pod_namespace, want->pod_namespace));
        assert_true(is_same(spec.pod, want->pod));
        assert_true(is_same(spec.pod_container, want->pod_container));
        spc_target_spec_free(&spec);
    }
}

static void bad_grammar_says_so(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "docker:",
        "pid:",
        "pid:0",
        "pid:-1",
        "pid:1x",
        "pid:99999999999",
        "cgroup:a",
        "pod/",
        "pod/a",
        "pod/a/",
        "pod//b",
        "pod/a/b/",
        "pod/a/b/c/d",
        "nosuch:web",
        "unit:a/b",
        ":web",
        "netns:",
        "containerd:k8s.io/",
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(bad); i++) {
        struct spc_target_spec spec = {0};
        struct spc_err err = {0};
        assert_int_equal(spc_target_parse(bad[i], &spec, &err), -EINVAL);
        assert_int_equal(err.status, SPC_EXIT_TARGET);
        assert_true(err.text[0] && err.hint[0]);
        assert_null(strchr(err.text, '\n'));
    }
}

static void an_engine_that_is_nearly_one(void **state)
{
    (void)state;
    struct spc_target_spec spec = {0};
    struct spc_err err = {0};
    spc_target_parse("dokcer:web", &spec, &err);
    assert_string_equal(err.hint, "did you mean 'docker:web'?");
}

static enum spc_target_fit fit(const char *text, const struct spc_container *c)
{
    struct spc_target_spec spec = {0};
    assert_int_equal(spc_target_parse(text, &spec, NULL), 0);
    enum spc_target_fit result = spc_target_fits(&spec, c);
    spc_target_spec_free(&spec);
    return result;
}

static void ids_names_and_beginnings(void **state)
{
    (void)state;
    const struct spc_container docker = {
        .engine = SPC_ENGINE_DOCKER,
        .id = (char *)ID,
        .short_id = (char *)"0123456789ab",
        .name = (char *)"web",
    };
    assert_int_equal(fit(ID, &docker), SPC_FIT_ID);
    assert_int_equal(fit("web", &docker), SPC_FIT_NAME);
    assert_int_equal(fit("0123", &docker), SPC_FIT_PREFIX);
    assert_int_equal(fit("docker:0", &docker), SPC_FIT_PREFIX);
    assert_int_equal(fit("podman:web", &docker), SPC_FIT_NONE);
    assert_int_equal(fit("we", &docker), SPC_FIT_NONE);
    assert_int_equal(fit("123", &docker), SPC_FIT_NONE);

    // Where people choose the ID it is a name: no beginnings, no precedence.
    const struct spc_container ctr = {
        .engine = SPC_ENGINE_CONTAINERD,
        .id = (char *)"web",
        .short_id = (char *)"web",
        .engine_namespace = (char *)"default",
    };
    assert_int_equal(fit("web", &ctr), SPC_FIT_NAME);
    assert_int_equal(fit("we", &ctr), SPC_FIT_NONE);
    assert_int_equal(fit("containerd:default/web", &ctr), SPC_FIT_NAME);
    assert_int_equal(fit("containerd:k8s.io/web", &ctr), SPC_FIT_NONE);
}

static void pods_fit_as_a_whole_or_by_container(void **state)
{
    (void)state;
    const struct spc_container c = {
        .engine = SPC_ENGINE_CRIO,
        .id = (char *)ID,
        .short_id = (char *)"0123456789ab",
        .pod_namespace = (char *)"shop",
        .pod = (char *)"web",
        .pod_container = (char *)"nginx",
    };
    assert_int_equal(fit("pod/shop/web", &c), SPC_FIT_ID);
    assert_int_equal(fit("pod/shop/web/nginx", &c), SPC_FIT_ID);
    assert_int_equal(fit("pod/shop/web/other", &c), SPC_FIT_NONE);
    assert_int_equal(fit("pod/shop/we", &c), SPC_FIT_NONE);
    assert_int_equal(fit("pod/other/web", &c), SPC_FIT_NONE);
}

static void every_engine_has_a_name_that_is_a_prefix(void **state)
{
    (void)state;
    for (int i = 0; i < _SPC_ENGINE_MAX; i++) {
        char text[64];
        struct spc_target_spec spec = {0};
        snprintf(text, sizeof(text), "%s:x", spc_engine_name((enum spc_engine)i));
        assert_int_equal(spc_target_parse(text, &spec, NULL), 0);
        assert_int_equal(spec.engine, i);
        spc_target_spec_free(&spec);
    }
}

static void walk_kind(const struct spc_record_kind *kind, const void *record)
{
    size_t count = 0;
    for (const struct spc_field *f = kind->fields; f->name; f++, count++) {
        assert_non_null(f->help);
        assert_true(f->offset < kind->size);
        assert_true((f->title != NULL) == !(f->flags & SPC_FIELD_JSON));
        for (const struct spc_field *g = kind->fields; g != f; g++)
            assert_string_not_equal(f->name, g->name);
        struct spc_buf out = {0};
        spc_field_text(f, record, &out);
        assert_true(out.len > 0);
        spc_buf_free(&out);
    }
    assert_true(count > 5 && count < 32);
}

static void the_tables_of_fields(void **state)
{
    (void)state;
    const struct spc_container c = {.id = (char *)"x", .age_ns = UINT64_MAX};
    const struct spc_process p = {.pid = 1};
    walk_kind(&spc_container_kind, &c);
    walk_kind(&spc_process_kind, &p);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form_is_taken_apart),
    cmocka_unit_test(bad_grammar_says_so),
    cmocka_unit_test(an_engine_that_is_nearly_one),
    cmocka_unit_test(ids_names_and_beginnings),
    cmocka_unit_test(pods_fit_as_a_whole_or_by_container),
    cmocka_unit_test(every_engine_has_a_name_that_is_a_prefix),
    cmocka_unit_test(the_tables_of_fields),
};

UNIT_MAIN(tests)
