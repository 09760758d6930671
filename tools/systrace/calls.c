// SPDX-License-Identifier: BSD-2-Clause
#include "calls.h"

#include <assert.h>
#include <seccomp.h>
#include <string.h>

#include <spc/opt.h>

// The architectures that a kernel of this machine runs programs of. 0: none.
static const struct {
    const char *name;
    uint32_t arch;
} abis[] = {
#if defined(__x86_64__)
    [SYSTRACE_ABI_NATIVE] = {"native", SCMP_ARCH_X86_64},
    [SYSTRACE_ABI_COMPAT] = {"compat", SCMP_ARCH_X86},
    [SYSTRACE_ABI_X32] = {"x32", SCMP_ARCH_X32},
#elif defined(__aarch64__)
    [SYSTRACE_ABI_NATIVE] = {"native", SCMP_ARCH_AARCH64},
    [SYSTRACE_ABI_COMPAT] = {"compat", SCMP_ARCH_ARM},
    [SYSTRACE_ABI_X32] = {"x32", 0},
#else
    [SYSTRACE_ABI_NATIVE] = {"native", SCMP_ARCH_NATIVE},
    [SYSTRACE_ABI_COMPAT] = {"compat", 0},
    [SYSTRACE_ABI_X32] = {"x32", 0},
#endif
};
static_assert(SPC_ARRAY_SIZE(abis) == SYSTRACE_ABI_MAX, "every ABI has a row");

const char *systrace_abi_name(enum abi abi)
{
    return abi < SYSTRACE_ABI_MAX ? abis[abi].name : "?";
}

// The tracepoint gives an x32 call its number without the bit that marks it, see call_id().
enum { X32_BIT = 0x40000000 };

int systrace_call_number(enum abi abi, const char *name)
{
    if (abi >= SYSTRACE_ABI_MAX || !abis[abi].arch)
        return -1;
    int nr = seccomp_syscall_resolve_name_arch(abis[abi].arch, name);
    if (nr < 0) // also the pseudo numbers of calls that this architecture does not have
        return -1;
    nr &= ~X32_BIT;
    return nr < SYSTRACE_CALL_MAX ? nr : -1;
}

struct call_names {
    char *name[SYSTRACE_ABI_MAX][SYSTRACE_CALL_MAX + 1];
};

int systrace_names_open(struct call_names **ret, struct spc_err *err)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : spc_err_set(err, -ENOMEM, "names of system calls");
}

void systrace_names_free(struct call_names *names)
{
    for (unsigned abi = 0; abi < SYSTRACE_ABI_MAX; abi++)
        for (unsigned nr = 0; nr <= SYSTRACE_CALL_MAX; nr++)
            free(names->name[abi][nr]);
    free(names);
}

static char *make_name(enum abi abi, unsigned nr)
{
    char *text = NULL;
    if (nr == SYSTRACE_CALL_MAX)
        return strdup("call_invalid");
    int number = (int)nr | (abi == SYSTRACE_ABI_X32 ? X32_BIT : 0);
    spc_auto_free char *name =
        abis[abi].arch ? seccomp_syscall_resolve_num_arch(abis[abi].arch, number) : NULL;
    const char *prefix = abi == SYSTRACE_ABI_NATIVE ? "" : abis[abi].name;
    const char *colon = abi == SYSTRACE_ABI_NATIVE ? "" : ":";
    int r = name ? asprintf(&text, "%s%s%s", prefix, colon, name)
                 : asprintf(&text, "%s%scall_%u", prefix, colon, nr);
    return r < 0 ? NULL : text;
}

const char *systrace_call_name(struct call_names *names, enum abi abi, unsigned nr)
{
    if (abi >= SYSTRACE_ABI_MAX || nr > SYSTRACE_CALL_MAX)
        return NULL;
    char **name = &names->name[abi][nr];
    if (!*name)
        *name = make_name(abi, nr);
    return *name;
}

static int unknown_call(const char *name, struct spc_err *err)
{
    spc_auto_free char **known = calloc(SYSTRACE_CALL_MAX + 1, sizeof(*known));
    size_t count = 0;
    spc_err_usage(err, "-e trace: '%s' is not a system call", name);
    for (unsigned nr = 0; known && nr < SYSTRACE_CALL_MAX; nr++) {
        known[count] = seccomp_syscall_resolve_num_arch(abis[SYSTRACE_ABI_NATIVE].arch, (int)nr);
        count += known[count] != NULL;
    }
    const char *near = known ? spc_nearest(name, (const char *const *)known, count) : NULL;
    if (near)
        spc_err_hint(err, "did you mean %s?", near);
    for (size_t i = 0; i < count; i++)
        free(known[i]);
    return -EINVAL;
}

static int add_name(struct call_filter *filter, const char *name, struct spc_err *err)
{
    bool is_optional = name[0] == '?', is_known = is_optional;
    name += is_optional;
    for (enum abi abi = 0; abi < SYSTRACE_ABI_MAX; abi++) {
        int nr = systrace_call_number(abi, name);
        if (nr < 0)
            continue;
        filter->bits[abi][nr / 64] |= UINT64_C(1) << (nr % 64);
        is_known = true;
    }
    return is_known ? 0 : unknown_call(name, err);
}

int systrace_filter_parse(void *field, const char *value, struct spc_err *err)
{
    struct call_filter *filter = field;
    const char *list = strncmp(value, "trace=", 6) == 0 ? value + 6 : value;
    bool is_negated = *list == '!';
    if (strchr(list, '='))
        return spc_err_usage(err, "-e '%s': only trace=CALL[,CALL...] is known here", value);

    spc_auto_free char *words = strdup(list + is_negated);
    if (!words)
        return spc_err_set(err, -ENOMEM, "-e trace");
    memset(filter->bits, 0, sizeof(filter->bits));
    filter->is_set = true;
    char *rest = NULL;
    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        int r =
            strcmp(word, "all") == 0 ? (filter->is_set = false, 0) : add_name(filter, word, err);
        if (r < 0)
            return r;
    }
    if (is_negated)
        for (unsigned i = 0; i < SPC_ARRAY_SIZE(filter->bits); i++)
            for (unsigned w = 0; w < SPC_ARRAY_SIZE(filter->bits[i]); w++)
                filter->bits[i][w] = ~filter->bits[i][w];
    return 0;
}
