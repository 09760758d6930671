// SPDX-License-Identifier: BSD-2-Clause
#include "options.h"

#include <string.h>

#define AT(member) SPC_OPT_AT(struct sniff_config, member)

static const struct spc_choice ways[] = {
    {"in", SNIFF_WAY_IN, NULL},
    {"out", SNIFF_WAY_OUT, NULL},
    {"inout", SNIFF_WAY_BOTH, NULL},
    {0},
};

const struct sniff_config sniff_defaults = {.interface = "any"};

// clang-format off
const struct spc_opt sniff_opts[] = {
    {.type = SPC_OPT_SECTION, .help = "What to capture"},
    {'i', "interface", SPC_OPT_STR, AT(interface), "IFACE", "Interface of the target, by name or number. 'any' is the default: every one, also those that appear later, each with its own link header."},
    {'c', NULL, SPC_OPT_U64, AT(count), "COUNT", "Stop after this many packets.", .min = 1},
    {0, "duration", SPC_OPT_DURATION, AT(duration_ns), "TIME", "Stop after this time (10s, 5m)."},
    {'s', "snapshot-length", SPC_OPT_U32, AT(snaplen), "BYTES", "Keep at most this much of each packet; 0 means the default, 262144.", .max = SNIFF_SNAPLEN},
    {0, "headers-only", SPC_OPT_FLAG, AT(is_headers_only), NULL, "Cut each packet behind its transport header: no payload is kept."},
    {'B', "buffer-size", SPC_OPT_U32, AT(buffer_kib), "KIB", "Size of the ring of each target (8192).", .min = 128, .max = 4 * 1024 * 1024},
    {'Q', "direction", SPC_OPT_CHOICE, AT(way), "WAY", "Only packets that go this way.", .choices = ways},
    {'p', "no-promiscuous-mode", SPC_OPT_FLAG, AT(is_promisc_off), NULL, "Do not make an interface promiscuous. That is the default here; accepted for tcpdump's sake."},
    {'F', NULL, SPC_OPT_STR, AT(filter_file), "FILE", "Read the filter expression from FILE."},
    {.type = SPC_OPT_SECTION, .help = "Capture files"},
    {'w', NULL, SPC_OPT_STR, AT(write), "FILE", "Write packets to FILE ('-': standard output) as pcapng, or as pcap when the name ends in .pcap."},
    {0, "pcap", SPC_OPT_FLAG, AT(is_pcap), NULL, "With -w: write pcap, whatever the name."},
    {0, "print", SPC_OPT_FLAG, AT(is_printed), NULL, "With -w: print as well."},
    {'U', "packet-buffered", SPC_OPT_FLAG, AT(is_unbuffered), NULL, "With -w: hand packets to the file as soon as they are there."},
    {'C', NULL, SPC_OPT_U32, AT(rotate_mb), "MB", "With -w: begin a new file when one has this many million bytes.", .min = 1},
    {'G', NULL, SPC_OPT_U32, AT(rotate_seconds), "SECONDS", "With -w: begin a new file after this time; the name is a strftime(3) pattern.", .min = 1},
    {'W', NULL, SPC_OPT_U32, AT(rotate_count), "COUNT", "With -C: keep a ring of this many files. With -G: stop after this many.", .min = 1},
    {'r', NULL, SPC_OPT_STR, AT(read), "FILE", "Read packets from FILE ('-': standard input), pcap or pcapng."},
    {.type = SPC_OPT_SECTION, .help = "Text"},
    {'n', NULL, SPC_OPT_COUNT, AT(numeric), NULL, "Show numbers, not names, of ports and addresses."},
    {'#', "number", SPC_OPT_FLAG, AT(is_numbered), NULL, "Number the packets."},
    {'t', NULL, SPC_OPT_COUNT, AT(time_level), NULL, "-t: no time. -tt: seconds since 1970. -ttt: since the packet before. -tttt: with the date. -ttttt: since the first packet."},
    {0, "nano", SPC_OPT_FLAG, AT(is_nano), NULL, "Show nanoseconds."},
    {'e', NULL, SPC_OPT_FLAG, AT(has_link), NULL, "Show the link header."},
    {'q', NULL, SPC_OPT_FLAG, AT(is_quiet), NULL, "Show less of each packet."},
    {'v', NULL, SPC_OPT_COUNT, AT(verbose), NULL, "Show more of each packet; -vv more."},
    {'x', NULL, SPC_OPT_COUNT, AT(hex), NULL, "Dump each packet in hex; -xx with the link header."},
    {'X', NULL, SPC_OPT_COUNT, AT(hex_ascii), NULL, "Dump each packet in hex and ASCII; -XX with the link header."},
    {'A', NULL, SPC_OPT_COUNT, AT(ascii), NULL, "Dump each packet in ASCII."},
    {'S', "absolute-tcp-sequence-numbers", SPC_OPT_FLAG, AT(has_raw_seq), NULL, "Show TCP sequence numbers as they are."},
    {'K', "dont-verify-checksums", SPC_OPT_FLAG, AT(is_unchecked), NULL, "Do not verify checksums."},
    {'l', NULL, SPC_OPT_FLAG, AT(is_line_buffered), NULL, "Hand each line over at once."},
    {0, "json", SPC_OPT_FLAG, AT(is_json), NULL, "Print one JSON object a packet."},
    {0, "count", SPC_OPT_FLAG, AT(is_count_only), NULL, "Print only the number of packets, at the end."},
    {.type = SPC_OPT_SECTION, .help = "Questions"},
    {'D', "list-interfaces", SPC_OPT_FLAG, AT(is_list_interfaces), NULL, "List the interfaces of the targets."},
    {'L', "list-data-link-types", SPC_OPT_FLAG, AT(is_list_linktypes), NULL, "List the link types."},
    {'y', "linktype", SPC_OPT_STR, AT(linktype), "TYPE", "Link type to capture with: EN10MB or RAW, which every interface has by its kind."},
    {'d', NULL, SPC_OPT_COUNT, AT(dump), NULL, "Print the compiled filter and stop; -dd as C, -ddd as numbers."},
    {0},
};

const struct spc_example sniff_examples[] = {
    {"spc sniff web", "what container 'web' sends and receives, on all its interfaces"},
    {"spc sniff -nX web tcp port 80", "HTTP of 'web' with hex dumps"},
    {"spc sniff -w all.pcapng web,db", "two containers in one file, for Wireshark"},
    {"spc sniff -w - web | wireshark -k -i -", "live in Wireshark"},
    {"spc sniff -Xs 1514 -i any -n host 192.0.2.7", "as tcpdump, in this network namespace"},
    {0},
};
// clang-format on

int sniff_options_check(const struct sniff_config *config, struct spc_err *err)
{
    bool rotates = config->rotate_mb || config->rotate_seconds || config->rotate_count;
    if (rotates && !config->write)
        return spc_err_usage(err, "-C, -G and -W need -w FILE");
    if (rotates && strcmp(config->write, "-") == 0)
        return spc_err_usage(err, "-C, -G and -W need a file, not standard output");
    if (config->rotate_count && !config->rotate_mb && !config->rotate_seconds)
        return spc_err_usage(err, "-W needs -C or -G");
    if ((config->is_pcap || config->is_printed || config->is_unbuffered) && !config->write)
        return spc_err_usage(err, "--pcap, --print and -U need -w FILE");
    if (config->is_printed && strcmp(config->write, "-") == 0)
        return spc_err_usage(err, "--print and -w - both want standard output");
    if (config->read && (config->way != SNIFF_WAY_BOTH || config->duration_ns))
        return spc_err_usage(err, "-Q and --duration do not go with -r");
    if (config->is_json && config->is_count_only)
        return spc_err_usage(err, "--json and --count do not go together");
    if (config->linktype && strcmp(config->linktype, "EN10MB") != 0 &&
        strcmp(config->linktype, "RAW") != 0)
        return spc_err_usage(err, "-y '%s': not EN10MB or RAW", config->linktype);
    return 0;
}
