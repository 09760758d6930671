// SPDX-License-Identifier: BSD-2-Clause
#include "user.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <spc/fd.h>
#include <spc/opt.h>
#include <spc/own.h>

#define MAX_FILE (8u << 20)

// A line of passwd(5) or group(5), cut at its colons.
struct line {
    char *field[7];
    size_t count;
};

static bool next_line(char **rest, struct line *ret)
{
    char *text = strsep(rest, "\n");
    if (!text)
        return false;
    ret->count = 0;
    while (text && ret->count < SPC_ARRAY_SIZE(ret->field))
        ret->field[ret->count++] = strsep(&text, ":");
    return true;
}

// 32 bits, and not the -1 that means "leave as it is" to setresuid(2).
static bool parse_id(const char *word, uint32_t *ret)
{
    uint64_t number;
    if (spc_parse_u64(word, &number) < 0 || number >= UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

// By name, or by number where `name` is one.
static bool find_passwd(char *text, const char *name, struct run_user *ret)
{
    uint32_t number = 0, uid, gid;
    bool is_number = parse_id(name, &number);
    struct line line;
    while (next_line(&text, &line)) {
        if (line.count < 6 || !parse_id(line.field[2], &uid) || !parse_id(line.field[3], &gid))
            continue;
        if (strcmp(line.field[0], name) != 0 && !(is_number && uid == number))
            continue;
        ret->uid = uid;
        ret->gid = gid;
        snprintf(ret->home, sizeof(ret->home), "%s", line.field[5][0] == '/' ? line.field[5] : "/");
        return true;
    }
    return false;
}

static bool find_group(char *text, const char *name, gid_t *ret)
{
    uint32_t gid;
    struct line line;
    while (next_line(&text, &line)) {
        if (line.count < 3 || strcmp(line.field[0], name) != 0 || !parse_id(line.field[2], &gid))
            continue;
        *ret = gid;
        return true;
    }
    return false;
}

static bool is_member(char *list, const char *user)
{
    char *name;
    while ((name = strsep(&list, ",")))
        if (strcmp(name, user) == 0)
            return true;
    return false;
}

static void find_memberships(char *text, const char *user, struct run_user *ret)
{
    uint32_t gid;
    struct line line;
    while (ret->group_count < RUN_USER_GROUPS && next_line(&text, &line))
        if (line.count >= 4 && parse_id(line.field[2], &gid) && is_member(line.field[3], user))
            ret->groups[ret->group_count++] = gid;
}

static char *read_file(int root, const char *path)
{
    char *text = NULL;
    return spc_read_in_root(root, path, MAX_FILE, &text, NULL) < 0 ? NULL : text;
}

static int pick_user(int root, const char *name, struct run_user *ret, struct spc_err *err)
{
    spc_auto_free char *passwd = read_file(root, "etc/passwd");
    if (passwd && find_passwd(passwd, name, ret))
        return 0;
    uint32_t uid;
    if (!parse_id(name, &uid))
        return spc_err_say(err, -ENOENT, "no user '%s' in the image's /etc/passwd", name);
    ret->uid = uid;
    return 0;
}

static int pick_group(int root, const char *name, gid_t *ret, struct spc_err *err)
{
    uint32_t gid;
    if (parse_id(name, &gid)) {
        *ret = gid;
        return 0;
    }
    spc_auto_free char *group = read_file(root, "etc/group");
    if (group && find_group(group, name, ret))
        return 0;
    return spc_err_say(err, -ENOENT, "no group '%s' in the image's /etc/group", name);
}

int spc_run_user_find(int root, const char *spec, struct run_user *ret, struct spc_err *err)
{
    struct run_user user = {.home = "/"};
    spc_auto_free char *name = strdup(spec);
    if (!name)
        return spc_err_set(err, -ENOMEM, "user");
    char *group = name;
    strsep(&group, ":");

    int r = *name ? pick_user(root, name, &user, err)
                  : spc_err_say(err, -EINVAL, "'%s': not USER[:GROUP]", spec);
    if (r < 0)
        return r;
    if (group) {
        r = pick_group(root, group, &user.gid, err);
        if (r < 0)
            return r;
    } else {
        // As docker: memberships count where no group was asked for.
        spc_auto_free char *text = read_file(root, "etc/group");
        if (text)
            find_memberships(text, name, &user);
    }
    *ret = user;
    return 0;
}

void spc_run_user_home(int root, uid_t uid, char *buf, size_t size)
{
    char name[16];
    struct run_user user = {.home = "/"};
    snprintf(name, sizeof(name), "%u", uid);
    spc_auto_free char *passwd = read_file(root, "etc/passwd");
    if (passwd)
        find_passwd(passwd, name, &user);
    snprintf(buf, size, "%s", uid == 0 && !user.home[1] ? "/root" : user.home);
}
