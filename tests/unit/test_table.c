// SPDX-License-Identifier: BSD-2-Clause
#include <spc/table.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <spc/buf.h>

#include "tests/unit/record.h"
#include "tests/unit/unit.h"

struct row {
    const char *name;
    uint64_t size;
    const char *note, *extra;
};

#define FIELD(member) .name = #member, .offset = offsetof(struct row, member)

static const struct spc_field fields[] = {
    {FIELD(name), .title = "NAME", .type = SPC_TYPE_STR},
    {FIELD(size), .title = "SIZE", .type = SPC_TYPE_U64, .flags = SPC_FIELD_RIGHT},
    {FIELD(note), .title = "NOTE", .type = SPC_TYPE_STR},
    {FIELD(extra), .title = "EXTRA", .type = SPC_TYPE_STR, .flags = SPC_FIELD_WIDE},
    {0},
};

static const struct spc_record_kind kind = {"row", fields, sizeof(struct row)};

static const struct row rows[] = {
    {"a", 1, "first", "x"},
    {"gr\xc3\xb6\xc3\x9f"
     "er",
     123456, NULL, "y"},
    {"esc\033[31m\n", 0, "tab\there", NULL},
};

// The output of a table of the three rows, the second one indented.
static void render(const struct spc_table_options *options, char out[static 2048])
{
    struct spc_err err = {0};
    spc_auto_file FILE *stream = fmemopen(out, 2048, "w");
    struct spc_table *table SPC_CLEANUP(spc_table_free_p) = NULL;
    assert_int_equal(spc_table_begin(stream, &kind, options, &table, &err), 0);
    for (unsigned i = 0; i < SPC_ARRAY_SIZE(rows); i++)
        assert_int_equal(spc_table_row(table, &rows[i], i == 1, &err), 0);
    assert_int_equal(spc_table_end(table, &err), 0);
    assert_string_equal(err.text, "");
}

static void columns_line_up(void **state)
{
    (void)state;
    char out[2048];
    render(&(struct spc_table_options){0}, out);
    assert_string_equal(out, "NAME             SIZE  NOTE\n"
                             "a                   1  first\n"
                             "  gr\xc3\xb6\xc3\x9f"
                             "er       123456  -\n"
                             "esc\\x1b[31m\\n       0  tab\\there\n");
}

static void wide_bold_and_no_title(void **state)
{
    (void)state;
    char out[2048];
    render(&(struct spc_table_options){.is_wide = true, .is_bold = true}, out);
    assert_memory_equal(out, "\033[1mNAME             SIZE  NOTE       EXTRA\033[0m\na ", 47);
    render(&(struct spc_table_options){.has_no_title = true, .is_bold = true}, out);
    assert_memory_equal(out, "a                   1  first\n", 29);
    assert_null(strchr(out, '\033'));
}

static void json_is_one_object_a_line(void **state)
{
    (void)state;
    char out[2048];
    render(&(struct spc_table_options){.format = SPC_FORMAT_JSON, .is_bold = true}, out);
    assert_string_equal(
        out, "{\"kind\":\"row\",\"name\":\"a\",\"size\":1,\"note\":\"first\",\"extra\":\"x\"}\n"
             "{\"kind\":\"row\",\"name\":\"gr\xc3\xb6\xc3\x9f"
             "er\",\"size\":123456,\"note\":null,\"extra\":\"y\"}\n"
             "{\"kind\":\"row\",\"name\":\"esc\\u001b[31m\\u000a\",\"size\":0,"
             "\"note\":\"tab\\u0009here\",\"extra\":null}\n");
}

// The record may change as soon as the row was added.
static void rows_are_copied(void **state)
{
    (void)state;
    char out[256] = "", name[] = "old";
    struct spc_err err = {0};
    spc_auto_file FILE *stream = fmemopen(out, sizeof(out), "w");
    struct spc_table *table SPC_CLEANUP(spc_table_free_p) = NULL;
    spc_table_begin(stream, &kind, &(struct spc_table_options){.has_no_title = true}, &table, &err);
    spc_table_row(table, &(struct row){.name = name}, 0, &err);
    strncpy(name, "new", sizeof(name));
    assert_int_equal(spc_table_end(table, &err), 0);
    assert_string_equal(out, "old  0  -\n");
}

static void every_type_fits_a_table(void **state)
{
    (void)state;
    char out[1024] = "";
    struct spc_err err = {0};
    spc_auto_file FILE *stream = fmemopen(out, sizeof(out), "w");
    struct spc_table *table SPC_CLEANUP(spc_table_free_p) = NULL;
    spc_table_begin(stream, &record_kind, &(struct spc_table_options){0}, &table, &err);
    spc_table_row(table, &(struct record){.pid = 7, .age = UINT64_MAX}, 0, &err);
    assert_int_equal(spc_table_end(table, &err), 0);
    assert_string_equal(out, "NAME  TAGS  GOOD  BALANCE  BYTES  PID  WHEN  AGE\n"
                             "-     -     no          0      0    7  -     -\n");
}

// A full disk is an error, for one row and for more than any buffer holds, as text and as JSON.
static void full_disk_is_reported(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct spc_err err = {0};
        spc_auto_file FILE *stream = fopen("/dev/full", "we");
        struct spc_table *table SPC_CLEANUP(spc_table_free_p) = NULL;
        const struct spc_table_options options = {.format =
                                                      i & 1 ? SPC_FORMAT_JSON : SPC_FORMAT_TEXT};
        assert_int_equal(spc_table_begin(stream, &kind, &options, &table, &err), 0);
        int r = 0;
        for (unsigned n = 0; r == 0 && n < (i & 2 ? 5000 : 1); n++)
            r = spc_table_row(table, &rows[0], 0, &err);
        if (r == 0)
            r = spc_table_end(table, &err);
        assert_int_equal(r, -ENOSPC);
        assert_string_equal(err.text, "writing the output: No space left on device");
    }
}

static void unfinished_table_is_freed(void **state)
{
    (void)state;
    struct spc_err err = {0};
    struct spc_table *table SPC_CLEANUP(spc_table_free_p) = NULL;
    assert_int_equal(spc_table_begin(stdout, &kind, &(struct spc_table_options){0}, &table, &err),
                     0);
    assert_int_equal(spc_table_row(table, &rows[0], 0, &err), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(columns_line_up),           cmocka_unit_test(wide_bold_and_no_title),
    cmocka_unit_test(json_is_one_object_a_line), cmocka_unit_test(rows_are_copied),
    cmocka_unit_test(every_type_fits_a_table),   cmocka_unit_test(full_disk_is_reported),
    cmocka_unit_test(unfinished_table_is_freed),
};

UNIT_MAIN(tests)
