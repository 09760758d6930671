// SPDX-License-Identifier: BSD-2-Clause
#include "sink_text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <spc/escape.h>
#include <spc/fd.h>
#include <spc/field_print.h>

#define FLUSH_AT (64u * 1024)

struct text_sink {
    struct sniff_sink sink;
    struct sniff_text_options options;
    struct stamp stamp;
    struct spc_buf out, line;
    struct sniff_info info;
    struct dissect dissect;
};

static const char *const directions[] = {
    [SNIFF_DIR_IN] = "In",   [SNIFF_DIR_BROADCAST] = "B", [SNIFF_DIR_MULTICAST] = "M",
    [SNIFF_DIR_OTHER] = "P", [SNIFF_DIR_OUT] = "Out",     [SNIFF_DIR_UNKNOWN] = NULL,
};
static_assert(SPC_ARRAY_SIZE(directions) == _SNIFF_DIR_MAX, "each direction");

static int write_out(struct text_sink *text, struct spc_err *err)
{
    int r = spc_buf_check(&text->out);
    if (r == 0)
        r = spc_write_all(text->options.fd, text->out.data, text->out.len);
    spc_buf_reset(&text->out);
    return r < 0 ? spc_err_set(err, r, "write to standard output") : 0;
}

static int text_flush(struct sniff_sink *sink, uint64_t now_ns, struct spc_err *err)
{
    (void)now_ns;
    struct text_sink *text = (struct text_sink *)sink;
    return text->out.len ? write_out(text, err) : 0;
}

static void put_dump(const struct text_sink *text, const struct sniff_packet *packet,
                     struct spc_buf *out)
{
    const struct sniff_text_options *o = &text->options;
    bool is_default = text->dissect.is_unknown && !o->dissect.is_quiet && !o->hex && !o->hex_ascii;
    unsigned level = o->hex_ascii ? o->hex_ascii : o->ascii ? o->ascii : o->hex;
    uint32_t skip = level > 1 ? 0 : text->dissect.link_len;
    if (skip > packet->caplen)
        skip = packet->caplen;
    const uint8_t *data = packet->data + skip;
    uint32_t len = packet->caplen - skip;
    if (o->hex_ascii || is_default)
        text_dump_hex_ascii(out, data, len);
    if (o->ascii && !o->hex_ascii)
        text_dump_ascii(out, data, len);
    else if (o->hex && !o->hex_ascii)
        text_dump_hex(out, data, len);
}

// Names of interfaces are chosen in the container.
static void put_interface(struct spc_buf *out, const struct sniff_packet *packet)
{
    size_t start = out->len;
    spc_escape_text(out, packet->iface->label, strlen(packet->iface->label));
    size_t used = out->len - start;
    spc_buf_pad(out, ' ', used < 5 ? 6 - used : 1);
    const char *direction = directions[packet->direction];
    if (!direction)
        return;
    spc_buf_puts(out, direction);
    spc_buf_pad(out, ' ', 4 - strlen(direction));
}

static void dissect_one(struct text_sink *text, const struct sniff_packet *packet,
                        struct spc_buf *out)
{
    sniff_info_reset(&text->info);
    text->dissect.out = out;
    dissect_packet(&text->dissect, packet);
}

static void put_line(struct text_sink *text, const struct sniff_packet *packet)
{
    struct spc_buf *out = &text->out;
    if (text->options.is_numbered) {
        spc_buf_printf(out, "%5" PRIu64 "  ", packet->number);
    }
    stamp_put(&text->stamp, packet->ts_ns, out);
    if (text->options.has_interface && *packet->iface->label)
        put_interface(out, packet);
    dissect_one(text, packet, out);
    put_dump(text, packet, out);
    spc_buf_putc(out, '\n');
}

static void put_json(struct text_sink *text, const struct sniff_packet *packet)
{
    char time[32];
    struct sniff_info *info = &text->info;
    spc_buf_reset(&text->line);
    dissect_one(text, packet, &text->line);
    snprintf(time, sizeof(time), "%" PRIu64 ".%09" PRIu64, packet->ts_ns / 1000000000u,
             packet->ts_ns % 1000000000u);
    info->time = time;
    info->time_ns = packet->ts_ns;
    info->number = packet->number;
    info->length = packet->len;
    info->captured = packet->caplen;
    info->lost = packet->lost_before;
    info->interface = packet->iface->label;
    info->direction = directions[packet->direction];
    info->comment = packet->comment;
    info->text = spc_buf_str(&text->line);
    struct spc_json json = {.buf = &text->out};
    spc_record_json(&sniff_info_kinds[info->kind], info, &json);
    spc_buf_putc(&text->out, '\n');
}

static int text_packet(struct sniff_sink *sink, const struct sniff_packet *packet,
                       struct spc_err *err)
{
    struct text_sink *text = (struct text_sink *)sink;
    if (text->options.is_json)
        put_json(text, packet);
    else
        put_line(text, packet);
    if (text->options.is_line_buffered || text->out.len >= FLUSH_AT)
        return write_out(text, err);
    return 0;
}

static int text_lost(struct sniff_sink *sink, const char *where, uint64_t count,
                     struct spc_err *err)
{
    (void)err;
    struct text_sink *text = (struct text_sink *)sink;
    if (!text->options.is_json)
        spc_buf_printf(&text->out,
                       "-- %" PRIu64 " packets of %s lost here (ring full; try -B) --\n", count,
                       where);
    return 0;
}

static int text_finish(struct sniff_sink *sink, const struct sniff_ifaces *ifaces,
                       const struct sniff_totals *totals, struct spc_err *err)
{
    (void)ifaces, (void)totals;
    return text_flush(sink, 0, err);
}

static void text_free(struct sniff_sink *sink)
{
    struct text_sink *text = (struct text_sink *)sink;
    spc_buf_free(&text->out);
    spc_buf_free(&text->line);
    sniff_info_free(&text->info);
    tcp_numbers_free(text->dissect.numbers);
    free(text);
}

static const struct sniff_sink_ops text_ops = {
    .packet = text_packet,
    .lost = text_lost,
    .flush = text_flush,
    .finish = text_finish,
    .free = text_free,
};

int sniff_text_new(const struct sniff_text_options *options, struct sniff_sink **ret,
                   struct spc_err *err)
{
    struct text_sink *text = calloc(1, sizeof(*text));
    if (text)
        text->dissect.numbers = tcp_numbers_new();
    if (!text || !text->dissect.numbers) {
        free(text);
        return spc_err_set(err, -ENOMEM, "text");
    }
    text->sink.ops = &text_ops;
    text->options = *options;
    text->stamp = (struct stamp){.level = options->time_level, .is_nano = options->is_nano};
    text->dissect.opt = &text->options.dissect;
    text->dissect.info = &text->info;
    *ret = &text->sink;
    return 0;
}

static int count_packet(struct sniff_sink *sink, const struct sniff_packet *packet,
                        struct spc_err *err)
{
    (void)sink, (void)packet, (void)err;
    return 0;
}

static int count_flush(struct sniff_sink *sink, uint64_t now_ns, struct spc_err *err)
{
    (void)sink, (void)now_ns, (void)err;
    return 0;
}

static int count_finish(struct sniff_sink *sink, const struct sniff_ifaces *ifaces,
                        const struct sniff_totals *totals, struct spc_err *err)
{
    (void)sink, (void)ifaces;
    if (printf("%" PRIu64 " packets\n", totals->captured) < 0 || fflush(stdout) != 0)
        return spc_err_set(err, -errno, "write to standard output");
    return 0;
}

static void count_free(struct sniff_sink *sink)
{
    free(sink);
}

static const struct sniff_sink_ops count_ops = {
    .packet = count_packet,
    .flush = count_flush,
    .finish = count_finish,
    .free = count_free,
};

int sniff_count_new(struct sniff_sink **ret, struct spc_err *err)
{
    struct sniff_sink *sink = calloc(1, sizeof(*sink));
    if (!sink)
        return spc_err_set(err, -ENOMEM, "count");
    sink->ops = &count_ops;
    *ret = sink;
    return 0;
}
