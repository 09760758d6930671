// SPDX-License-Identifier: BSD-2-Clause
#include "scope.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include <spc/opt.h>

void systrace_scope_free(struct scope *scope)
{
    for (size_t i = 0; i < scope->name_count; i++)
        free(scope->names[i].name);
    free(scope->names);
    free(scope->members);
    spc_strv_free(&scope->labels);
    *scope = (struct scope){0};
}

int systrace_scope_add(struct scope *scope, const struct scope_member *member, struct spc_err *err)
{
    size_t count = scope->member_count;
    void *bigger = reallocarray(scope->members, count + 1, sizeof(*scope->members));
    if (!bigger)
        return spc_err_set(err, -ENOMEM, "list of targets");
    scope->members = bigger;
    scope->members[scope->member_count++] = *member;
    return 0;
}

static int resolve_one(struct scope *scope, const char *word, struct spc_err *err)
{
    uint64_t pid;
    if (strcmp(word, "host") == 0) {
        scope->kind = SYSTRACE_SCOPE_ALL;
        return 0;
    }
    if (strncmp(word, "pid:", 4) != 0 || spc_parse_u64(word + 4, &pid) < 0 || !pid) {
        spc_err_say(err, -EINVAL, "target '%s': only host and pid:N are known yet", word);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    if (kill((pid_t)pid, 0) < 0 && errno == ESRCH) {
        spc_err_say(err, -ESRCH, "target '%s': no such process", word);
        return spc_err_exit(err, SPC_EXIT_TARGET);
    }
    struct scope_member member = {.key = pid, .group = scope->labels.count};
    if (spc_strv_add(&scope->labels, word) < 0)
        return spc_err_set(err, -ENOMEM, "target '%s'", word);
    scope->kind = SYSTRACE_SCOPE_PROCESS;
    return systrace_scope_add(scope, &member, err);
}

int systrace_scope_resolve(char *const *words, size_t count, enum group_by by, struct scope *ret,
                           struct spc_err *err)
{
    systrace_auto_scope struct scope scope = {.by = by};
    for (size_t i = 0; i < count; i++) {
        int r = resolve_one(&scope, words[i], err);
        if (r < 0)
            return r;
    }
    *ret = scope;
    scope = (struct scope){0};
    return 0;
}

int systrace_scope_group_name(const struct scope *scope, uint64_t key, const char *comm, pid_t tgid,
                              struct spc_buf *out)
{
    switch (scope->by) {
    case SYSTRACE_BY_CALL:
        break;
    case SYSTRACE_BY_PROCESS:
        spc_buf_printf(out, "%s[%d]", comm, tgid);
        break;
    case SYSTRACE_BY_CONTAINER:
        if (scope->labels.count) {
            spc_buf_puts(out, key < scope->labels.count ? scope->labels.items[key] : "?");
            break;
        }
        for (size_t i = 0; i < scope->name_count; i++)
            if (scope->names[i].key == key) {
                spc_buf_puts(out, scope->names[i].name);
                return spc_buf_check(out);
            }
        spc_buf_printf(out, "%s:%" PRIu64, scope->is_by_pidns ? "pidns" : "cgroup", key);
        break;
    }
    return spc_buf_check(out);
}
