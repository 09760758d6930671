// SPDX-License-Identifier: BSD-2-Clause
// Sockets: addresses, options, messages.
#include "decode.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

union address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_nl nl;
    struct sockaddr_ll ll;
    char bytes[128];
};

static void show_unix(struct decode *d, const struct sockaddr_un *un, size_t len)
{
    size_t path_len = len - offsetof(struct sockaddr_un, sun_path);
    if (path_len == 0)
        return;
    if (un->sun_path[0] != '\0') {
        print_string(d->out, "sun_path", un->sun_path, strnlen(un->sun_path, path_len), false);
        return;
    }
    // Abstract: the NUL in front is part of the name, and so is every other byte (unix(7)).
    spc_auto_buf struct spc_buf text = {0};
    spc_buf_puts(&text, "@\"");
    for (size_t i = 1; i < path_len; i++) {
        unsigned char c = (unsigned char)un->sun_path[i];
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            spc_buf_putc(&text, (char)c);
        else if (c == '"' || c == '\\')
            spc_buf_printf(&text, "\\%c", c);
        else
            spc_buf_printf(&text,
                           i + 1 < path_len && un->sun_path[i + 1] >= '0' &&
                                   un->sun_path[i + 1] <= '7'
                               ? "\\%03o"
                               : "\\%o",
                           c);
    }
    spc_buf_putc(&text, '"');
    print_symbol(d->out, "sun_path", spc_buf_str(&text));
}

static void show_port(struct decode *d, const char *name, uint16_t port)
{
    char text[32];
    snprintf(text, sizeof(text), "htons(%u)", ntohs(port));
    print_symbol(d->out, name, text);
}

static void show_inet(struct decode *d, const struct sockaddr_in *in)
{
    char text[64], addr[INET_ADDRSTRLEN];
    show_port(d, "sin_port", in->sin_port);
    snprintf(text, sizeof(text), "inet_addr(\"%s\")",
             inet_ntop(AF_INET, &in->sin_addr, addr, sizeof(addr)));
    print_symbol(d->out, "sin_addr", text);
}

static void show_inet6(struct decode *d, const struct sockaddr_in6 *in6)
{
    char text[96], addr[INET6_ADDRSTRLEN];
    show_port(d, "sin6_port", in6->sin6_port);
    snprintf(text, sizeof(text), "htonl(%u)", ntohl(in6->sin6_flowinfo));
    print_symbol(d->out, "sin6_flowinfo", text);
    // strace writes this as a call whose result it is.
    snprintf(text, sizeof(text), "inet_pton(AF_INET6, \"%s\", &sin6_addr)",
             inet_ntop(AF_INET6, &in6->sin6_addr, addr, sizeof(addr)));
    print_symbol(d->out, NULL, text);
    print_count(d->out, "sin6_scope_id", in6->sin6_scope_id);
}

static void show_packet(struct decode *d, const struct sockaddr_ll *ll)
{
    char text[48];
    snprintf(text, sizeof(text), "htons(%#x)", ntohs(ll->sll_protocol));
    print_symbol(d->out, "sll_protocol", text);
    print_number(d->out, "sll_ifindex", ll->sll_ifindex);
    print_bits(d->out, "sll_hatype", ll->sll_hatype);
    print_bits(d->out, "sll_pkttype", ll->sll_pkttype);
    print_count(d->out, "sll_halen", ll->sll_halen);
}

void decode_sockaddr(struct decode *d, const char *name, uint64_t addr, uint64_t len)
{
    union address a = {0};
    size_t size = len < sizeof(a) ? len : sizeof(a);
    if (!addr || size < sizeof(a.any.sa_family) || !decode_get(d, addr, &a, size)) {
        print_address(d->out, name, addr);
        return;
    }
    print_struct(d->out, name);
    decode_enum(d, "sa_family", &flags_socket_domain, a.any.sa_family);
    if (a.any.sa_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path)) {
        show_unix(d, &a.un, size > sizeof(a.un) ? sizeof(a.un) : size);
    } else if (a.any.sa_family == AF_INET && size >= sizeof(a.in)) {
        show_inet(d, &a.in);
    } else if (a.any.sa_family == AF_INET6 && size >= sizeof(a.in6) - 4) {
        show_inet6(d, &a.in6);
    } else if (a.any.sa_family == AF_NETLINK && size >= sizeof(a.nl)) {
        print_number(d->out, "nl_pid", (int)a.nl.nl_pid);
        char groups[16];
        snprintf(groups, sizeof(groups), a.nl.nl_groups ? "%#08x" : "00000000", a.nl.nl_groups);
        print_symbol(d->out, "nl_groups", groups);
    } else if (a.any.sa_family == AF_PACKET && size >= offsetof(struct sockaddr_ll, sll_addr)) {
        show_packet(d, &a.ll);
    } else if (size > sizeof(a.any.sa_family)) {
        print_string(d->out, "sa_data", a.bytes + sizeof(a.any.sa_family),
                     size - sizeof(a.any.sa_family), false);
    }
    print_struct_end(d->out);
}

void show_sockaddr_in(struct decode *d, const char *name, uint64_t value)
{
    decode_sockaddr(d, name, value, (uint32_t)decode_arg(d, d->index + 1));
}

// The length is both asked for and given; what was asked for is noted at entry by the driver.
static bool get_length(const struct decode *d, unsigned index, uint32_t *ret)
{
    uint64_t addr = decode_arg(d, index);
    return addr && decode_get(d, addr, ret, sizeof(*ret));
}

void show_sockaddr_out(struct decode *d, const char *name, uint64_t value)
{
    uint32_t len;
    if (d->call->event.is_failed || !get_length(d, d->index + 1, &len)) {
        print_address(d->out, name, value);
        return;
    }
    uint32_t given = d->call->has_saved ? (uint32_t)d->call->saved : len;
    decode_sockaddr(d, name, value, len < given ? len : given);
}

void show_socklen(struct decode *d, const char *name, uint64_t value)
{
    uint32_t len;
    char text[48];
    if (!d->call->has_saved || !value) {
        print_address(d->out, name, value);
        return;
    }
    uint32_t before = (uint32_t)d->call->saved;
    if (d->call->event.is_failed || !decode_get(d, value, &len, sizeof(len)))
        len = before;
    if (len == before)
        snprintf(text, sizeof(text), "[%d]", (int)len);
    else
        snprintf(text, sizeof(text), "[%d => %d]", (int)before, (int)len);
    print_symbol(d->out, name, text);
}

void show_socket_type(struct decode *d, const char *name, uint64_t value)
{
    spc_auto_buf struct spc_buf text = {0};
    uint32_t flags = value & (SOCK_CLOEXEC | SOCK_NONBLOCK);
    strace_enum_put(&text, &flags_socket_type, (uint32_t)value & ~flags);
    if (flags) {
        spc_buf_putc(&text, '|');
        strace_flags_put(&text, &flags_sock_flags, flags);
    }
    print_symbol(d->out, name, spc_buf_str(&text));
}

void show_socket_protocol(struct decode *d, const char *name, uint64_t value)
{
    switch (decode_arg(d, 0)) {
    case AF_INET:
    case AF_INET6:
        decode_enum(d, name, &flags_ip_proto, (uint32_t)value);
        break;
    case AF_NETLINK:
        decode_enum(d, name, &flags_netlink_proto, (uint32_t)value);
        break;
    case AF_PACKET: {
        char text[32];
        snprintf(text, sizeof(text), "htons(%#x)", ntohs((uint16_t)value));
        print_symbol(d->out, name, text);
        break;
    }
    default:
        print_number(d->out, name, (int)value);
    }
}

void show_sockopt_name(struct decode *d, const char *name, uint64_t value)
{
    static const struct {
        int level;
        const struct flag_set *set;
    } levels[] = {
        {SOL_SOCKET, &flags_sockopt_socket},   {SOL_IP, &flags_sockopt_ip},
        {SOL_IPV6, &flags_sockopt_ipv6},       {IPPROTO_TCP, &flags_sockopt_tcp},
        {SOL_NETLINK, &flags_sockopt_netlink},
    };
    for (size_t i = 0; i < SPC_ARRAY_SIZE(levels); i++)
        if (levels[i].level == (int)decode_arg(d, 1)) {
            decode_enum(d, name, levels[i].set, (uint32_t)value);
            return;
        }
    print_bits(d->out, name, (uint32_t)value);
}

static void show_boxed_text(struct decode *d, const char *name, const char *text)
{
    print_array(d->out, name);
    print_symbol(d->out, NULL, text);
    print_array_end(d->out);
}

static void show_sockopt(struct decode *d, const char *name, uint64_t addr, uint32_t len)
{
    int level = (int)decode_arg(d, 1), option = (int)decode_arg(d, 2), number;
    char text[64];
    if (level == SOL_SOCKET && option == SO_LINGER && len >= sizeof(struct linger)) {
        struct linger linger;
        if (!decode_fetch(d, name, addr, &linger, sizeof(linger)))
            return;
        print_struct(d->out, name);
        print_number(d->out, "l_onoff", linger.l_onoff);
        print_number(d->out, "l_linger", linger.l_linger);
        print_struct_end(d->out);
    } else if (level == SOL_SOCKET && option == SO_PEERCRED && len >= sizeof(struct ucred)) {
        struct ucred cred;
        if (!decode_fetch(d, name, addr, &cred, sizeof(cred)))
            return;
        print_struct(d->out, name);
        print_number(d->out, "pid", cred.pid);
        print_count(d->out, "uid", cred.uid);
        print_count(d->out, "gid", cred.gid);
        print_struct_end(d->out);
    } else if (level == SOL_SOCKET && (option == 20 || option == 21) && len == 16) {
        show_timeval(d, name, addr); // SO_RCVTIMEO_OLD, SO_SNDTIMEO_OLD
    } else if (len == sizeof(number)) {
        if (!decode_fetch(d, name, addr, &number, sizeof(number)))
            return;
        const char *known = NULL;
        if (level == SOL_SOCKET && option == SO_TYPE)
            known = strace_flag_name(&flags_socket_type, (uint32_t)number);
        else if (level == SOL_SOCKET && option == SO_DOMAIN)
            known = strace_flag_name(&flags_socket_domain, (uint32_t)number);
        else if (level == SOL_SOCKET && option == SO_PROTOCOL)
            known = strace_flag_name(&flags_ip_proto, (uint32_t)number);
        else if (level == SOL_SOCKET && option == SO_ERROR && number)
            known = strace_flag_name(&flags_errno, (uint32_t)number);
        snprintf(text, sizeof(text), "%d", number);
        show_boxed_text(d, name, known ? known : text);
    } else {
        decode_bytes(d, name, addr, len);
    }
}

void show_sockopt_in(struct decode *d, const char *name, uint64_t value)
{
    show_sockopt(d, name, value, (uint32_t)decode_arg(d, 4));
}

void show_sockopt_out(struct decode *d, const char *name, uint64_t value)
{
    uint32_t len;
    if (get_length(d, 4, &len))
        show_sockopt(d, name, value, len);
    else
        print_address(d->out, name, value);
}

#define IOVEC_ADDRESSES (UINT64_MAX - 1) // nothing was read: only where it would have gone
#define IOVEC_MAX       1024             // UIO_MAXIOV: the kernel refuses more

void decode_iovec(struct decode *d, const char *name, uint64_t addr, uint64_t count,
                  uint64_t data_len)
{
    uint64_t pair[2];
    if (!addr || !count || count > IOVEC_MAX || !decode_get(d, addr, pair, sizeof(pair))) {
        if (addr && !count) {
            print_array(d->out, name);
            print_array_end(d->out);
        } else {
            print_address(d->out, name, addr);
        }
        return;
    }
    print_array(d->out, name);
    for (uint64_t i = 0; i < count; i++) {
        if (!d->options->is_verbose && i >= d->options->string_limit) {
            print_more(d->out);
            break;
        }
        if (!decode_get(d, addr + i * sizeof(pair), pair, sizeof(pair))) {
            print_more(d->out);
            break;
        }
        uint64_t len = pair[1] < data_len ? pair[1] : data_len;
        print_struct(d->out, NULL);
        if (data_len == IOVEC_ADDRESSES)
            print_address(d->out, "iov_base", pair[0]);
        else
            decode_bytes(d, "iov_base", pair[0], len);
        print_count(d->out, "iov_len", pair[1]);
        print_struct_end(d->out);
        if (data_len != IOVEC_ADDRESSES)
            data_len -= len;
    }
    print_array_end(d->out);
}

void show_iovec_in(struct decode *d, const char *name, uint64_t value)
{
    decode_iovec(d, name, value, decode_arg(d, d->index + 1), UINT64_MAX);
}

void show_iovec_out(struct decode *d, const char *name, uint64_t value)
{
    decode_iovec(d, name, value, decode_arg(d, d->index + 1),
                 d->call->event.is_failed ? IOVEC_ADDRESSES : decode_result(d));
}

static void decode_msghdr(struct decode *d, const char *name, uint64_t addr, uint64_t data_len)
{
    struct msghdr msg;
    if (!decode_fetch(d, name, addr, &msg, sizeof(msg)))
        return;
    print_struct(d->out, name);
    uint32_t name_len = msg.msg_namelen;
    decode_sockaddr(d, "msg_name", (uint64_t)(uintptr_t)msg.msg_name, name_len);
    if (d->call->has_saved && (uint32_t)d->call->saved != name_len) {
        char text[48];
        snprintf(text, sizeof(text), "%d => %d", (int)d->call->saved, (int)name_len);
        print_symbol(d->out, "msg_namelen", text);
    } else {
        print_number(d->out, "msg_namelen", (int)name_len);
    }
    decode_iovec(d, "msg_iov", (uint64_t)(uintptr_t)msg.msg_iov, msg.msg_iovlen, data_len);
    print_count(d->out, "msg_iovlen", msg.msg_iovlen);
    if (msg.msg_controllen)
        print_address(d->out, "msg_control", (uint64_t)(uintptr_t)msg.msg_control);
    print_count(d->out, "msg_controllen", msg.msg_controllen);
    decode_flags(d, "msg_flags", &flags_msg, (uint32_t)msg.msg_flags);
    print_struct_end(d->out);
}

void show_msghdr_in(struct decode *d, const char *name, uint64_t value)
{
    decode_msghdr(d, name, value, UINT64_MAX);
}

void special_recvmsg(struct decode *d)
{
    uint64_t addr = decode_arg(d, 1);
    if (!d->is_exit) {
        struct msghdr msg;
        decode_fd(d, "sockfd", (int)decode_arg(d, 0));
        d->out->ops->separate(d->out);
        d->call->has_saved = addr && decode_get(d, addr, &msg, sizeof(msg));
        d->call->saved = d->call->has_saved ? msg.msg_namelen : 0;
        return;
    }
    if (d->call->event.is_failed)
        print_address(d->out, "msg", addr);
    else
        decode_msghdr(d, "msg", addr, decode_result(d));
    d->out->ops->separate(d->out);
    decode_flags(d, "flags", &flags_msg, (uint32_t)decode_arg(d, 2));
}
