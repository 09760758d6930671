// SPDX-License-Identifier: BSD-2-Clause
#include "trace_filter.h"

#include <regex.h>
#include <string.h>

#include <spc/opt.h>

#define MAX_NAMES 1024

static void choose(struct trace_filter *f, enum syscall_abi abi, size_t number)
{
    if (number < FILTER_NUMBERS)
        f->wants[abi][number] = true;
}

static const char *nearest_call(const char *word)
{
    const char *names[MAX_NAMES];
    size_t n = 0;
    const struct syscall_table *table = &strace_syscall_tables[0];
    for (size_t i = 0; i < table->count && n < MAX_NAMES; i++)
        if (table->rows[i].name)
            names[n++] = table->rows[i].name;
    return spc_nearest(word, names, n);
}

static int choose_name(struct trace_filter *f, const char *name, bool may_miss, struct spc_err *err)
{
    bool is_found = false;
    uint64_t number;
    for (enum syscall_abi abi = 0; abi < _ABI_MAX; abi++) {
        const struct syscall_table *table = &strace_syscall_tables[abi];
        for (size_t i = 0; i < table->count; i++)
            if (table->rows[i].name && strcmp(table->rows[i].name, name) == 0) {
                choose(f, abi, i);
                is_found = true;
            }
        if (spc_parse_u64(name, &number) == 0 && number < FILTER_NUMBERS) {
            choose(f, abi, number);
            is_found = true;
        }
    }
    if (is_found || may_miss)
        return 0;
    spc_err_usage(err, "'%s' is not a system call", name);
    const char *near = nearest_call(name);
    return near ? spc_err_hint(err, "did you mean %s?", near) : -EINVAL;
}

static int choose_class(struct trace_filter *f, const char *name, struct spc_err *err)
{
    for (unsigned bit = 0; bit < _CLASS_BIT_MAX; bit++) {
        if (strcmp(strace_class_names[bit], name) != 0)
            continue;
        for (enum syscall_abi abi = 0; abi < _ABI_MAX; abi++)
            for (size_t i = 0; i < strace_syscall_tables[abi].count; i++)
                if (strace_syscall_tables[abi].rows[i].classes & 1u << bit)
                    choose(f, abi, i);
        return 0;
    }
    spc_err_usage(err, "'%%%s' is not a class of system calls", name);
    const char *near = spc_nearest(name, strace_class_names, _CLASS_BIT_MAX);
    if (near)
        return spc_err_hint(err, "did you mean %%%s?", near);
    return spc_err_hint(err,
                        "classes: desc file memory process signal ipc network creds clock pure "
                        "stat lstat fstat statfs fstatfs");
}

static int choose_regex(struct trace_filter *f, const char *pattern, struct spc_err *err)
{
    regex_t regex;
    char why[128];
    int r = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (r != 0) {
        regerror(r, &regex, why, sizeof(why));
        return spc_err_usage(err, "'/%s' is not a regular expression: %s", pattern, why);
    }
    bool is_found = false;
    for (enum syscall_abi abi = 0; abi < _ABI_MAX; abi++)
        for (size_t i = 0; i < strace_syscall_tables[abi].count; i++) {
            const char *name = strace_syscall_tables[abi].rows[i].name;
            if (name && regexec(&regex, name, 0, NULL, 0) == 0) {
                choose(f, abi, i);
                is_found = true;
            }
        }
    regfree(&regex);
    return is_found ? 0 : spc_err_usage(err, "'/%s' matches no system call", pattern);
}

// Words of before %classes, which strace still takes without the percent sign.
static bool is_bare_class(const char *word)
{
    static const char *const words[] = {"file", "process", "network", "signal",
                                        "ipc",  "desc",    "memory"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(words); i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static int choose_word(struct trace_filter *f, const char *word, struct spc_err *err)
{
    bool may_miss = word[0] == '?';
    word += may_miss;
    if (word[0] == '%')
        return may_miss ? choose_class(f, word + 1, NULL), 0 : choose_class(f, word + 1, err);
    if (word[0] == '/')
        return may_miss ? choose_regex(f, word + 1, NULL), 0 : choose_regex(f, word + 1, err);
    if (is_bare_class(word))
        return choose_class(f, word, err);
    return choose_name(f, word, may_miss, err);
}

static void invert(struct trace_filter *f)
{
    bool *wants = &f->wants[0][0];
    for (size_t i = 0; i < sizeof(f->wants) / sizeof(*wants); i++)
        wants[i] = !wants[i];
    f->has_unknown = !f->has_unknown;
}

int strace_filter_parse(struct trace_filter *f, const char *expression, struct spc_err *err)
{
    memset(f, 0, sizeof(*f));
    f->is_set = true;
    bool is_inverted = expression[0] == '!';
    expression += is_inverted;
    if (strcmp(expression, "all") == 0 || strcmp(expression, "none") == 0) {
        if ((expression[0] == 'a') != is_inverted)
            invert(f);
        return 0;
    }
    spc_auto_free char *copy = strdup(expression);
    if (!copy)
        return spc_err_set(err, -ENOMEM, "trace=%s", expression);
    if (!*copy)
        return spc_err_usage(err, "trace=: a list of system calls is missing");
    char *rest = NULL;
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        int r = choose_word(f, word, err);
        if (r < 0)
            return r;
    }
    if (is_inverted)
        invert(f);
    return 0;
}

bool strace_filter_wants(const void *filter, unsigned abi, uint64_t number)
{
    const struct trace_filter *f = filter;
    if (number >= FILTER_NUMBERS || !strace_syscall_get(abi, number))
        return f->has_unknown || (number < FILTER_NUMBERS && f->wants[abi][number]);
    return f->wants[abi][number];
}
