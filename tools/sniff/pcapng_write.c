// SPDX-License-Identifier: BSD-2-Clause
// pcapng (IETF draft-ietf-opsawg-pcapng), in the byte order of this machine, nanoseconds.
#include "sink_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <spc/version.h>

enum block_type {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
};

enum option_code {
    OPT_END = 0,
    OPT_COMMENT = 1,
    SHB_OS = 3,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_DESCRIPTION = 3,
    IF_IPV4ADDR = 4,
    IF_MACADDR = 6,
    IF_TSRESOL = 9,
    IF_FILTER = 11,
    IF_OS = 12,
    EPB_FLAGS = 2,
    EPB_DROPCOUNT = 4,
    ISB_STARTTIME = 2,
    ISB_ENDTIME = 3,
    ISB_IFRECV = 4,
    ISB_IFDROP = 5,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define NS_RESOLUTION    9
#define NAME_RECORD_IP4  1
#define LENGTH_UNKNOWN   UINT64_MAX

struct pcapng {
    struct sniff_sink sink;
    struct sniff_file file;
    unsigned ifaces_in_file;
    unsigned epoch; // of the file whose section header is written
    uint32_t snaplen;
    char *command, *filter;
    struct utsname uts;
    uint64_t start_ns;
};

// A block under construction: fixed part and options, grown on a small stack of bytes.
struct block {
    uint8_t data[4096];
    size_t len;
};

static void put(struct block *b, const void *data, size_t len)
{
    if (!len || len > sizeof(b->data) - b->len)
        return; // all callers are bounded; see put_text
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void put_u16(struct block *b, uint16_t value)
{
    put(b, &value, sizeof(value));
}

static void put_u32(struct block *b, uint32_t value)
{
    put(b, &value, sizeof(value));
}

static void put_padding(struct block *b)
{
    static const uint8_t zeros[4];
    put(b, zeros, -b->len & 3);
}

static void put_option(struct block *b, uint16_t code, const void *data, size_t len)
{
    put_u16(b, code);
    put_u16(b, (uint16_t)len);
    put(b, data, len);
    put_padding(b);
}

#define TEXT_MAX 1024 // of one option; the longest thing here is a command line

static void put_text(struct block *b, uint16_t code, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len)
        put_option(b, code, text, len < TEXT_MAX ? len : TEXT_MAX);
}

static void begin_block(struct block *b, uint32_t type)
{
    b->len = 0;
    put_u32(b, type);
    put_u32(b, 0); // the length, set at the end
}

static int end_block(struct pcapng *png, struct block *b, struct spc_err *err)
{
    uint32_t total = (uint32_t)b->len + sizeof(total);
    put_u32(b, total);
    memcpy(b->data + 4, &total, sizeof(total));
    uint8_t *room = sniff_file_room(&png->file, b->len, err);
    if (!room)
        return err && err->code ? err->code : -EIO;
    memcpy(room, b->data, b->len);
    return 0;
}

static int write_section(struct pcapng *png, struct spc_err *err)
{
    struct block b;
    char text[sizeof(png->uts.sysname) + sizeof(png->uts.release) + 2];
    uint64_t length = LENGTH_UNKNOWN;

    begin_block(&b, BLOCK_SECTION);
    put_u32(&b, BYTE_ORDER_MAGIC);
    put_u16(&b, 1); // version 1.0
    put_u16(&b, 0);
    put(&b, &length, sizeof(length));
    snprintf(text, sizeof(text), "%s %s", png->uts.sysname, png->uts.release);
    put_text(&b, SHB_OS, text);
    put_text(&b, SHB_USERAPPL, "spc sniff " SPC_VERSION);
    put_text(&b, OPT_COMMENT, png->command);
    put_option(&b, OPT_END, NULL, 0);
    png->ifaces_in_file = 0;
    png->epoch = png->file.epoch;
    return end_block(png, &b, err);
}

static void put_filter(struct block *b, const char *filter)
{
    if (!filter || !*filter)
        return;
    // A leading byte says which kind of filter follows: 0 is the filter language.
    char text[TEXT_MAX];
    size_t len = strlen(filter);
    if (len > sizeof(text) - 1)
        len = sizeof(text) - 1;
    text[0] = 0;
    memcpy(text + 1, filter, len);
    put_option(b, IF_FILTER, text, len + 1);
}

static int write_iface(struct pcapng *png, struct sniff_iface *iface, struct spc_err *err)
{
    struct block b;
    uint8_t resolution = NS_RESOLUTION;

    begin_block(&b, BLOCK_INTERFACE);
    put_u16(&b, (uint16_t)iface->linktype);
    put_u16(&b, 0);
    put_u32(&b, png->snaplen); // the same for all: libpcap refuses a file where they differ
    put_text(&b, IF_NAME, iface->label);
    put_text(&b, IF_DESCRIPTION, iface->description);
    if (iface->has_ip4) {
        uint8_t address[8];
        memcpy(address, iface->ip4, 4);
        memcpy(address + 4, iface->mask4, 4);
        put_option(&b, IF_IPV4ADDR, address, sizeof(address));
    }
    if (iface->has_mac)
        put_option(&b, IF_MACADDR, iface->mac, sizeof(iface->mac));
    put_option(&b, IF_TSRESOL, &resolution, 1);
    put_filter(&b, png->filter);
    put_option(&b, OPT_END, NULL, 0);
    iface->file_id = png->ifaces_in_file++;
    iface->file_epoch = png->epoch;
    return end_block(png, &b, err);
}

// So that Wireshark shows "web" for the container's address.
static int write_names(struct pcapng *png, const struct sniff_iface *iface, struct spc_err *err)
{
    const char *colon = strchr(iface->label, ':');
    if (!iface->has_ip4 || !colon || iface->ip4[0] == 127)
        return 0;
    size_t len = (size_t)(colon - iface->label);
    struct block b;
    begin_block(&b, BLOCK_NAMES);
    put_u16(&b, NAME_RECORD_IP4);
    put_u16(&b, (uint16_t)(4 + len + 1));
    put(&b, iface->ip4, 4);
    put(&b, iface->label, len);
    put(&b, "", 1);
    put_padding(&b);
    put_u32(&b, 0); // end of records
    return end_block(png, &b, err);
}

// epb_flags: bits 0-1 direction (1 in, 2 out), 2-4 kind of reception (1 unicast, 2 multicast,
// 3 broadcast, 4 promiscuous).
static uint32_t packet_flags(const struct sniff_packet *packet)
{
    static const uint8_t flags[] = {
        [SNIFF_DIR_IN] = 1 | 1 << 2,
        [SNIFF_DIR_BROADCAST] = 1 | 3 << 2,
        [SNIFF_DIR_MULTICAST] = 1 | 2 << 2,
        [SNIFF_DIR_OTHER] = 1 | 4 << 2,
        [SNIFF_DIR_OUT] = 2,
        [SNIFF_DIR_UNKNOWN] = 0,
    };
    static_assert(sizeof(flags) == _SNIFF_DIR_MAX, "each direction");
    return flags[packet->direction];
}

// The options of a packet that has more to say than its flags: the loss before it, a comment.
static size_t rare_options(const struct sniff_packet *packet, struct block *b)
{
    uint32_t flags = packet_flags(packet);
    b->len = 0;
    if (flags)
        put_option(b, EPB_FLAGS, &flags, sizeof(flags));
    if (packet->lost_before)
        put_option(b, EPB_DROPCOUNT, &packet->lost_before, sizeof(packet->lost_before));
    put_text(b, OPT_COMMENT, packet->comment);
    if (b->len)
        put_option(b, OPT_END, NULL, 0);
    return b->len;
}

static int write_packet(struct pcapng *png, const struct sniff_packet *packet, struct spc_err *err)
{
    // Every packet passes here: what nearly all of them need is laid out without a detour.
    struct block rare;
    uint32_t flags[3] = {EPB_FLAGS | sizeof(uint32_t) << 16, packet_flags(packet), OPT_END};
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        flags[0] = EPB_FLAGS << 16 | sizeof(uint32_t);
    bool is_rare = packet->lost_before || packet->comment;
    const void *options = is_rare ? (const void *)rare.data : flags;
    size_t options_len = is_rare ? rare_options(packet, &rare) : flags[1] ? sizeof(flags) : 0;
    size_t padded = (packet->caplen + 3u) & ~(size_t)3;
    uint32_t total = (uint32_t)(32 + padded + options_len);
    uint8_t *room = sniff_file_room(&png->file, total, err);
    if (!room)
        return err && err->code ? err->code : -EIO;

    uint32_t header[7] = {
        BLOCK_PACKET,
        total,
        packet->iface->file_id,
        (uint32_t)(packet->ts_ns >> 32),
        (uint32_t)packet->ts_ns,
        packet->caplen,
        packet->len,
    };
    memcpy(room, header, sizeof(header));
    room += sizeof(header);
    memcpy(room, packet->data, packet->caplen);
    for (size_t i = packet->caplen; i < padded; i++)
        room[i] = 0;
    memcpy(room + padded, options, options_len);
    memcpy(room + padded + options_len, &total, sizeof(total));
    return 0;
}

static int pcapng_packet(struct sniff_sink *sink, const struct sniff_packet *packet,
                         struct spc_err *err)
{
    struct pcapng *png = (struct pcapng *)sink;
    int r = sniff_file_rotate(&png->file, packet->ts_ns, err);
    if (r < 0)
        return r;
    if (r == 2)
        return SNIFF_SINK_DONE;
    if (png->epoch != png->file.epoch) {
        r = write_section(png, err);
        if (r < 0)
            return r;
    }
    if (packet->iface->file_epoch != png->epoch) {
        r = write_iface(png, packet->iface, err);
        if (r == 0)
            r = write_names(png, packet->iface, err);
        if (r < 0)
            return r;
    }
    return write_packet(png, packet, err);
}

static int pcapng_flush(struct sniff_sink *sink, uint64_t now_ns, struct spc_err *err)
{
    return sniff_file_idle(&((struct pcapng *)sink)->file, now_ns, err);
}

static void put_time(struct block *b, uint16_t code, uint64_t ns)
{
    uint32_t halves[2] = {(uint32_t)(ns >> 32), (uint32_t)ns};
    put_option(b, code, halves, sizeof(halves));
}

static int write_statistics(struct pcapng *png, const struct sniff_iface *iface,
                            const struct sniff_totals *totals, struct spc_err *err)
{
    struct block b;
    begin_block(&b, BLOCK_STATISTICS);
    put_u32(&b, iface->file_id);
    put_u32(&b, (uint32_t)(totals->end_ns >> 32));
    put_u32(&b, (uint32_t)totals->end_ns);
    put_time(&b, ISB_STARTTIME, totals->start_ns);
    put_time(&b, ISB_ENDTIME, totals->end_ns);
    put_option(&b, ISB_IFRECV, &iface->received, sizeof(iface->received));
    put_option(&b, ISB_IFDROP, &iface->dropped, sizeof(iface->dropped));
    put_option(&b, OPT_END, NULL, 0);
    return end_block(png, &b, err);
}

static int pcapng_finish(struct sniff_sink *sink, const struct sniff_ifaces *ifaces,
                         const struct sniff_totals *totals, struct spc_err *err)
{
    struct pcapng *png = (struct pcapng *)sink;
    int r = 0;
    for (size_t i = 0; i < ifaces->count && r == 0 && totals->end_ns; i++)
        if (ifaces->items[i]->file_epoch == png->epoch)
            r = write_statistics(png, ifaces->items[i], totals, err);
    int r2 = sniff_file_flush(&png->file, r < 0 ? NULL : err);
    return r < 0 ? r : r2;
}

static void pcapng_free(struct sniff_sink *sink)
{
    struct pcapng *png = (struct pcapng *)sink;
    sniff_file_close(&png->file);
    free(png->command);
    free(png->filter);
    free(png);
}

static const struct sniff_sink_ops pcapng_ops = {
    .packet = pcapng_packet,
    .flush = pcapng_flush,
    .finish = pcapng_finish,
    .free = pcapng_free,
};

static size_t block_len(const uint8_t *data, size_t left)
{
    uint32_t total;
    if (left < 8)
        return 0;
    memcpy(&total, data + 4, sizeof(total));
    return total;
}

int sniff_pcapng_new(const struct sniff_file_options *options, struct sniff_sink **ret,
                     struct spc_err *err)
{
    struct pcapng *png = calloc(1, sizeof(*png));
    if (!png)
        return spc_err_set(err, -ENOMEM, "pcapng");
    *png = (struct pcapng){
        .sink = {.ops = &pcapng_ops},
        .file = SNIFF_FILE_NONE,
        .snaplen = options->snaplen,
        .command = options->command ? strdup(options->command) : NULL,
        .filter = options->filter ? strdup(options->filter) : NULL,
    };
    uname(&png->uts);
    int r = sniff_file_open(options->path, &options->rotation, options->now_ns, &png->file, err);
    png->file.is_unbuffered = options->is_unbuffered;
    png->file.record_len = block_len;
    // The header goes out at once: a reader of a pipe sees that there is something.
    if (r == 0)
        r = write_section(png, err);
    if (r < 0) {
        pcapng_free(&png->sink);
        return r;
    }
    *ret = &png->sink;
    return 0;
}
