// SPDX-License-Identifier: BSD-2-Clause
#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

void systrace_word_put(struct spc_buf *out, const char *text)
{
    if (!*text || strcmp(text, "-") == 0) {
        spc_buf_puts(out, *text ? "%2d" : "-");
        return;
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c > ' ' && c < 0x7f && c != '%')
            spc_buf_putc(out, *text);
        else
            spc_buf_printf(out, "%%%02x", c);
    }
}

static int put(FILE *file, const struct spc_buf *text, struct spc_err *err)
{
    int r = spc_buf_check(text);
    if (r < 0)
        return spc_err_set(err, r, "formatting the recording");
    if (fwrite(spc_buf_str(text), 1, text->len, file) != text->len || fflush(file) != 0)
        return spc_err_set(err, -errno, "writing the recording");
    // What is on the disk survives the node; EINVAL is a pipe or a terminal.
    if (fdatasync(fileno(file)) < 0 && errno != EINVAL && errno != EROFS)
        return spc_err_set(err, -errno, "writing the recording");
    return 0;
}

int systrace_recording_write_head(FILE *file, const struct recording *recording,
                                  struct spc_err *err)
{
    spc_auto_buf struct spc_buf out = {0};
    spc_buf_printf(&out, "systrace-recording %d\n", RECORDING_VERSION);
    for (size_t i = 0; i < recording->meta_count; i++) {
        spc_buf_puts(&out, "meta ");
        systrace_word_put(&out, recording->meta[i].key);
        spc_buf_putc(&out, ' ');
        systrace_word_put(&out, recording->meta[i].value);
        spc_buf_putc(&out, '\n');
    }
    return put(file, &out, err);
}

static void put_hist(struct spc_buf *out, const char *key, const struct hist *hist)
{
    spc_buf_puts(out, key);
    for (unsigned i = 0; i < hist->size; i++)
        if (hist->count[i])
            spc_buf_printf(out, " %u:%" PRIu64, hist->first + i, hist->count[i]);
    spc_buf_putc(out, '\n');
}

static void put_call(struct spc_buf *out, const struct call_stats *c)
{
    const uint64_t numbers[] = {c->count,    c->total,     c->min,      c->max,
                                c->off,      c->run_queue, c->switched, c->errors,
                                c->restarts, c->denied,    c->no_entry, c->no_return};
    spc_buf_puts(out, "call ");
    systrace_word_put(out, c->group);
    spc_buf_putc(out, ' ');
    systrace_word_put(out, c->name);
    spc_buf_printf(out, " %s", systrace_abi_name(c->abi));
    for (size_t i = 0; i < SPC_ARRAY_SIZE(numbers); i++)
        spc_buf_printf(out, " %" PRIu64, numbers[i]);
    spc_buf_putc(out, '\n');
    if (c->wall.size)
        put_hist(out, "wall", &c->wall);
    if (c->cpu.size)
        put_hist(out, "cpu", &c->cpu);
    for (size_t i = 0; i < c->error_count; i++)
        spc_buf_printf(out, "error %u %" PRIu64 "\n", c->error_list[i].error,
                       c->error_list[i].count);
}

static void put_flight(struct spc_buf *out, const struct in_flight *f)
{
    spc_buf_printf(out, "flight %s %d %" PRIu64 " ", f->is_start ? "start" : "end", f->tid, f->ns);
    systrace_word_put(out, f->comm);
    spc_buf_putc(out, ' ');
    systrace_word_put(out, f->group);
    spc_buf_putc(out, ' ');
    systrace_word_put(out, f->name);
    spc_buf_putc(out, '\n');
}

int systrace_recording_write_run(FILE *file, size_t number, const struct sample *s,
                                 struct spc_err *err)
{
    spc_auto_buf struct spc_buf out = {0};
    const struct calibration *c = &s->calibration;
    spc_buf_printf(&out, "run %zu\ntime %" PRIu64 " %" PRIu64 " %s\n", number, s->start,
                   s->duration, s->is_cut ? "cut" : "whole");
    spc_buf_printf(&out, "calibration %.3f %.3f %.3f %.3f\n", c->spin, c->null_untraced,
                   c->null_traced, c->quantum);
    for (unsigned i = 0; i < SAMPLE_LOST_MAX; i++)
        spc_buf_printf(&out, "lost %s %" PRIu64 "\n", systrace_lost_name((enum lost_kind)i),
                       s->lost[i]);
    for (size_t i = 0; i < s->call_count; i++)
        put_call(&out, &s->calls[i]);
    for (size_t i = 0; i < s->flight_count; i++)
        put_flight(&out, &s->flights[i]);
    spc_buf_printf(&out, "done %zu\n", number);
    return put(file, &out, err);
}

int systrace_recording_write_end(FILE *file, size_t runs, struct spc_err *err)
{
    spc_auto_buf struct spc_buf out = {0};
    spc_buf_printf(&out, "end %zu\n", runs);
    return put(file, &out, err);
}
