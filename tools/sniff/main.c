// SPDX-License-Identifier: BSD-2-Clause
// sniff: packet capture of containers from outside.
//
// Order: options -> targets -> outputs -> privileged opens -> confinement -> loop -> statistics.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>

#include <spc/fd.h>

#include "capture.h"
#include "confine.h"
#include "headers.h"
#include "interfaces.h"
#include "options.h"
#include "outputs.h"
#include "reader.h"
#include "targets.h"

int sniff_main(int argc, char **argv);

#define RETIRE_LIVE_MS 10 // somebody is looking
#define RETIRE_FILE_MS 60

static uint32_t snaplen_of(const struct sniff_config *config)
{
    return config->snaplen ? config->snaplen : SNIFF_SNAPLEN;
}

// --- questions that need no capture ---

static int dump_filter(const struct sniff_config *config, const char *filter, struct spc_err *err)
{
    sniff_auto_prog struct sniff_prog prog = {0};
    bool is_raw = config->linktype && strcmp(config->linktype, "RAW") == 0;
    int r = sniff_filter_compile(filter, is_raw ? SNIFF_LINK_RAW : SNIFF_LINK_ETHERNET,
                                 snaplen_of(config), &prog, err);
    if (r < 0)
        return r;
    spc_auto_buf struct spc_buf out = {0};
    sniff_filter_dump(&prog, config->dump, &out);
    fputs(spc_buf_str(&out), stdout);
    return fflush(stdout) == 0 ? 0 : spc_err_set(err, -errno, "write to standard output");
}

static int list_interfaces(struct sniff_places *places, struct spc_err *err)
{
    int r = sniff_places_open(places, SNIFF_SOCKET_ROUTE, err);
    for (size_t i = 0; i < places->count && r == 0; i++)
        r = sniff_interfaces_print(places->items[i].socket, places->items[i].label, err);
    if (r == 0 && fflush(stdout) != 0)
        r = spc_err_set(err, -errno, "write to standard output");
    return r;
}

static int list_linktypes(struct spc_err *err)
{
    printf("Data link types of every interface:\n  EN10MB (Ethernet)\n  RAW (Raw IP)\n");
    return fflush(stdout) == 0 ? 0 : spc_err_set(err, -errno, "write to standard output");
}

// --- reading a file ---

// One compiled filter for each link type that the file turns out to hold.
struct file_filter {
    int linktype;
    struct sniff_prog prog;
    bool is_compiled;
};

static void file_filter_free(struct file_filter *filter)
{
    sniff_prog_free(&filter->prog);
}

// 1: wanted, 0: not, or an error.
static int file_match(struct file_filter *filter, const char *expression,
                      const struct sniff_packet *packet, struct spc_err *err)
{
    if (!*expression)
        return 1;
    if (!filter->is_compiled || filter->linktype != packet->iface->linktype) {
        sniff_prog_free(&filter->prog);
        filter->is_compiled = false;
        int r = sniff_filter_compile(expression, packet->iface->linktype, SNIFF_SNAPLEN,
                                     &filter->prog, err);
        if (r < 0)
            return r;
        filter->linktype = packet->iface->linktype;
        filter->is_compiled = true;
    }
    return sniff_filter_match(&filter->prog, packet->data, packet->caplen, packet->len);
}

static int read_packets(const struct sniff_config *config, struct sniff_reader *reader,
                        const char *expression, struct sniff_outputs *outputs,
                        struct sniff_totals *totals, struct spc_err *err)
{
    struct file_filter filter SPC_CLEANUP(file_filter_free) = {0};
    struct sniff_packet packet;
    int r;
    while ((r = sniff_reader_next(reader, &packet, err)) > 0) {
        r = file_match(&filter, expression, &packet, err);
        if (r < 0)
            return r;
        if (r == 0)
            continue;
        if (config->snaplen && packet.caplen > config->snaplen)
            packet.caplen = config->snaplen;
        if (config->is_headers_only)
            sniff_headers_cut(&packet);
        packet.number = totals->captured + 1;
        r = sniff_sinks_packet(&outputs->sinks, &packet, err);
        if (r != 0)
            return r < 0 ? r : 0;
        totals->captured++;
        if (config->count && totals->captured >= config->count)
            return 0;
    }
    return r;
}

static int run_file(const struct sniff_config *config, const char *expression,
                    struct sniff_outputs *outputs, struct spc_err *err)
{
    struct sniff_reader *reader SPC_CLEANUP(sniff_reader_free_p) = NULL;
    struct sniff_totals totals = {0};
    sniff_auto_prog struct sniff_prog check = {0};
    int r = 0;
    if (*expression) // a bad one is told before anything is printed
        r = sniff_filter_compile(expression, SNIFF_LINK_ETHERNET, SNIFF_SNAPLEN, &check, err);
    if (r == 0)
        r = sniff_reader_open(config->read, &reader, err);
    if (r == 0)
        r = sniff_confine(
            &(struct sniff_confinement){.opens_files = config->rotate_mb || config->rotate_seconds},
            err);
    if (r < 0)
        return r;
    r = read_packets(config, reader, expression, outputs, &totals, err);
    int r2 = sniff_sinks_finish(&outputs->sinks, sniff_reader_ifaces(reader), &totals,
                                r < 0 ? NULL : err);
    return r < 0 ? r : r2;
}

// --- capturing ---

static int find_interface(int fd, const char *name, int *ret, struct spc_err *err)
{
    uint64_t number;
    if (strcmp(name, "any") == 0) {
        *ret = 0;
        return 0;
    }
    struct ifreq req = {0};
    if (spc_parse_u64(name, &number) == 0 && number && number <= INT32_MAX) {
        req.ifr_ifindex = (int)number;
        *ret = (int)number;
        if (ioctl(fd, SIOCGIFNAME, &req) == 0)
            return 0;
    } else if (strlen(name) < sizeof(req.ifr_name)) {
        memcpy(req.ifr_name, name, strlen(name) + 1);
        if (ioctl(fd, SIOCGIFINDEX, &req) == 0) {
            *ret = req.ifr_ifindex;
            return 0;
        }
    }
    spc_err_say(err, -ENODEV, "interface '%s': no such interface", name);
    return spc_err_hint(err, "-D lists them");
}

static int open_rings(const struct sniff_config *config, const struct sniff_prog *filter,
                      struct sniff_places *places, struct sniff_capture *capture,
                      struct spc_err *err)
{
    capture->live = calloc(places->count, sizeof(*capture->live));
    if (!capture->live)
        return spc_err_set(err, -ENOMEM, "capture");
    for (size_t i = 0; i < places->count; i++) {
        struct sniff_place *place = &places->items[i];
        struct sniff_live *live = &capture->live[capture->live_count];
        *live = (struct sniff_live){.ring = SNIFF_RING_NONE, .pidfd = SPC_NOFD};
        struct sniff_ring_options options = {
            .buffer_kib = config->buffer_kib,
            .retire_ms = capture->retire_ms,
            .filter = filter,
        };
        int r = find_interface(place->socket, config->interface, &options.ifindex, err);
        if (r == 0)
            r = sniff_ring_open(SPC_TAKE_FD(place->socket), &options, &live->ring, err);
        if (r < 0)
            return place->label ? spc_err_wrap(err, "%s", place->label) : r;
        live->pidfd = SPC_TAKE_FD(place->pidfd);
        live->label = SPC_TAKE_PTR(place->label);
        live->about = SPC_TAKE_PTR(place->about);
        capture->live_count++;
    }
    return 0;
}

static int open_signals(struct spc_err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of write(2)
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : spc_err_set(err, -errno, "signalfd");
}

static void print_start(const struct sniff_config *config, const struct sniff_capture *capture)
{
    spc_auto_buf struct spc_buf where = {0};
    for (size_t i = 0; i < capture->live_count; i++)
        if (capture->live[i].label)
            spc_buf_printf(&where, "%s%s", where.len ? ", " : " of ", capture->live[i].label);
    if (!config->write && !config->verbose && !config->is_json)
        fprintf(stderr,
                "sniff: verbose output suppressed, use -v[v]... for full protocol decode\n");
    fprintf(stderr, "listening on %s%s, snapshot length %u bytes\n", config->interface,
            spc_buf_str(&where), snaplen_of(config));
}

static void print_totals(const struct sniff_totals *totals)
{
    fprintf(stderr,
            "%" PRIu64 " packets captured\n%" PRIu64 " packets received by filter\n%" PRIu64
            " packets dropped by kernel\n",
            totals->captured, totals->captured + totals->lost, totals->lost);
}

static int run_live(const struct sniff_config *config, const char *expression,
                    struct sniff_places *places, struct sniff_outputs *outputs, struct spc_err *err)
{
    struct sniff_capture capture SPC_CLEANUP(sniff_capture_free) = {
        .signal_fd = SPC_NOFD,
        .retire_ms = config->write && !config->is_printed && !config->is_unbuffered &&
                             strcmp(config->write, "-") != 0
                         ? RETIRE_FILE_MS
                         : RETIRE_LIVE_MS,
        .count_max = config->count,
        .duration_ns = config->duration_ns,
        .is_headers_only = config->is_headers_only,
        .sinks = &outputs->sinks,
    };
    sniff_auto_prog struct sniff_prog kernel = {0}, late = {0};
    bool is_late = sniff_filter_needs_tags(expression);
    int r = sniff_filter_compile_any(is_late ? "" : expression, snaplen_of(config),
                                     (enum sniff_way)config->way, &kernel, err);
    if (r == 0 && is_late)
        r = sniff_filter_compile(expression, SNIFF_LINK_ETHERNET, snaplen_of(config), &late, err);
    if (r < 0)
        return r;
    capture.late_filter = is_late ? &late : NULL;

    capture.signal_fd = open_signals(err);
    if (capture.signal_fd < 0)
        return capture.signal_fd;
    r = open_rings(config, &kernel, places, &capture, err);
    if (r == 0)
        r = sniff_confine(
            &(struct sniff_confinement){.opens_files = config->rotate_mb || config->rotate_seconds},
            err);
    if (r < 0)
        return r;

    print_start(config, &capture);
    r = sniff_capture_run(&capture, err);
    int r2 =
        sniff_sinks_finish(&outputs->sinks, &capture.ifaces, &capture.totals, r < 0 ? NULL : err);
    print_totals(&capture.totals);
    if (r < 0 || r2 < 0)
        return r < 0 ? r : r2;
    return capture.totals.lost ? SPC_EXIT_LOST : SPC_EXIT_OK;
}

// As it was typed, for the comment of a capture file.
static char *command_line(void)
{
    char text[1024];
    ssize_t n = spc_read_small(AT_FDCWD, "/proc/self/cmdline", text, sizeof(text));
    for (ssize_t i = 0; i + 1 < n; i++)
        if (!text[i])
            text[i] = ' ';
    return strdup(n > 0 ? text : "sniff");
}

static int sniff_run(void *opaque, int argc, char **argv, struct spc_err *err)
{
    const struct sniff_config *config = opaque;
    struct sniff_operands operands SPC_CLEANUP(sniff_operands_free) = {0};
    struct sniff_places places SPC_CLEANUP(sniff_places_free) = {0};
    struct sniff_outputs outputs SPC_CLEANUP(sniff_outputs_free) = {0};
    spc_auto_free char *command = command_line();

    tzset(); // reads a file, which the confined part cannot
    int r = sniff_options_check(config, err);
    if (r == 0)
        r = sniff_operands_parse(argc, argv, config->filter_file, !config->read && !config->dump,
                                 &operands, err);
    if (r != 0)
        return r;
    if (config->dump)
        return dump_filter(config, operands.filter, err);
    if (config->is_list_linktypes)
        return list_linktypes(err);
    if (!config->read)
        r = sniff_places_resolve(&operands.targets, &places, err);
    if (r != 0)
        return r;
    if (config->is_list_interfaces)
        return list_interfaces(&places, err);
    if (!config->read)
        r = sniff_places_open(&places, SNIFF_SOCKET_PACKET, err);
    if (r == 0)
        r = sniff_outputs_open(config, operands.filter, command, &outputs, err);
    if (r != 0)
        return r;
    return config->read ? run_file(config, operands.filter, &outputs, err)
                        : run_live(config, operands.filter, &places, &outputs, err);
}

int sniff_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc sniff",
        .operands = "[TARGET[,TARGET...]] [FILTER EXPRESSION]\n-r FILE [FILTER EXPRESSION]",
        .description = "Capture what a container sends and receives, from outside of it. Options "
                       "and output are tcpdump's. Without TARGET: the network namespace that "
                       "sniff runs in. FILTER is libpcap's language, see pcap-filter(7).",
        .opts = sniff_opts,
        .examples = sniff_examples,
        .run = sniff_run,
        .config_size = sizeof(struct sniff_config),
        .defaults = &sniff_defaults,
    };
    return spc_cmd_main(&cmd, argc, argv);
}
