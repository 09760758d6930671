// SPDX-License-Identifier: BSD-2-Clause
#include <spc/proc.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include <spc/opt.h>

// A number that starts at *p and ends before a blank or the end; moves *p behind it.
static int next_number(const char **p, uint64_t *ret)
{
    char digits[24];
    *p += strspn(*p, " \t");
    size_t len = strcspn(*p, " \t\n");
    if (len == 0 || len >= sizeof(digits))
        return -EBADMSG;
    memcpy(digits, *p, len);
    digits[len] = '\0';
    *p += len;
    return spc_parse_u64(digits, ret) < 0 ? -EBADMSG : 0;
}

static int next_word(const char **p)
{
    *p += strspn(*p, " \t");
    size_t len = strcspn(*p, " \t\n");
    *p += len;
    return len ? 0 : -EBADMSG;
}

pid_t spc_proc_parse_pid(const char *name)
{
    uint64_t value;
    if (spc_parse_u64(name, &value) < 0 || value > INT_MAX)
        return 0;
    return (pid_t)value;
}

int spc_proc_parse_stat(const char *text, struct spc_proc_stat *ret)
{
    struct spc_proc_stat stat = {0};
    uint64_t number;
    const char *p = text;

    // A command name may hold blanks and parentheses: the last one ends it.
    const char *open = strchr(text, '('), *end = strrchr(text, ')');
    if (!open || !end || end < open || next_number(&p, &number) < 0 || number > INT_MAX)
        return -EBADMSG;
    stat.pid = (pid_t)number;
    size_t len = (size_t)(end - open - 1);
    if (len >= sizeof(stat.comm))
        len = sizeof(stat.comm) - 1;
    memcpy(stat.comm, open + 1, len);

    p = end + 1;
    p += strspn(p, " ");
    if (!*p)
        return -EBADMSG;
    stat.state = *p++;
    if (next_number(&p, &number) < 0 || number > INT_MAX)
        return -EBADMSG;
    stat.ppid = (pid_t)number;
    for (int field = 5; field < 22; field++)
        if (next_word(&p) < 0)
            return -EBADMSG;
    if (next_number(&p, &stat.start_ticks) < 0)
        return -EBADMSG;
    *ret = stat;
    return 0;
}

static size_t without_deleted(const char *path, size_t len)
{
    static const char mark[] = " (deleted)";
    size_t mark_len = sizeof(mark) - 1;
    if (len > mark_len && memcmp(path + len - mark_len, mark, mark_len) == 0)
        return len - mark_len;
    return len;
}

bool spc_proc_next_cgroup(const char **text, struct spc_cgroup_line *ret)
{
    while (**text) {
        const char *line = *text;
        size_t len = strcspn(line, "\n");
        *text += len + (line[len] == '\n');

        const char *controllers = memchr(line, ':', len);
        if (!controllers)
            continue;
        controllers++;
        const char *path = memchr(controllers, ':', len - (size_t)(controllers - line));
        // Controller lists hold no colon; a path begins with a slash.
        if (!path || path[1] != '/')
            continue;
        ret->controllers = controllers;
        ret->controllers_len = (size_t)(path - controllers);
        ret->path = path + 1;
        ret->path_len = without_deleted(path + 1, len - (size_t)(path + 1 - line));
        bool is_systemd =
            ret->controllers_len == 12 && memcmp(controllers, "name=systemd", 12) == 0;
        ret->rank = strncmp(line, "0::", 3) == 0 ? 0 : is_systemd ? 1 : 2;
        return true;
    }
    return false;
}

ssize_t spc_proc_status_value(const char *text, const char *key, const char **ret)
{
    size_t key_len = strlen(key);
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        if (len > key_len && line[key_len] == ':' && memcmp(line, key, key_len) == 0) {
            const char *value = line + key_len + 1;
            size_t blank = strspn(value, " \t");
            *ret = value + blank;
            return (ssize_t)(len - key_len - 1 - blank);
        }
        line += len + (line[len] == '\n');
    }
    return -ENOENT;
}

pid_t spc_proc_inner_pid(const char *text)
{
    const char *value;
    ssize_t len = spc_proc_status_value(text, "NSpid", &value);
    if (len <= 0)
        return 0;
    const char *end = value + len, *last = end;
    while (last > value && last[-1] >= '0' && last[-1] <= '9')
        last--;
    uint64_t number;
    if (next_number(&last, &number) < 0 || number > INT_MAX)
        return 0;
    return (pid_t)number;
}

int spc_proc_parse_uptime(const char *text, uint64_t *ret_ns)
{
    char number[32];
    size_t len = strcspn(text, " \n");
    if (len == 0 || len >= sizeof(number))
        return -EBADMSG;
    memcpy(number, text, len);
    number[len] = '\0';
    return spc_parse_duration(number, ret_ns) < 0 ? -EBADMSG : 0;
}

int spc_proc_parse_cmdline(const char *data, size_t len, struct spc_strv *ret)
{
    spc_auto_strv struct spc_strv strv = {0};
    for (size_t i = 0; i < len;) {
        size_t n = strnlen(data + i, len - i);
        int r = spc_strv_addf(&strv, "%.*s", (int)n, data + i);
        if (r < 0)
            return r;
        i += n + 1;
    }
    *ret = strv;
    strv = (struct spc_strv){0};
    return 0;
}

int spc_proc_parse_ns(const char *text, uint64_t *ret_inode)
{
    const char *open = strchr(text, '[');
    char digits[24];
    size_t len = open ? strspn(open + 1, "0123456789") : 0;
    if (len == 0 || len >= sizeof(digits) || open[1 + len] != ']')
        return -EBADMSG;
    memcpy(digits, open + 1, len);
    digits[len] = '\0';
    return spc_parse_u64(digits, ret_inode) < 0 ? -EBADMSG : 0;
}
