// SPDX-License-Identifier: BSD-2-Clause
#include <spc/ns_table.h>

#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <spc/own.h>

#include "tests/unit/unit.h"

static void every_row_is_filled_and_unique(void **state)
{
    (void)state;
    int flags = 0;
    for (int i = 0; i < _SPC_NS_MAX; i++) {
        const struct spc_ns_info *ns = &spc_ns_table[i];
        assert_non_null(ns->name);
        assert_non_null(ns->what);
        assert_int_equal(__builtin_popcount((unsigned)ns->clone_flag), 1);
        assert_int_equal(flags & ns->clone_flag, 0);
        flags |= ns->clone_flag;
        for (int k = 0; k < i; k++)
            assert_string_not_equal(ns->name, spc_ns_table[k].name);
    }
}

// The names are the kernel's, and the flags what it says each one is (NS_GET_NSTYPE).
static void the_kernel_agrees(void **state)
{
    (void)state;
    for (int i = 0; i < _SPC_NS_MAX; i++) {
        char path[64], target[64];
        snprintf(path, sizeof(path), "/proc/self/ns/%s", spc_ns_table[i].name);
        if (access(path, F_OK) < 0 && strcmp(spc_ns_table[i].name, "time") == 0)
            continue; // Linux 5.6
        ssize_t n = readlink(path, target, sizeof(target));
        assert_true(n > 0);
        size_t len = strlen(spc_ns_table[i].name);
        spc_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(ioctl(fd, NS_GET_NSTYPE), spc_ns_table[i].clone_flag);
        assert_memory_equal(target, spc_ns_table[i].name, len);
        assert_int_equal(target[len], ':');
    }
}

// Every kind that the running kernel has is in the table.
static void nothing_is_missing(void **state)
{
    (void)state;
    spc_auto_dir DIR *dir = opendir("/proc/self/ns");
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.' || strstr(e->d_name, "_for_children"))
            continue;
        bool is_known = false;
        for (int i = 0; i < _SPC_NS_MAX; i++)
            is_known |= strcmp(spc_ns_table[i].name, e->d_name) == 0;
        if (!is_known)
            fail_msg("/proc/self/ns/%s has no row", e->d_name);
    }
}

static void order_and_bits(void **state)
{
    (void)state;
    assert_int_equal(SPC_NS_USER, 0);
    assert_int_equal(SPC_NS_MNT, _SPC_NS_MAX - 1);
    assert_int_equal(SPC_NS_ALL, (1u << _SPC_NS_MAX) - 1);
    assert_true(SPC_NS_ALL & SPC_NS_BIT(SPC_NS_MNT));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_row_is_filled_and_unique),
    cmocka_unit_test(the_kernel_agrees),
    cmocka_unit_test(nothing_is_missing),
    cmocka_unit_test(order_and_bits),
};

UNIT_MAIN(tests)
