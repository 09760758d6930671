// SPDX-License-Identifier: BSD-2-Clause
#include "libspc/target/cgroup_path_priv.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define HEX "0123456789abcdef"
#define A   HEX HEX HEX HEX
#define B   "ff" HEX HEX HEX "0123456789abcd"

static size_t classify(const char *path, struct spc_cgroup_match *ret)
{
    return spc_cgroup_classify(path, strlen(path), ret);
}

// "ID" in the example of a rule becomes an ID that fits it.
static void fill(const char *example, const char *id, char *ret, size_t size)
{
    const char *at = strstr(example, "ID");
    assert_non_null(at);
    snprintf(ret, size, "%.*s%s%s", (int)(at - example), example, id, at + 2);
}

static void each_rule_knows_its_example(void **state)
{
    (void)state;
    size_t rules = 0;
    for (const struct spc_cgroup_rule *rule = spc_cgroup_rules; rule->example; rule++, rules++) {
        struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
        const char *id = rule->id == SPC_CGROUP_ID_HEX ? A : "my-name";
        char path[512], found[80];
        fill(rule->example, id, path, sizeof(path));
        assert_int_equal(classify(path, chain), 1);
        assert_int_equal(chain[0].engine, rule->engine);
        snprintf(found, sizeof(found), "%.*s", (int)chain[0].id_len, chain[0].id);
        assert_string_equal(found, id);
        // The container's own cgroup ends with the ID, a suffix, or "payload".
        char end = path[chain[0].prefix_len];
        assert_true(end == '\0' || end == '/');
    }
    assert_true(rules > 20);
}

static void what_only_looks_like_a_container(void **state)
{
    (void)state;
    static const char *const none[] = {
        "/",
        "",
        "/docker",
        "/docker/short",
        "/docker/" HEX HEX HEX "0123456789abcdeg",
        "/docker/" A "0",
        "/machine.slice/libpod-conmon-" A ".scope",
        "/libpod_parent/conmon",
        "/machine.slice/machine-libpod_pod_" A ".slice",
        "/kubepods.slice/crio-conmon-" A ".scope",
        "/lxc.monitor.web",
        "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
        "/machine.slice/machine-web.scope/supervisor",
        "/machine.slice/systemd-nspawn@web.service/supervisor",
        "/system.slice/docker.service",
        "/user.slice/user-0.slice/session-1.scope",
        "/kubepods/burstable/pod1-2",
        "/system.slice/docker-.scope",
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
        assert_int_equal(classify(none[i], chain), 0);
    }
}

static void nested_containers_make_a_chain(void **state)
{
    (void)state;
    struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
    const char *path = "/docker/" A "/kubelet.slice/kubelet-kubepods.slice/"
                       "cri-containerd-" B ".scope/init";
    assert_int_equal(classify(path, chain), 2);
    assert_int_equal(chain[0].engine, SPC_ENGINE_DOCKER);
    assert_int_equal(chain[0].prefix_len, strlen("/docker/" A));
    assert_int_equal(chain[1].engine, SPC_ENGINE_CONTAINERD);
    assert_memory_equal(chain[1].id, B, 64);
    assert_int_equal(chain[1].prefix_len, strlen(path) - strlen("/init"));
}

static void a_reader_in_its_own_cgroup_namespace(void **state)
{
    (void)state;
    struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
    assert_int_equal(classify("/../../docker/" A, chain), 1);
    assert_memory_equal(chain[0].id, A, 64);
    // "/ecs" is the first component after that, too.
    assert_int_equal(classify("/../ecs/4f/" A, chain), 1);
}

static void a_deep_path_ends_somewhere(void **state)
{
    (void)state;
    char path[32 * 72 + 1] = "";
    for (int i = 0; i < 32; i++)
        strcat(path, "/docker/" A);
    struct spc_cgroup_match chain[SPC_CGROUP_CHAIN_MAX];
    assert_int_equal(classify(path, chain), SPC_CGROUP_CHAIN_MAX);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_rule_knows_its_example),
    cmocka_unit_test(what_only_looks_like_a_container),
    cmocka_unit_test(nested_containers_make_a_chain),
    cmocka_unit_test(a_reader_in_its_own_cgroup_namespace),
    cmocka_unit_test(a_deep_path_ends_somewhere),
};

UNIT_MAIN(tests)
