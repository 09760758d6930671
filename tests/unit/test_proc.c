// SPDX-License-Identifier: BSD-2-Clause
#include <spc/proc.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define TAIL " 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"

static void stat_gives_names_and_times(void **state)
{
    (void)state;
    struct spc_proc_stat stat;
    assert_int_equal(spc_proc_parse_stat("42 (sleep) S 7" TAIL, &stat), 0);
    assert_int_equal(stat.pid, 42);
    assert_int_equal(stat.ppid, 7);
    assert_int_equal(stat.state, 'S');
    assert_int_equal(stat.start_ticks, 4711);
    assert_string_equal(stat.comm, "sleep");
    assert_false(stat.is_kernel);
    assert_int_equal(
        spc_proc_parse_stat("3 (k) I 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 20 0 1 0 5 0", &stat), 0);
    assert_true(stat.is_kernel);
}

static void stat_is_not_fooled_by_a_command_name(void **state)
{
    (void)state;
    struct spc_proc_stat stat;
    assert_int_equal(spc_proc_parse_stat("42 (a) R 1 (b) ) S 7" TAIL, &stat), 0);
    assert_string_equal(stat.comm, "a) R 1 (b) ");
    assert_int_equal(stat.ppid, 7);
}

static void stat_refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "42",
        "42 (a)",
        "42 (a) S",
        "42 a S 7" TAIL,
        "42 )a( S 7" TAIL,
        "99999999999999999999 (a) S 7" TAIL,
        "42 (a) S -7" TAIL,
        "42 (a) S 7 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999999 0",
        "42 (a) S 7 1 1 0 -1 4194304 0 0 0",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct spc_proc_stat stat = {.pid = -1};
        assert_int_equal(spc_proc_parse_stat(bad[i], &stat), -EBADMSG);
        assert_int_equal(stat.pid, -1);
    }
}

static void stat_of_this_process(void **state)
{
    (void)state;
    char text[1024] = "";
    FILE *file = fopen("/proc/self/stat", "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    struct spc_proc_stat stat;
    assert_int_equal(spc_proc_parse_stat(text, &stat), 0);
    assert_int_equal(stat.pid, getpid());
    assert_int_equal(stat.ppid, getppid());
}

static void cgroup_lines_are_ranked(void **state)
{
    (void)state;
    const char *text = "12:pids:/docker/a\n1:name=systemd:/b:c\n0::/d (deleted)\nrubbish\n5:x:y\n";
    struct spc_cgroup_line line;
    assert_true(spc_proc_next_cgroup(&text, &line));
    assert_int_equal(line.rank, 2);
    assert_memory_equal(line.controllers, "pids", line.controllers_len);
    assert_memory_equal(line.path, "/docker/a", line.path_len);
    assert_true(spc_proc_next_cgroup(&text, &line));
    assert_int_equal(line.rank, 1);
    assert_int_equal(line.path_len, 4); // a colon in the path belongs to it
    assert_true(spc_proc_next_cgroup(&text, &line));
    assert_int_equal(line.rank, 0);
    assert_int_equal(line.path_len, 2);
    assert_false(spc_proc_next_cgroup(&text, &line));
}

static void status_values(void **state)
{
    (void)state;
    const char *text = "Name:\tx\nNSpid:\t4000\t17\t1\nUid:\t5\t6\t7\t8\n", *value;
    assert_int_equal(spc_proc_inner_pid(text), 1);
    assert_int_equal(spc_proc_status_value(text, "Uid", &value), 7);
    assert_memory_equal(value, "5\t6", 3);
    assert_int_equal(spc_proc_status_value(text, "NSp", &value), -ENOENT);
    assert_int_equal(spc_proc_inner_pid("Name:\tx\n"), 0);
    assert_int_equal(spc_proc_inner_pid("NSpid:\t99999999999\n"), 0);
    assert_int_equal(spc_proc_inner_pid("NSpid:\t\n"), 0);
}

static void uptime_and_namespaces(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(spc_proc_parse_uptime("12.34 99.00\n", &value), 0);
    assert_int_equal(value, 12340000000);
    assert_int_equal(spc_proc_parse_uptime("", &value), -EBADMSG);
    assert_int_equal(spc_proc_parse_uptime("x\n", &value), -EBADMSG);
    assert_int_equal(spc_proc_parse_ns("pid:[4026531836]", &value), 0);
    assert_int_equal(value, 4026531836);
    assert_int_equal(spc_proc_parse_ns("pid:[]", &value), -EBADMSG);
    assert_int_equal(spc_proc_parse_ns("pid:[1", &value), -EBADMSG);
    assert_int_equal(spc_proc_parse_ns("/bin/sh", &value), -EBADMSG);
}

static void cmdline_is_split_at_nul(void **state)
{
    (void)state;
    struct spc_strv argv = {0};
    assert_int_equal(spc_proc_parse_cmdline("a\0\0b c\0", 7, &argv), 0);
    assert_int_equal(argv.count, 3);
    assert_string_equal(argv.items[1], "");
    assert_string_equal(argv.items[2], "b c");
    spc_strv_free(&argv);
    assert_int_equal(spc_proc_parse_cmdline("unterminated", 4, &argv), 0);
    assert_string_equal(argv.items[0], "unte");
    spc_strv_free(&argv);
    assert_int_equal(spc_proc_parse_cmdline("", 0, &argv), 0);
    assert_int_equal(argv.count, 0);
}

static void pids_are_numbers_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(spc_proc_parse_pid("17"), 17);
    assert_int_equal(spc_proc_parse_pid("self"), 0);
    assert_int_equal(spc_proc_parse_pid("17x"), 0);
    assert_int_equal(spc_proc_parse_pid("-1"), 0);
    assert_int_equal(spc_proc_parse_pid("2147483648"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stat_gives_names_and_times),
    cmocka_unit_test(stat_is_not_fooled_by_a_command_name),
    cmocka_unit_test(stat_refuses_what_is_none),
    cmocka_unit_test(stat_of_this_process),
    cmocka_unit_test(cgroup_lines_are_ranked),
    cmocka_unit_test(status_values),
    cmocka_unit_test(uptime_and_namespaces),
    cmocka_unit_test(cmdline_is_split_at_nul),
    cmocka_unit_test(pids_are_numbers_and_nothing_else),
};

UNIT_MAIN(tests)
