// SPDX-License-Identifier: BSD-2-Clause
// Symbols that Debian's static libpcap and libproc2 refer to in libraries that have no static
// archive. Linked into `make static` only.
//
// libpcap: its D-Bus capture module. The two functions below are that module's whole interface;
//          defining them here keeps pcap-dbus.o, and with it libdbus, out of the link.
// libproc2: the systemd fields of a process (unit, slice, seat, ...). spc does not ask for them;
//          -ENODATA is what the functions say for a process outside of any unit
//          (sd_pid_get_unit(3)).
#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

struct pcap;

int dbus_findalldevs(void *devlist, char *errbuf);
struct pcap *dbus_create(const char *device, char *errbuf, int *is_ours);

int dbus_findalldevs(void *devlist, char *errbuf)
{
    (void)devlist, (void)errbuf;
    return 0;
}

struct pcap *dbus_create(const char *device, char *errbuf, int *is_ours)
{
    (void)device, (void)errbuf;
    *is_ours = 0;
    return NULL;
}

#define NO_DATA(name)                                                                              \
    int name(pid_t pid, void *ret);                                                                \
    int name(pid_t pid, void *ret)                                                                 \
    {                                                                                              \
        (void)pid, (void)ret;                                                                      \
        return -ENODATA;                                                                           \
    }

NO_DATA(sd_pid_get_machine_name)
NO_DATA(sd_pid_get_owner_uid)
NO_DATA(sd_pid_get_session)
NO_DATA(sd_pid_get_slice)
NO_DATA(sd_pid_get_unit)
NO_DATA(sd_pid_get_user_unit)

int sd_session_get_seat(const char *session, char **ret);
int sd_session_get_seat(const char *session, char **ret)
{
    (void)session, (void)ret;
    return -ENODATA;
}
