// SPDX-License-Identifier: BSD-2-Clause
// Temporary: until the resolver lands.
#include <spc/target.h>

#include <errno.h>

#pragma weak spc_node_open
#pragma weak spc_node_free
#pragma weak spc_target_resolve
#pragma weak spc_target_free
int spc_node_open(const char *sysroot, struct spc_node **ret, struct spc_err *err)
{
    (void)sysroot, (void)ret;
    return spc_err_say(err, -ENOSYS, "no resolver yet");
}
void spc_node_free(struct spc_node *node)
{
    (void)node;
}
int spc_target_resolve(struct spc_node *node, const char *spec, struct spc_target *ret,
                       struct spc_err *err)
{
    (void)node, (void)spec, (void)ret;
    return spc_err_say(err, -ENOSYS, "no resolver yet");
}
void spc_target_free(struct spc_target *target)
{
    (void)target;
}
