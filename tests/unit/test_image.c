// SPDX-License-Identifier: BSD-2-Clause
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include <spc/fd.h>
#include <spc/sha256.h>

#include "spc/image/image_verbs.h"
#include "spc/image/manifest.h"
#include "spc/image/records.h"
#include "spc/image/tree_priv.h"
#include "spc/image/unpack.h"

// The examples of FIPS 180-4, and what crosses a block.
static void test_sha256(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } table[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(table); i++) {
        struct spc_digest digest;
        spc_digest_of(table[i].text, strlen(table[i].text), &digest);
        assert_string_equal(digest.hex, table[i].hex);
    }
    struct spc_sha256 sha;
    char hex[SPC_SHA256_HEX + 1];
    spc_sha256_begin(&sha);
    for (int i = 0; i < 1000000; i++)
        spc_sha256_add(&sha, "a", 1);
    spc_sha256_end(&sha, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_digest_is_checked(void **state)
{
    (void)state;
    struct spc_digest digest;
    struct spc_err err;
    static const char good[] =
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_int_equal(spc_digest_parse(good, "x", &digest, &err), 0);
    static const char *const bad[] = {
        NULL,
        "",
        "sha256:",
        "sha256:../../etc/passwd",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(bad); i++)
        assert_true(spc_digest_parse(bad[i], "x", &digest, &err) < 0);
}

static void test_paths_are_cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to; // NULL: refused
    } table[] = {{"a", "a"},       {"./a//b/", "a/b"}, {".", ""},         {"./", ""},
                 {"..", NULL},     {"a/..", NULL},     {"/a", NULL},      {"", NULL},
                 {"a/./b", "a/b"}, {"...", "..."},     {"a/..b", "a/..b"}};
    char path[PATH_MAX];
    struct spc_err err;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(table); i++) {
        int r = spc_tree_clean(table[i].from, path, &err);
        assert_int_equal(r == 0, table[i].to != NULL);
        if (r == 0)
            assert_string_equal(path, table[i].to);
    }
}

static void test_times(void **state)
{
    (void)state;
    assert_int_equal(spc_image_time("1970-01-01T00:00:01Z"), 1000000000ull);
    assert_int_equal(spc_image_time("1970-01-01T01:00:01.5+01:00"), 1500000000ull);
    assert_int_equal(spc_image_time("0001-01-01T00:00:00Z"), 0);
    assert_int_equal(spc_image_time("yesterday"), 0);
    assert_int_equal(spc_image_time(NULL), 0);
}

static void check_kind(const struct spc_record_kind *kind)
{
    assert_non_null(kind->name);
    size_t count = 0;
    for (const struct spc_field *f = kind->fields; f->name; f++, count++) {
        assert_non_null(f->title);
        assert_non_null(f->help);
        assert_in_range(f->type, 0, _SPC_TYPE_MAX - 1);
        assert_true(f->offset < kind->size);
        assert_string_not_equal(f->name, "kind"); // the key that says what the record is
        for (const struct spc_field *g = kind->fields; g != f; g++)
            assert_string_not_equal(g->name, f->name);
    }
    assert_in_range(count, 1, 32);
}

static void test_tables(void **state)
{
    (void)state;
    check_kind(&spc_image_kind_record);
    check_kind(&spc_history_kind);
    check_kind(&spc_image_details_kind);
    check_kind(&spc_verify_kind);
    for (const struct spc_image_verb *v = spc_image_verbs; v->name; v++) {
        assert_non_null(v->summary);
        assert_non_null(v->cmd->description);
        assert_non_null(v->cmd->run);
        assert_string_equal(strrchr(v->cmd->name, ' ') + 1, v->name);
    }
    for (int kind = 0; kind < _SPC_IMAGE_KIND_MAX; kind++)
        assert_non_null(spc_image_kind_name((enum spc_image_kind)kind));
    assert_true(spc_image_default_limits.bytes > 0 && spc_image_default_limits.entries > 0);
    assert_true(spc_image_default_limits.ratio > 0);
}

// More than one buffer of output in one buffer of input, and a second gzip member.
static void test_unpack_counts_everything(void **state)
{
    (void)state;
    static const unsigned char zeros[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
                                          3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
    spc_auto_close int fd = memfd_create("gz", MFD_CLOEXEC);
    assert_int_equal(spc_write_all(fd, zeros, sizeof(zeros)), 0);
    assert_int_equal(spc_write_all(fd, zeros, sizeof(zeros)), 0);
    lseek(fd, 0, SEEK_SET);
    spc_auto_unpack struct spc_unpack *unpack = NULL;
    struct spc_digest digest;
    uint64_t bytes;
    struct spc_err err = {0};
    assert_int_equal(spc_unpack_open(fd, &spc_image_default_limits, &unpack, &err), 0);
    assert_string_equal(spc_unpack_name(unpack), "gzip");
    assert_int_equal(spc_unpack_finish(unpack, &digest, &bytes, &err), 0);
    assert_int_equal(bytes, 0);
    assert_string_equal(digest.hex,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sha256),
    cmocka_unit_test(test_digest_is_checked),
    cmocka_unit_test(test_paths_are_cleaned),
    cmocka_unit_test(test_times),
    cmocka_unit_test(test_tables),
    cmocka_unit_test(test_unpack_counts_everything),
};
UNIT_MAIN(tests)
