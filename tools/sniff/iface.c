// SPDX-License-Identifier: BSD-2-Clause
#include "iface.h"

#include <errno.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

void sniff_ifaces_free(struct sniff_ifaces *ifaces)
{
    for (size_t i = 0; i < ifaces->count; i++)
        free(ifaces->items[i]);
    free(ifaces->items);
    *ifaces = (struct sniff_ifaces){0};
}

struct sniff_iface *sniff_ifaces_find(const struct sniff_ifaces *ifaces, unsigned source,
                                      int ifindex)
{
    for (size_t i = 0; i < ifaces->count; i++)
        if (ifaces->items[i]->source == source && ifaces->items[i]->ifindex == ifindex)
            return ifaces->items[i];
    return NULL;
}

struct sniff_iface *sniff_ifaces_add(struct sniff_ifaces *ifaces, unsigned source, int ifindex)
{
    struct sniff_iface **items =
        realloc(ifaces->items, (ifaces->count + 1) * sizeof(struct sniff_iface *));
    if (!items)
        return NULL;
    ifaces->items = items;
    struct sniff_iface *iface = calloc(1, sizeof(*iface));
    if (!iface)
        return NULL;
    iface->source = source;
    iface->ifindex = ifindex;
    items[ifaces->count++] = iface;
    return iface;
}

// netdevice(7). The packet socket answers for its own namespace, wherever this process is.
void sniff_iface_ask(struct sniff_iface *iface, int fd, const char *target)
{
    struct ifreq req = {.ifr_ifindex = iface->ifindex};
    if (ioctl(fd, SIOCGIFNAME, &req) < 0) // gone again already
        snprintf(req.ifr_name, sizeof(req.ifr_name), "if%d", iface->ifindex);
    snprintf(iface->name, sizeof(iface->name), "%.*s", IFNAMSIZ, req.ifr_name);
    snprintf(iface->label, sizeof(iface->label), "%s%s%s", target ? target : "", target ? ":" : "",
             iface->name);

    if (ioctl(fd, SIOCGIFHWADDR, &req) == 0 && (req.ifr_hwaddr.sa_family == ARPHRD_ETHER)) {
        memcpy(iface->mac, req.ifr_hwaddr.sa_data, sizeof(iface->mac));
        iface->has_mac = true;
    }
    req.ifr_addr.sa_family = AF_INET;
    if (ioctl(fd, SIOCGIFADDR, &req) == 0) {
        memcpy(iface->ip4, &((struct sockaddr_in *)&req.ifr_addr)->sin_addr, 4);
        iface->has_ip4 = ioctl(fd, SIOCGIFNETMASK, &req) == 0;
        memcpy(iface->mask4, &((struct sockaddr_in *)&req.ifr_netmask)->sin_addr, 4);
    }
}

int sniff_iface_linktype(uint16_t hatype)
{
    return hatype == ARPHRD_ETHER || hatype == ARPHRD_LOOPBACK ? SNIFF_LINK_ETHERNET
                                                               : SNIFF_LINK_RAW;
}
