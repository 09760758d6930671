// SPDX-License-Identifier: BSD-2-Clause
// The classic format (IETF draft-ietf-opsawg-pcap), in the byte order of this machine.
#include "sink_file.h"

#include <errno.h>
#include <string.h>

#define MAGIC_NS 0xa1b23c4du
#define NS_PER_S UINT64_C(1000000000)

struct pcap_file {
    struct sniff_sink sink;
    struct sniff_file file;
    unsigned epoch;
    uint32_t snaplen;
    int linktype; // -1 until the first frame
};

static int write_header(struct pcap_file *pcap, int linktype, struct spc_err *err)
{
    struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t reserved[2], snaplen, linktype;
    } header = {
        .magic = MAGIC_NS,
        .major = 2,
        .minor = 4,
        .snaplen = pcap->snaplen,
        .linktype = (uint32_t)linktype,
    };
    uint8_t *room = sniff_file_room(&pcap->file, sizeof(header), err);
    if (!room)
        return err && err->code ? err->code : -EIO;
    memcpy(room, &header, sizeof(header));
    pcap->epoch = pcap->file.epoch;
    pcap->linktype = linktype;
    return 0;
}

static int check_linktype(struct pcap_file *pcap, const struct sniff_packet *packet,
                          struct spc_err *err)
{
    if (pcap->linktype < 0 || pcap->linktype == packet->iface->linktype)
        return 0;
    spc_err_say(err, -EINVAL, "write '%s': interface '%s' has another link type than the first one",
                pcap->file.path, packet->iface->label);
    spc_err_hint(err, "a pcap file holds one link type: choose an interface with -i, or write "
                      "pcapng");
    return -EINVAL;
}

static int pcap_packet(struct sniff_sink *sink, const struct sniff_packet *packet,
                       struct spc_err *err)
{
    struct pcap_file *pcap = (struct pcap_file *)sink;
    int r = check_linktype(pcap, packet, err);
    if (r == 0)
        r = sniff_file_rotate(&pcap->file, packet->ts_ns, err);
    if (r < 0)
        return r;
    if (r == 2)
        return SNIFF_SINK_DONE;
    if (pcap->epoch != pcap->file.epoch) {
        r = write_header(pcap, packet->iface->linktype, err);
        if (r < 0)
            return r;
    }

    uint32_t header[4] = {
        (uint32_t)(packet->ts_ns / NS_PER_S),
        (uint32_t)(packet->ts_ns % NS_PER_S),
        packet->caplen,
        packet->len,
    };
    uint8_t *room = sniff_file_room(&pcap->file, sizeof(header) + packet->caplen, err);
    if (!room)
        return err && err->code ? err->code : -EIO;
    memcpy(room, header, sizeof(header));
    memcpy(room + sizeof(header), packet->data, packet->caplen);
    return 0;
}

static int pcap_flush(struct sniff_sink *sink, uint64_t now_ns, struct spc_err *err)
{
    return sniff_file_idle(&((struct pcap_file *)sink)->file, now_ns, err);
}

static int pcap_finish(struct sniff_sink *sink, const struct sniff_ifaces *ifaces,
                       const struct sniff_totals *totals, struct spc_err *err)
{
    (void)ifaces, (void)totals;
    struct pcap_file *pcap = (struct pcap_file *)sink;
    // A capture of nothing is still a file that every reader accepts.
    int r = pcap->linktype < 0 ? write_header(pcap, SNIFF_LINK_ETHERNET, err) : 0;
    return r < 0 ? r : sniff_file_flush(&pcap->file, err);
}

static void pcap_free(struct sniff_sink *sink)
{
    struct pcap_file *pcap = (struct pcap_file *)sink;
    sniff_file_close(&pcap->file);
    free(pcap);
}

static const struct sniff_sink_ops pcap_ops = {
    .packet = pcap_packet,
    .flush = pcap_flush,
    .finish = pcap_finish,
    .free = pcap_free,
};

static size_t record_len(const uint8_t *data, size_t left)
{
    uint32_t word;
    if (left < 16)
        return 0;
    memcpy(&word, data, sizeof(word));
    if (word == MAGIC_NS)
        return 24;
    memcpy(&word, data + 8, sizeof(word));
    return 16 + (size_t)word;
}

int sniff_pcap_new(const struct sniff_file_options *options, struct sniff_sink **ret,
                   struct spc_err *err)
{
    struct pcap_file *pcap = calloc(1, sizeof(*pcap));
    if (!pcap)
        return spc_err_set(err, -ENOMEM, "pcap");
    *pcap = (struct pcap_file){
        .sink = {.ops = &pcap_ops},
        .file = SNIFF_FILE_NONE,
        .snaplen = options->snaplen,
        .linktype = -1,
    };
    int r = sniff_file_open(options->path, &options->rotation, options->now_ns, &pcap->file, err);
    if (r < 0) {
        pcap_free(&pcap->sink);
        return r;
    }
    pcap->file.is_unbuffered = options->is_unbuffered;
    pcap->file.record_len = record_len;
    *ret = &pcap->sink;
    return 0;
}
