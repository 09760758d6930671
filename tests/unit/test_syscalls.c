// SPDX-License-Identifier: BSD-2-Clause
// The tables of strace-lite: system calls against the kernel's own list, kinds, constants.
#include "tools/strace-lite/decode.h"
#include "tools/strace-lite/syscalls.h"
#include "tools/strace-lite/trace_filter.h"

#include <string.h>

#include "tests/unit/unit.h"

// From <asm/unistd.h> of this machine, by the Makefile.
static const struct {
    const char *name;
    unsigned number;
} kernel_calls[] = {
#include <strace_unistd.h>
};

static void every_call_of_the_kernel_is_there(void **state)
{
    (void)state;
    assert_true(SPC_ARRAY_SIZE(kernel_calls) > 300);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(kernel_calls); i++) {
        const struct syscall *row = strace_syscall_get(ABI_X86_64, kernel_calls[i].number);
        if (!row)
            fail_msg("%s (%u) is not in the table", kernel_calls[i].name, kernel_calls[i].number);
        assert_string_equal(row->name, kernel_calls[i].name);
    }
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (int abi = 0; abi < _ABI_MAX; abi++) {
        const struct syscall_table *table = &strace_syscall_tables[abi];
        assert_true(table->count < FILTER_NUMBERS);
        for (size_t i = 0; i < table->count; i++) {
            const struct syscall *row = &table->rows[i];
            if (!row->name)
                continue;
            assert_true(row->arg_count <= SYSCALL_MAX_ARGS);
            assert_true(row->classes < 1u << _CLASS_BIT_MAX);
            for (unsigned a = 0; a < row->arg_count; a++) {
                assert_true(row->args[a].kind < _KIND_MAX);
                assert_true(row->args[a].name[0] != '\0');
            }
            assert_true(!row->special || row->arg_count == 0);
        }
    }
    assert_null(strace_syscall_get(ABI_X86_64, 100000));
    assert_null(strace_syscall_get(ABI_X86_64, UINT64_MAX));
}

static void kinds_are_sound(void **state)
{
    (void)state;
    for (int i = 0; i < _KIND_MAX; i++) {
        assert_non_null(strace_kinds[i].name);
        assert_non_null(strace_kinds[i].show);
        if (strace_kinds[i].show == show_flags || strace_kinds[i].show == show_enum)
            assert_non_null(strace_kinds[i].set);
    }
}

// A name that is there twice, or a value that hides another, is a mistake in a .in file.
static void constants_are_sound(void **state)
{
    (void)state;
    size_t sets = 0;
    for (const struct flag_set *const *set = strace_flag_sets; *set; set++, sets++) {
        assert_non_null((*set)->items[0].name);
        for (const struct flag *f = (*set)->items; f->name; f++)
            for (const struct flag *g = f + 1; g->name; g++) {
                if (strcmp(f->name, g->name) == 0)
                    fail_msg("%s: %s is there twice", (*set)->name, f->name);
            }
    }
    assert_true(sets > 80);
}

static void put(char out[static 128], bool is_flags, const struct flag_set *set, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    is_flags ? strace_flags_put(&text, set, value) : strace_enum_put(&text, set, value);
    snprintf(out, 128, "%s", spc_buf_str(&text));
}

static void flags_are_printed(void **state)
{
    char text[128];
    (void)state;
    put(text, true, &flags_open, 02000000 | 0100);
    assert_string_equal(text, "O_CREAT|O_CLOEXEC");
    put(text, true, &flags_open, 0x80000000);
    assert_string_equal(text, "0x80000000 /* O_??? */");
    put(text, true, &flags_open, 0x80000000 | 0100);
    assert_string_equal(text, "O_CREAT|0x80000000");
    put(text, true, &flags_open, 0);
    assert_string_equal(text, "0");
    put(text, true, &flags_mmap_prot, 0);
    assert_string_equal(text, "PROT_NONE");
    put(text, false, &flags_whence, 2);
    assert_string_equal(text, "SEEK_END");
    put(text, false, &flags_whence, 77);
    assert_string_equal(text, "0x4d /* SEEK_??? */");
}

static bool wants(const char *expression, const char *name)
{
    struct trace_filter filter;
    struct spc_err err = {0};
    if (strace_filter_parse(&filter, expression, &err) < 0)
        fail_msg("%s: %s", expression, err.text);
    for (size_t i = 0; i < strace_syscall_tables[0].count; i++) {
        const char *row = strace_syscall_tables[0].rows[i].name;
        if (row && strcmp(row, name) == 0)
            return strace_filter_wants(&filter, 0, i);
    }
    return strace_filter_wants(&filter, 0, 100000);
}

static void filters_choose(void **state)
{
    (void)state;
    assert_true(wants("openat", "openat"));
    assert_false(wants("openat", "open"));
    assert_false(wants("!openat", "openat"));
    assert_true(wants("!openat", "open"));
    assert_true(wants("read,%network,/^rt_", "connect"));
    assert_true(wants("read,%network,/^rt_", "rt_sigaction"));
    assert_false(wants("read,%network,/^rt_", "write"));
    assert_true(wants("file", "stat"));
    assert_true(wants("?nosuch,read", "read"));
    assert_true(wants("0", "read"));
    assert_true(wants("all", "(unknown)"));
    assert_false(wants("none", "read"));
    assert_false(wants("!all", "read"));
    assert_true(wants("!none", "read"));
    assert_false(wants("read", "(unknown)"));
    assert_true(wants("!read", "(unknown)"));
}

static void filters_refuse(void **state)
{
    static const struct {
        const char *expression, *text, *hint;
    } cases[] = {
        {"opnat", "'opnat' is not a system call", "did you mean openat?"},
        {"%netwrok", "'%netwrok' is not a class of system calls", "did you mean %network?"},
        {"/(", "is not a regular expression", ""},
        {"/^zzz", "matches no system call", ""},
        {"", "a list of system calls is missing", ""},
    };
    (void)state;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(cases); i++) {
        struct trace_filter filter;
        struct spc_err err = {0};
        assert_true(strace_filter_parse(&filter, cases[i].expression, &err) < 0);
        assert_int_equal(err.status, SPC_EXIT_USAGE);
        assert_non_null(strstr(err.text, cases[i].text));
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_of_the_kernel_is_there),
    cmocka_unit_test(rows_are_sound),
    cmocka_unit_test(kinds_are_sound),
    cmocka_unit_test(constants_are_sound),
    cmocka_unit_test(flags_are_printed),
    cmocka_unit_test(filters_choose),
    cmocka_unit_test(filters_refuse),
};

UNIT_MAIN(tests)
