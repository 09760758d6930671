// SPDX-License-Identifier: BSD-2-Clause
// USER[:GROUP] by the image's own /etc/passwd and /etc/group. No NSS: libraries of a foreign root
// must never be loaded (CVE-2019-14271).
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include <spc/err.h>

#define RUN_USER_GROUPS 64

struct run_user {
    uid_t uid;
    gid_t gid;
    gid_t groups[RUN_USER_GROUPS]; // supplementary
    size_t group_count;
    char home[256]; // "/" where passwd does not know the user
};

// `root`: directory that holds etc/passwd.
int spc_run_user_find(int root, const char *spec, struct run_user *ret, struct spc_err *err);

// Home directory of a user ID, or "/".
void spc_run_user_home(int root, uid_t uid, char *buf, size_t size);
