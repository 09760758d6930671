// SPDX-License-Identifier: BSD-2-Clause
// Files of the host that tools look for in /etc: copied, because they may be links into directories
// that the image does not have.
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/fd.h>
#include <spc/own.h>

#define MAX_SIZE (1u << 20)

static const struct {
    const char *name;
    bool is_users; // only where the image has none of its own
} copied[] = {
    {"resolv.conf", false}, {"hosts", false}, {"localtime", false}, {"machine-id", false},
    {"hostname", false},    {"passwd", true}, {"group", true},
};

static int write_file(int dirfd, const char *name, const char *data, size_t len)
{
    spc_auto_close int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    return spc_write_all(fd, data, len);
}

// A host without one of them is no error.
static int copy_file(int host, int etc, const char *name, struct spc_err *err)
{
    char path[64];
    snprintf(path, sizeof(path), "etc/%s", name);
    spc_auto_free char *data = NULL;
    size_t len;
    if (spc_read_in_root(host, path, MAX_SIZE, &data, &len) < 0)
        return 0;
    int r = write_file(etc, name, data, len);
    return r < 0 ? spc_err_set(err, r, "write /etc/%s of the image", name) : 0;
}

static int write_hostname(const char *hostname, int etc, struct spc_err *err)
{
    spc_auto_buf struct spc_buf line = {0};
    spc_buf_printf(&line, "%s\n", hostname);
    int r = spc_buf_check(&line);
    if (r == 0)
        r = write_file(etc, "hostname", line.data, line.len);
    return r < 0 ? spc_err_set(err, r, "write /etc/hostname of the image") : 0;
}

int spc_run_etc_fill(const struct run_plan *plan, int dirfd, bool has_users, struct spc_err *err)
{
    spc_auto_close int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int etc = openat(dirfd, "etc", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (host < 0 || etc < 0)
        return spc_err_set(err, -errno, "open /etc");
    for (size_t i = 0; i < SPC_ARRAY_SIZE(copied); i++) {
        if (copied[i].is_users && !has_users)
            continue;
        int r = plan->hostname && strcmp(copied[i].name, "hostname") == 0
                    ? write_hostname(plan->hostname, etc, err)
                    : copy_file(host, etc, copied[i].name, err);
        if (r < 0)
            return r;
    }
    return 0;
}
