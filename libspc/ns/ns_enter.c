// SPDX-License-Identifier: BSD-2-Clause
#include <spc/ns.h>

#include <errno.h>
#include <sched.h>

#include <spc/buf.h>

int spc_ns_join(int fd, enum spc_ns_kind kind, struct spc_err *err)
{
    if (setns(fd, spc_ns_table[kind].clone_flag) < 0)
        return spc_err_set(err, -errno, "join %s namespace", spc_ns_table[kind].name);
    return 0;
}

int spc_ns_unshare(unsigned mask, struct spc_err *err)
{
    int flags = 0;
    for (int kind = 0; kind < _SPC_NS_MAX; kind++)
        if (mask & SPC_NS_BIT(kind))
            flags |= spc_ns_table[kind].clone_flag;
    if (unshare(flags) == 0)
        return 0;

    int code = -errno;
    spc_auto_buf struct spc_buf names = {0};
    for (int kind = 0; kind < _SPC_NS_MAX; kind++)
        if (mask & SPC_NS_BIT(kind))
            spc_buf_printf(&names, "%s%s", names.len ? ", " : "", spc_ns_table[kind].name);
    return spc_err_set(err, code, "new namespace (%s)", spc_buf_str(&names));
}
