// SPDX-License-Identifier: BSD-2-Clause
#include <spc/json.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

static int parse(const char *text, struct spc_jdoc **ret)
{
    return spc_jdoc_parse(text, strlen(text), ret);
}

static void getters_tolerate_wrong_types(void **state)
{
    (void)state;
    struct spc_jdoc *doc = NULL;
    assert_int_equal(parse("{\"s\":\"x\",\"n\":5,\"b\":true,\"a\":[\"p\",7],\"o\":{\"k\":\"v\"},"
                           "\"neg\":-1,\"d\":\"12\",\"e\":\"\",\"z\":\"we\\u0000b\",\"u\":null,"
                           "\"big\":99999999999999999999999,\"f\":1.5}",
                           &doc),
                     0);
    assert_string_equal(spc_jdoc_get_str(doc, "s"), "x");
    assert_int_equal(spc_jdoc_get_u64(doc, "n"), 5);
    assert_true(spc_jdoc_get_bool(doc, "b"));
    assert_string_equal(spc_jdoc_get_str(spc_jdoc_get(doc, "o"), "k"), "v");
    assert_string_equal(spc_jdoc_str(spc_jdoc_at(spc_jdoc_get(doc, "a"), 0)), "p");
    assert_null(spc_jdoc_str(spc_jdoc_at(spc_jdoc_get(doc, "a"), 1)));
    assert_null(spc_jdoc_at(spc_jdoc_get(doc, "a"), 2));
    assert_int_equal(spc_jdoc_get_u64(doc, "d"), 12);

    assert_null(spc_jdoc_get_str(doc, "n"));
    assert_null(spc_jdoc_get_str(doc, "e"));
    assert_null(spc_jdoc_get_str(doc, "z")); // not "we"
    assert_null(spc_jdoc_get_str(doc, "u"));
    assert_null(spc_jdoc_get_str(doc, "missing"));
    assert_null(spc_jdoc_get_str(NULL, "s"));
    assert_null(spc_jdoc_get(spc_jdoc_get(doc, "s"), "x"));
    assert_null(spc_jdoc_at(doc, 0));
    assert_int_equal(spc_jdoc_get_u64(doc, "neg"), 0);
    assert_int_equal(spc_jdoc_get_u64(doc, "s"), 0);
    assert_int_equal(spc_jdoc_get_u64(doc, "f"), 0);
    assert_true(spc_jdoc_get_u64(doc, "big") >= INT64_MAX);
    assert_false(spc_jdoc_get_bool(doc, "s"));
    spc_jdoc_free(doc);
}

static void damage_is_an_error(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "{", "{\"a\":", "{\"a\":1}x", "nonsense", "[1,"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct spc_jdoc *doc = NULL;
        assert_int_equal(parse(bad[i], &doc), -EBADMSG);
        assert_null(doc);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[2 * 100000 + 1];
    size_t n = 100000;
    memset(text, '[', n);
    memset(text + n, ']', n);
    text[2 * n] = '\0';
    struct spc_jdoc *doc = NULL;
    assert_int_equal(parse(text, &doc), -EBADMSG);
    assert_int_equal(spc_jdoc_parse(text + n - 10, 20, &doc), 0);
    spc_jdoc_free(doc);
}

static int count(const struct spc_jdoc *item, void *arg)
{
    uint64_t *sum = arg;
    *sum += spc_jdoc_get_u64(item, "n");
    return spc_jdoc_get_u64(item, "n") == 99 ? 99 : 0;
}

static void each_element_by_itself(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        uint64_t sum;
    } cases[] = {
        {"[]", 0, 0},
        {" [ {\"n\":1} , {\"n\":2} ] ", 0, 3},
        {"[{\"n\":1},{\"n\":99},{\"n\":5}]", 99, 100},
        {"[{\"n\":1},{\"n\":2}", -EBADMSG, 3},
        {"[{\"n\":1},", -EBADMSG, 1},
        {"[{\"n\":1} {\"n\":2}]", -EBADMSG, 1},
        {"{\"n\":1}", -EBADMSG, 0},
        {"", -EBADMSG, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t sum = 0;
        assert_int_equal(spc_jdoc_each(cases[i].text, strlen(cases[i].text), count, &sum),
                         cases[i].result);
        assert_int_equal(sum, cases[i].sum);
    }
}

static void files_are_bounded(void **state)
{
    (void)state;
    char dir[] = "/tmp/spc-json.XXXXXX";
    assert_non_null(mkdtemp(dir));
    int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = openat(root, "a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "{\"k\":\"v\"}\n", 10), 10);
    assert_int_equal(mkfifoat(root, "fifo", 0600), 0);
    int big = openat(root, "big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(big, 1 << 30), 0);

    struct spc_jdoc *doc = NULL;
    assert_int_equal(spc_jdoc_read(root, "a", 100, &doc), 0);
    assert_string_equal(spc_jdoc_get_str(doc, "k"), "v");
    spc_jdoc_free(doc);
    doc = NULL;
    assert_int_equal(spc_jdoc_read(root, "a", 9, &doc), -EFBIG);
    assert_int_equal(spc_jdoc_read(root, "big", 1 << 20, &doc), -EFBIG);
    assert_int_equal(spc_jdoc_read(root, "fifo", 100, &doc), -EINVAL);
    assert_int_equal(spc_jdoc_read(root, ".", 100, &doc), -EISDIR);
    assert_int_equal(spc_jdoc_read(root, "none", 100, &doc), -ENOENT);
    assert_null(doc);

    close(fd);
    close(big);
    unlinkat(root, "a", 0);
    unlinkat(root, "fifo", 0);
    unlinkat(root, "big", 0);
    close(root);
    rmdir(dir);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(getters_tolerate_wrong_types),
    cmocka_unit_test(damage_is_an_error),
    cmocka_unit_test(depth_is_limited),
    cmocka_unit_test(each_element_by_itself),
    cmocka_unit_test(files_are_bounded),
};

UNIT_MAIN(tests)
