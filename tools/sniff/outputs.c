// SPDX-License-Identifier: BSD-2-Clause
#include "outputs.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sink_file.h"

#define SERVICES_PATH "/etc/services"
#define MEGABYTE      UINT64_C(1000000)

void sniff_outputs_free(struct sniff_outputs *outputs)
{
    sniff_sinks_free(&outputs->sinks);
    if (outputs->names)
        sniff_names_free(outputs->names);
    *outputs = (struct sniff_outputs){0};
}

static bool ends_in(const char *str, const char *end)
{
    size_t len = strlen(str), end_len = strlen(end);
    return len >= end_len && strcmp(str + len - end_len, end) == 0;
}

static int open_file(const struct sniff_config *config, const char *filter, const char *command,
                     struct sniff_sink **ret, struct spc_err *err)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct sniff_file_options options = {
        .path = config->write,
        .rotation = {.size_max = config->rotate_mb * MEGABYTE,
                     .seconds = config->rotate_seconds,
                     .count = config->rotate_count},
        .is_unbuffered = config->is_unbuffered,
        .snaplen = config->snaplen ? config->snaplen : SNIFF_SNAPLEN,
        .command = command,
        .filter = filter,
        .now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
    };
    if (strcmp(config->write, "-") == 0 && isatty(STDOUT_FILENO))
        return spc_err_usage(err, "-w -: standard output is a terminal");
    bool is_pcap = config->is_pcap || ends_in(config->write, ".pcap");
    return is_pcap ? sniff_pcap_new(&options, ret, err) : sniff_pcapng_new(&options, ret, err);
}

static int open_text(const struct sniff_config *config, const struct sniff_names *names,
                     struct sniff_sink **ret, struct spc_err *err)
{
    struct sniff_text_options options = {
        .dissect =
            {
                .verbose = config->verbose,
                .is_quiet = config->is_quiet,
                .has_link = config->has_link,
                .has_raw_seq = config->has_raw_seq,
                .is_unchecked = config->is_unchecked,
                .names = names,
            },
        .hex = config->hex,
        .hex_ascii = config->hex_ascii,
        .ascii = config->ascii,
        .time_level = config->time_level,
        .is_nano = config->is_nano,
        .is_numbered = config->is_numbered,
        .has_interface = config->read || strcmp(config->interface, "any") == 0,
        .is_line_buffered = config->is_line_buffered,
        .is_json = config->is_json,
        .fd = STDOUT_FILENO,
    };
    return config->is_count_only ? sniff_count_new(ret, err) : sniff_text_new(&options, ret, err);
}

int sniff_outputs_open(const struct sniff_config *config, const char *filter, const char *command,
                       struct sniff_outputs *ret, struct spc_err *err)
{
    struct sniff_outputs outputs SPC_CLEANUP(sniff_outputs_free) = {0};
    struct sniff_sinks *sinks = &outputs.sinks;
    int r = 0;
    if (config->write) {
        r = open_file(config, filter, command, &sinks->items[0], err);
        sinks->count = r == 0;
    }
    if (r == 0 && (!config->write || config->is_printed)) {
        if (!config->numeric)
            r = sniff_names_new(SERVICES_PATH, &outputs.names, err);
        if (r == 0)
            r = open_text(config, outputs.names, &sinks->items[sinks->count], err);
        sinks->count += r == 0;
    }
    if (r < 0)
        return r;
    *ret = outputs;
    outputs = (struct sniff_outputs){0};
    return 0;
}
