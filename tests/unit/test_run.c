// SPDX-License-Identifier: BSD-2-Clause
// The parts of `spc run` that need no privilege: from words to a plan. The rest is in
// tests/e2e/run*.t.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

#include "spc/run/place.h"
#include "spc/run/plan.h"
#include "spc/run/user.h"
#include "tests/unit/unit.h"

// A directory of the test; its path stays in *state.
static int make_root(void **state)
{
    char template[] = "/tmp/spc-test-run.XXXXXX";
    char *dir = mkdtemp(template) ? strdup(template) : NULL;
    *state = dir;
    return dir ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
    int r = system(command);
    free(*state);
    return r;
}

static void put_file(int dirfd, const char *path, const char *text)
{
    spc_auto_close int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(spc_write_all(fd, text, strlen(text)), 0);
}

static int open_root(void **state)
{
    int fd = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void namespace_rules(void **state)
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
        struct spc_err err = {0};
        assert_int_equal(spc_run_ns_parse(kind, NULL, &ns, &err), 0);
        assert_int_equal(ns.mode, RUN_NS_HOST);
        assert_int_equal(spc_run_ns_parse(kind, "host", &ns, &err), 0);
        assert_int_equal(ns.mode, RUN_NS_HOST);
        assert_int_equal(spc_run_ns_parse(kind, "private", &ns, &err), 0);
        assert_int_equal(ns.mode, RUN_NS_PRIVATE);
        assert_int_equal(spc_run_ns_parse(kind, "container:web", &ns, &err), 0);
        assert_int_equal(ns.mode, RUN_NS_JOIN);
        assert_string_equal(ns.spec, "web");
        for (size_t i = 0; i < 4; i++) {
            static const char *const wrong[] = {"", "bridge", "container:", "Host"};
            err = (struct spc_err){0};
            assert_int_equal(spc_run_ns_parse(kind, wrong[i], &ns, &err), -EINVAL);
            assert_non_null(strstr(err.text, rule->option));
        }
    }
    // docker's word, for the network only.
    struct run_ns ns;
    struct spc_err err = {0};
    assert_int_equal(spc_run_ns_parse(SPC_NS_NET, "none", &ns, &err), 0);
    assert_int_equal(ns.mode, RUN_NS_PRIVATE);
    assert_int_equal(spc_run_ns_parse(SPC_NS_PID, "none", &ns, &err), -EINVAL);
}

static void users(void **state)
{
    spc_auto_close int root = open_root(state);
    assert_int_equal(mkdirat(root, "etc", 0755), 0);
    put_file(root, "etc/passwd",
             "# comment\n\n:::\nroot:x:0:0:root:/root:/bin/sh\nshort:x:5\nbad:x:-1:0::/:\n"
             "huge:x:4294967296:0::/:\nall:x:4294967295:0::/:\nrelative:x:7:8::home:\n"
             "app:x:1234:1235:A:/srv/app:/bin/sh\nlast:x:9:9::/last:/bin/sh");
    put_file(root, "etc/group",
             "web:x:77:app,other\nmail:x:78:xapp,appx\nbad:x:z:app\nno\n"
             "two:x:79:a,app");
    static const struct {
        const char *spec;
        int r;
        uid_t uid;
        gid_t gid;
        size_t groups;
        const char *home;
    } samples[] = {
        {"root", 0, 0, 0, 0, "/root"},           {"app", 0, 1234, 1235, 2, "/srv/app"},
        {"1234", 0, 1234, 1235, 0, "/srv/app"},  {"last", 0, 9, 9, 0, "/last"},
        {"relative", 0, 7, 8, 0, "/"},           {"4000", 0, 4000, 0, 0, "/"},
        {"4000:9", 0, 4000, 9, 0, "/"},          {"app:web", 0, 1234, 77, 0, "/srv/app"},
        {"app:0", 0, 1234, 0, 0, "/srv/app"},    {"short", -ENOENT, 0, 0, 0, NULL},
        {"bad", -ENOENT, 0, 0, 0, NULL},         {"huge", -ENOENT, 0, 0, 0, NULL},
        {"all", -ENOENT, 0, 0, 0, NULL},         {"nobody-here", -ENOENT, 0, 0, 0, NULL},
        {"app:nothing", -ENOENT, 0, 0, 0, NULL}, {"4294967295", -ENOENT, 0, 0, 0, NULL},
        {"-1", -ENOENT, 0, 0, 0, NULL},          {"", -EINVAL, 0, 0, 0, NULL},
        {":0", -EINVAL, 0, 0, 0, NULL},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        struct run_user user = {0};
        struct spc_err err = {0};
        assert_int_equal(spc_run_user_find(root, samples[i].spec, &user, &err), samples[i].r);
        if (samples[i].r < 0)
            continue;
        assert_int_equal(user.uid, samples[i].uid);
        assert_int_equal(user.gid, samples[i].gid);
        assert_int_equal(user.group_count, samples[i].groups);
        assert_string_equal(user.home, samples[i].home);
    }
}

static void user_files_of_a_hostile_image(void **state)
{
    spc_auto_close int root = open_root(state);
    struct run_user user;
    struct spc_err err = {0};
    // No file at all, a FIFO, a link that leads out of the image.
    assert_int_equal(spc_run_user_find(root, "root", &user, &err), -ENOENT);
    assert_int_equal(mkdirat(root, "etc", 0755), 0);
    assert_int_equal(mkfifoat(root, "etc/passwd", 0644), 0);
    assert_int_equal(spc_run_user_find(root, "root", &user, &err), -ENOENT);
    assert_int_equal(unlinkat(root, "etc/passwd", 0), 0);
    assert_int_equal(symlinkat("../../../../../etc/passwd", root, "etc/passwd"), 0);
    assert_int_equal(spc_run_user_find(root, "root", &user, &err), -ENOENT);
}

static void volumes(void **state)
{
    (void)state;
    struct run_volume volume SPC_CLEANUP(spc_run_volume_free) = {0};
    struct spc_err err = {0};
    assert_int_equal(spc_run_volume_parse("/tmp:/x", &volume, &err), 0);
    assert_string_equal(volume.source, "/tmp");
    assert_string_equal(volume.target, "/x");
    assert_true(volume.is_recursive && !volume.is_slave && !volume.is_read_only);
    spc_run_volume_free(&volume);
    assert_int_equal(
        spc_run_volume_parse("/tmp:/x:ro,rslave,bind,noexec,nodev,nosuid", &volume, &err), 0);
    assert_true(!volume.is_recursive && volume.is_slave && volume.is_read_only);
    assert_true(volume.is_noexec && volume.is_nodev && volume.is_nosuid);

    static const char *const wrong[] = {
        "",     "/tmp",     "/tmp:",     ":/x",          "/tmp:x",          "name:/x",
        "a:/x", "/tmp:/x:", "/tmp:/x:,", "/tmp:/x:ro,z", "/no/such/dir:/x", "/tmp:/x:ro:rw",
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wrong); i++) {
        struct run_volume none = {0};
        err = (struct spc_err){0};
        assert_true(spc_run_volume_parse(wrong[i], &none, &err) < 0);
        assert_non_null(strstr(err.text, "--volume"));
        assert_null(none.source);
    }
}

static void environment(void **state)
{
    (void)state;
    const char *path = getenv("PATH");
    assert_non_null(path);
    struct run_config config = {0};
    struct run_plan plan = {.config = &config};
    static const char *const image[] = {"FOO=image", "FOO=again", "BAR=image", "broken", "HOST=no"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(image); i++)
        assert_int_equal(spc_strv_add(&plan.image.env, image[i]), 0);
    plan.image.name = strdup("img");
    plan.name = strdup("box");
    assert_int_equal(spc_strv_add(&config.env, "BAR=user=1"), 0);
    assert_int_equal(spc_strv_add(&config.env, "SPC_TEST_NOT_SET"), 0);
    struct spc_err err = {0};
    assert_int_equal(spc_run_env_make(&plan, &err), 0);

    static const char *const wanted[] = {"FOO=again", "BAR=user=1", "HOST=/host",
                                         "NAME=box",  "IMAGE=img",  "container=spc"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(wanted); i++) {
        size_t found = 0, name = strcspn(wanted[i], "=") + 1;
        spc_strv_foreach (&plan.env, item)
            if (strncmp(*item, wanted[i], name) == 0) {
                assert_string_equal(*item, wanted[i]);
                found++;
            }
        assert_int_equal(found, 1);
    }
    spc_strv_foreach (&plan.env, item)
        assert_true(strchr(*item, '=') && strncmp(*item, "SPC_TEST", 8) != 0);

    spc_strv_free(&config.env);
    config.env = (struct spc_strv){0};
    assert_int_equal(spc_strv_add(&config.env, "=x"), 0);
    assert_int_equal(spc_run_env_make(&plan, &err), -EINVAL);
    spc_strv_free(&config.env);
    spc_run_plan_free(&plan);
}

static void places(void **state)
{
    spc_auto_close int root = open_root(state);
    struct stat st;
    int fd = SPC_NOFD;
    struct spc_err err = {0};
    assert_int_equal(mkdirat(root, "real", 0755), 0);
    assert_int_equal(symlinkat("/real", root, "link"), 0);
    assert_int_equal(symlinkat("../../..", root, "up"), 0);
    assert_int_equal(symlinkat("/nowhere", root, "dangling"), 0);

    assert_int_equal(spc_run_place_open(root, "/link/new/dir", true, &fd, &err), 0);
    close(fd);
    assert_int_equal(fstatat(root, "real/new/dir", &st, 0), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(spc_run_place_open(root, "/up//real/./file", false, &fd, &err), 0);
    close(fd);
    assert_int_equal(fstatat(root, "real/file", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(st.st_mode));
    // What is there is taken as it is; a file is no directory.
    assert_int_equal(spc_run_place_open(root, "/link", true, &fd, &err), 0);
    close(fd);
    assert_int_equal(spc_run_place_open(root, "/real/file", true, &fd, &err), -ENOTDIR);
    assert_true(spc_run_place_open(root, "/real/file/x", true, &fd, &err) < 0);
    assert_true(spc_run_place_open(root, "/dangling", true, &fd, &err) < 0);
    assert_int_equal(spc_run_place_open(root, "relative", true, &fd, &err), -EINVAL);

    fd = spc_run_place_plain(root, "real/new");
    assert_true(fd >= 0);
    close(fd);
    assert_true(spc_run_place_plain(root, "link") < 0);
    assert_true(spc_run_place_plain(root, "link/new") < 0);
    assert_int_equal(spc_run_place_plain(root, "none"), -ENOENT);
}

static void commands(void **state)
{
    spc_auto_close int root = open_root(state);
    assert_int_equal(mkdirat(root, "rootfs", 0755), 0);
    put_file(
        root, "config.json",
        "{\"process\": {\"args\": [\"serve\", \"-p\", 7, \"80\"], \"env\": 5, \"cwd\": \"/srv\"}}");
    char word[] = "-x", *argv[] = {*state, word, NULL};
    struct spc_err err = {0};
    static const struct {
        const char *entrypoint;
        int argc;
        const char *first;
        size_t count;
    } samples[] = {
        {NULL, 1, "serve", 3}, // what is not a string does not count
        {NULL, 2, "-x", 1},
        {"/bin/tool", 2, "/bin/tool", 2},
        {"/bin/tool", 1, "/bin/tool", 1},
        {"", 2, "-x", 1},
        {"", 1, "/bin/sh", 1},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(samples); i++) {
        struct run_config config = {.entrypoint = samples[i].entrypoint};
        struct run_plan plan SPC_CLEANUP(spc_run_plan_free) = {0};
        assert_int_equal(spc_run_plan_make(&config, samples[i].argc, argv, &plan, &err), 0);
        assert_int_equal(plan.argv.count, samples[i].count);
        assert_string_equal(plan.argv.items[0], samples[i].first);
        assert_string_equal(plan.image.workdir, "/srv");
        assert_string_equal(plan.image.sub, "rootfs");
    }
    static const char *const damaged[] = {"", "[]", "{\"process\":", "null", "[[[[[[[[[[[[[[[["};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(damaged); i++) {
        put_file(root, "config.json", damaged[i]);
        struct run_config config = {0};
        struct run_plan plan SPC_CLEANUP(spc_run_plan_free) = {0};
        assert_int_equal(spc_run_plan_make(&config, 1, argv, &plan, &err), -EBADMSG);
        assert_non_null(strstr(err.text, "config.json"));
    }
}

static void host_names_need_a_namespace(void **state)
{
    (void)state;
    char tools[] = "tools", *argv[] = {tools, NULL};
    struct spc_err err = {0};
    struct run_config config = {.hostname = "box"};
    struct run_plan plan SPC_CLEANUP(spc_run_plan_free) = {0};
    assert_int_equal(spc_run_plan_make(&config, 1, argv, &plan, &err), 0);
    assert_int_equal(plan.ns[SPC_NS_UTS].mode, RUN_NS_PRIVATE);
    spc_run_plan_free(&plan);
    config.ns[SPC_NS_UTS] = "host";
    assert_int_equal(spc_run_plan_make(&config, 1, argv, &plan, &err), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(namespace_rules),
    cmocka_unit_test_setup_teardown(users, make_root, remove_root),
    cmocka_unit_test_setup_teardown(user_files_of_a_hostile_image, make_root, remove_root),
    cmocka_unit_test(volumes),
    cmocka_unit_test(environment),
    cmocka_unit_test_setup_teardown(places, make_root, remove_root),
    cmocka_unit_test_setup_teardown(commands, make_root, remove_root),
    cmocka_unit_test(host_names_need_a_namespace),
};
UNIT_MAIN(tests)
