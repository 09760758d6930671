// SPDX-License-Identifier: BSD-2-Clause
#include <spc/ns.h>

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <spc/own.h>

int spc_ns_lo_up(struct spc_err *err)
{
    // netdevice(7). With the flag the kernel also gives lo its addresses.
    struct ifreq request = {.ifr_name = "lo"};
    spc_auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return spc_err_set(err, -errno, "loopback interface");
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return spc_err_set(err, -errno, "switch on the loopback interface");
    return 0;
}
