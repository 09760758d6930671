// SPDX-License-Identifier: BSD-2-Clause
#include "interfaces.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <spc/buf.h>
#include <spc/escape.h>

static int ask(int fd)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
    } request = {
        .header = {.nlmsg_len = sizeof(request),
                   .nlmsg_type = RTM_GETLINK,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
    };
    return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

static void print_link(const struct nlmsghdr *header, const char *label)
{
    const struct ifinfomsg *info = NLMSG_DATA(header);
    int left = (int)IFLA_PAYLOAD(header);
    spc_auto_buf struct spc_buf line = {0};

    spc_buf_printf(&line, "%d.", info->ifi_index);
    if (label) {
        spc_escape_text(&line, label, strlen(label));
        spc_buf_putc(&line, ':');
    }
    for (const struct rtattr *a = IFLA_RTA(info); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == IFLA_IFNAME)
            spc_escape_text(&line, RTA_DATA(a), strnlen(RTA_DATA(a), RTA_PAYLOAD(a)));
    spc_buf_puts(&line, info->ifi_flags & IFF_UP ? " [Up" : " [Down");
    spc_buf_puts(&line, info->ifi_flags & IFF_RUNNING ? ", Running" : "");
    spc_buf_puts(&line, info->ifi_flags & IFF_LOOPBACK ? ", Loopback]" : "]");
    puts(spc_buf_str(&line));
}

int sniff_interfaces_print(int fd, const char *label, struct spc_err *err)
{
    char buf[32768] __attribute__((aligned(8)));
    int r = ask(fd);
    if (r < 0)
        return spc_err_set(err, r, "list interfaces");
    for (;;) {
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return spc_err_set(err, n < 0 ? -errno : -EIO, "list interfaces");
        unsigned left = (unsigned)n;
        for (const struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE)
                return 0;
            if (h->nlmsg_type == NLMSG_ERROR)
                return spc_err_set(err, -EIO, "list interfaces");
            if (h->nlmsg_type == RTM_NEWLINK)
                print_link(h, label);
        }
    }
}
