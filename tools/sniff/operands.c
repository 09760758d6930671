// SPDX-License-Identifier: BSD-2-Clause
// Where the targets end and the filter begins.
#include "options.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>

#define FILTER_MAX (64u * 1024)

// Words that pcap-filter(7) can begin with. A container of such a name is spelt docker:tcp.
static const char *const filter_words[] = {
    "src",     "dst",  "net",     "port",     "portrange", "proto",     "ether",     "ip",
    "ip6",     "arp",  "rarp",    "tcp",      "udp",       "sctp",      "icmp",      "icmp6",
    "igmp",    "vlan", "mpls",    "pppoed",   "pppoes",    "broadcast", "multicast", "less",
    "greater", "not",  "inbound", "outbound", "gateway",   "link",      "ah",        "esp",
    "len",     "stp",  "iso",     "llc",      "geneve",    "ifname",    "vrrp",      "pim",
};

void sniff_operands_free(struct sniff_operands *operands)
{
    spc_strv_free(&operands->targets);
    free(operands->filter);
}

static bool begins_filter(const char *word)
{
    if (!isalnum((unsigned char)*word)) // "(", "!", "-"
        return true;
    size_t len = strcspn(word, " [(=<>!&|");
    if (word[len]) // one quoted expression, or tcp[13]
        return true;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(filter_words); i++)
        if (strcmp(filter_words[i], word) == 0)
            return true;
    return false;
}

static bool is_address(const char *word)
{
    return strspn(word, "0123456789.:/abcdefABCDEF") == strlen(word) && strpbrk(word, ".:");
}

static int split_targets(const char *word, struct spc_strv *ret, struct spc_err *err)
{
    spc_auto_free char *copy = strdup(word);
    char *rest;
    if (!copy)
        return spc_err_set(err, -ENOMEM, "targets");
    for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        int r = spc_strv_add(ret, item);
        if (r < 0)
            return spc_err_set(err, r, "targets");
    }
    if (ret->count == 0)
        return spc_err_usage(err, "'%s' names no target", word);
    return 0;
}

static int read_filter_file(const char *path, char **ret, struct spc_err *err)
{
    int r = 0;
    spc_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        r = -errno;
    else
        r = spc_read_fd(fd, FILTER_MAX, ret, NULL);
    return r < 0 ? spc_err_set(err, r, "filter file '%s'", path) : 0;
}

static int join(int argc, char **argv, char **ret, struct spc_err *err)
{
    spc_auto_buf struct spc_buf buf = {0};
    for (int i = 0; i < argc; i++) {
        if (i)
            spc_buf_putc(&buf, ' ');
        spc_buf_puts(&buf, argv[i]);
    }
    *ret = buf.len ? spc_buf_take(&buf) : strdup("");
    return *ret ? 0 : spc_err_set(err, -ENOMEM, "filter");
}

int sniff_operands_parse(int argc, char **argv, const char *filter_file, bool has_targets,
                         struct sniff_operands *ret, struct spc_err *err)
{
    struct sniff_operands operands SPC_CLEANUP(sniff_operands_free) = {0};
    int r = 0;
    if (has_targets && argc > 0 && !begins_filter(argv[0])) {
        // "host 192.0.2.7": tcpdump's own words, for the namespace we are in.
        bool is_filter = strcmp(argv[0], "host") == 0 && argc > 1 && is_address(argv[1]);
        if (!is_filter) {
            r = split_targets(argv[0], &operands.targets, err);
            argc--, argv++;
        }
    }
    if (r == 0 && filter_file && argc > 0)
        r = spc_err_usage(err, "a filter on the command line and -F do not go together");
    if (r == 0 && filter_file)
        r = read_filter_file(filter_file, &operands.filter, err);
    else if (r == 0)
        r = join(argc, argv, &operands.filter, err);
    if (r < 0)
        return r;
    *ret = operands;
    operands = (struct sniff_operands){0};
    return 0;
}
