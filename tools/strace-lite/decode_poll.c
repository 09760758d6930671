// SPDX-License-Identifier: BSD-2-Clause
// Waiting for descriptors: poll, select, epoll.
#include "decode.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#define NFDS_MAX 1024 // of select; what FD_SETSIZE is in the kernel's default

static bool is_call(const struct decode *d, const char *name)
{
    return strcmp(d->call->entry->name, name) == 0;
}

static void show_pollfds(struct decode *d, uint64_t addr, unsigned count)
{
    struct pollfd p;
    if (!addr || (count && !decode_get(d, addr, &p, sizeof(p)))) {
        print_address(d->out, "fds", addr);
        return;
    }
    print_array(d->out, "fds");
    for (unsigned i = 0; i < count; i++) {
        if (i >= d->options->string_limit && !d->options->is_verbose) {
            print_more(d->out);
            break;
        }
        if (!decode_get(d, addr + i * sizeof(p), &p, sizeof(p))) {
            print_more(d->out);
            break;
        }
        print_struct(d->out, NULL);
        decode_fd(d, "fd", p.fd);
        if (p.fd >= 0)
            decode_flags(d, "events", &flags_poll, (uint16_t)p.events);
        print_struct_end(d->out);
    }
    print_array_end(d->out);
}

// What poll returned goes behind the result: "= 1 ([{fd=0, revents=POLLIN}])".
static void note_ready(struct decode *d, uint64_t addr, unsigned count)
{
    struct spc_buf *note = &d->call->note;
    unsigned shown = 0;
    if (decode_result(d) == 0) {
        if (!d->call->event.is_failed)
            spc_buf_puts(note, "Timeout");
        return;
    }
    spc_buf_putc(note, '[');
    for (unsigned i = 0; i < count; i++) {
        struct pollfd p;
        if (!decode_get(d, addr + i * sizeof(p), &p, sizeof(p)))
            break;
        if (!p.revents)
            continue;
        if (shown == d->options->string_limit) {
            spc_buf_puts(note, ", ...");
            break;
        }
        spc_buf_printf(note, "%s{fd=%d, revents=", shown++ ? ", " : "", p.fd);
        strace_flags_put(note, &flags_poll, (uint16_t)p.revents);
        spc_buf_putc(note, '}');
    }
    spc_buf_putc(note, ']');
}

static void note_left(struct decode *d, uint64_t addr)
{
    struct timespec left;
    if (d->call->event.is_failed || !addr || !decode_get(d, addr, &left, sizeof(left)))
        return;
    spc_buf_printf(&d->call->note, "%sleft {tv_sec=%" PRId64 ", tv_nsec=%" PRId64 "}",
                   d->call->note.len ? ", " : "", (int64_t)left.tv_sec, (int64_t)left.tv_nsec);
}

void special_poll(struct decode *d)
{
    uint64_t addr = decode_arg(d, 0);
    unsigned count = (unsigned)decode_arg(d, 1);
    bool is_ppoll = is_call(d, "ppoll");
    if (d->is_exit) {
        note_ready(d, addr, count);
        // The kernel writes back what is left of the time.
        if (is_ppoll && decode_result(d))
            note_left(d, decode_arg(d, 2));
        return;
    }
    show_pollfds(d, addr, count);
    d->out->ops->separate(d->out);
    print_count(d->out, "nfds", count);
    d->out->ops->separate(d->out);
    if (is_ppoll) {
        decode_timespec(d, "timeout", decode_arg(d, 2));
        d->out->ops->separate(d->out);
        decode_sigset(d, "sigmask", decode_arg(d, 3), decode_arg(d, 4));
        d->out->ops->separate(d->out);
        print_count(d->out, "sigsetsize", decode_arg(d, 4));
    } else {
        print_number(d->out, "timeout", (int)decode_arg(d, 2));
    }
    d->call->is_complete = true;
}

// Text of the descriptors that are set, "" when none; false when unreadable.
static bool put_fdset(const struct decode *d, struct spc_buf *out, uint64_t addr, int nfds)
{
    unsigned char set[NFDS_MAX / 8] = {0};
    // The kernel reads whole longs.
    size_t len = (size_t)((nfds + 63) / 64) * 8;
    bool is_first = true;
    if (!decode_get(d, addr, set, len))
        return false;
    for (int fd = 0; fd < nfds; fd++)
        if (set[fd / 8] >> fd % 8 & 1) {
            spc_buf_printf(out, "%s%d", is_first ? "" : " ", fd);
            is_first = false;
        }
    return true;
}

static int clamp_nfds(int nfds)
{
    return nfds < 0 ? 0 : nfds > NFDS_MAX ? NFDS_MAX : nfds;
}

static const char *const set_names[] = {"readfds", "writefds", "exceptfds"};

static void select_enter(struct decode *d, bool is_pselect)
{
    int nfds = (int)decode_arg(d, 0);
    print_number(d->out, "nfds", nfds);
    for (unsigned i = 0; i < 3; i++) {
        spc_auto_buf struct spc_buf text = {0};
        uint64_t addr = decode_arg(d, i + 1);
        d->out->ops->separate(d->out);
        spc_buf_putc(&text, '[');
        if (addr && put_fdset(d, &text, addr, clamp_nfds(nfds))) {
            spc_buf_putc(&text, ']');
            print_symbol(d->out, set_names[i], spc_buf_str(&text));
        } else {
            print_address(d->out, set_names[i], addr);
        }
    }
    d->out->ops->separate(d->out);
    if (!is_pselect) {
        show_timeval(d, "timeout", decode_arg(d, 4));
        return;
    }
    decode_timespec(d, "timeout", decode_arg(d, 4));
    d->out->ops->separate(d->out);
    uint64_t pack[2]; // pselect6 packs the mask and its size (select(2), NOTES)
    if (!decode_fetch(d, "sigmask", decode_arg(d, 5), pack, sizeof(pack)))
        return;
    print_struct(d->out, "sigmask");
    decode_sigset(d, "sigmask", pack[0], pack[1]);
    print_count(d->out, "sigsetsize", pack[1]);
    print_struct_end(d->out);
}

static void select_exit(struct decode *d, bool is_pselect)
{
    static const char *const labels[] = {"in", "out", "except"};
    struct spc_buf *note = &d->call->note;
    if (d->call->event.is_failed)
        return;
    if (decode_result(d) == 0) {
        spc_buf_puts(note, "Timeout");
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        spc_auto_buf struct spc_buf text = {0};
        uint64_t addr = decode_arg(d, i + 1);
        if (addr && put_fdset(d, &text, addr, clamp_nfds((int)decode_arg(d, 0))) && text.len)
            spc_buf_printf(note, "%s%s [%s]", note->len ? ", " : "", labels[i], text.data);
    }
    if (is_pselect) {
        note_left(d, decode_arg(d, 4));
        return;
    }
    int64_t left[2];
    if (decode_arg(d, 4) && decode_get(d, decode_arg(d, 4), left, sizeof(left)))
        spc_buf_printf(note, "%sleft {tv_sec=%" PRId64 ", tv_usec=%" PRId64 "}",
                       note->len ? ", " : "", left[0], left[1]);
}

void special_select(struct decode *d)
{
    bool is_pselect = is_call(d, "pselect6");
    if (d->is_exit) {
        select_exit(d, is_pselect);
        return;
    }
    select_enter(d, is_pselect);
    d->call->is_complete = true;
}

static void put_epoll_event(struct decode *d, const char *name, const struct epoll_event *event)
{
    print_struct(d->out, name);
    decode_flags(d, "events", &flags_epoll_events, event->events);
    print_struct(d->out, "data");
    print_count(d->out, "u32", event->data.u32);
    print_count(d->out, "u64", event->data.u64);
    print_struct_end(d->out);
    print_struct_end(d->out);
}

void show_epoll_event(struct decode *d, const char *name, uint64_t value)
{
    struct epoll_event event;
    // EPOLL_CTL_DEL does not look at it.
    if ((int)decode_arg(d, 1) == EPOLL_CTL_DEL)
        print_address(d->out, name, value);
    else if (decode_fetch(d, name, value, &event, sizeof(event)))
        put_epoll_event(d, name, &event);
}

void show_epoll_events(struct decode *d, const char *name, uint64_t value)
{
    struct epoll_event event;
    uint64_t count = decode_result(d);
    if (count && !decode_get(d, value, &event, sizeof(event))) {
        print_address(d->out, name, value);
        return;
    }
    print_array(d->out, name);
    for (uint64_t i = 0; i < count; i++) {
        if ((!d->options->is_verbose && i >= d->options->string_limit) ||
            !decode_get(d, value + i * sizeof(event), &event, sizeof(event))) {
            print_more(d->out);
            break;
        }
        put_epoll_event(d, NULL, &event);
    }
    print_array_end(d->out);
}
