// SPDX-License-Identifier: BSD-2-Clause
#include "syscalls.h"

#include <assert.h>
#include <linux/audit.h>

#include "decode.h"

static const struct syscall x86_64_rows[] = {
#include <strace_syscalls_x86_64.h>
};

const struct syscall_table strace_syscall_tables[] = {
    [ABI_X86_64] = {"x86_64", AUDIT_ARCH_X86_64, x86_64_rows, SPC_ARRAY_SIZE(x86_64_rows)},
};
static_assert(SPC_ARRAY_SIZE(strace_syscall_tables) == _ABI_MAX, "a table for every ABI");

const char *const strace_class_names[_CLASS_BIT_MAX + 1] = {
#define X(name) #name,
    STRACE_CLASSES(X)
#undef X
};

const struct syscall *strace_syscall_get(enum syscall_abi abi, uint64_t number)
{
    const struct syscall_table *table = &strace_syscall_tables[abi];
    return number < table->count && table->rows[number].name ? &table->rows[number] : NULL;
}
