// SPDX-License-Identifier: BSD-2-Clause
// One line a call, as strace writes it: the beginning when the call is entered, the rest when it
// returns; a line that another task interrupts is marked and taken up again later.
#include "sinks.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

struct lines_sink {
    struct spc_sink base;
    struct lines_options options;
    struct spc_output *output; // borrowed
    size_t line_start;         // in output->pending; only meaningful while nothing was flushed
    size_t column_base;        // columns of this line that were flushed already
    pid_t open_tid;            // whose line is not finished, 0 when none is
    pid_t first_tid;           // to see when a second one comes
    bool has_pids;
    uint64_t previous_ns; // time of the line before, for -r
};

static struct spc_buf *out_of(struct lines_sink *s)
{
    return &s->output->pending;
}

static size_t column_of(const struct lines_sink *s)
{
    return s->column_base + s->output->pending.len - s->line_start;
}

static int commit(struct lines_sink *s, struct spc_err *err)
{
    size_t column = column_of(s);
    int r = spc_output_commit(s->output, err);
    if (s->output->pending.len == 0) {
        s->column_base = column;
        s->line_start = 0;
    }
    return r;
}

static void begin_line(struct lines_sink *s)
{
    s->line_start = out_of(s)->len;
    s->column_base = 0;
}

static void put_time(struct lines_sink *s, uint64_t ns)
{
    const struct lines_options *o = &s->options;
    uint64_t seconds = ns / 1000000000, us = ns % 1000000000 / 1000;
    if (o->time == TIME_EPOCH) {
        spc_buf_printf(out_of(s), "%" PRIu64 ".%06" PRIu64 " ", seconds, us);
    } else if (o->time != TIME_NONE) {
        time_t now = (time_t)seconds;
        struct tm tm;
        localtime_r(&now, &tm);
        spc_buf_printf(out_of(s), "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
        if (o->time == TIME_MICROSECONDS)
            spc_buf_printf(out_of(s), ".%06" PRIu64, us);
        spc_buf_putc(out_of(s), ' ');
    }
    if (o->is_relative) {
        uint64_t since = s->previous_ns && ns > s->previous_ns ? ns - s->previous_ns : 0;
        s->previous_ns = ns;
        const char *fmt =
            o->time ? "(+%6" PRIu64 ".%06" PRIu64 ") " : "%6" PRIu64 ".%06" PRIu64 " ";
        spc_buf_printf(out_of(s), fmt, since / 1000000000, since % 1000000000 / 1000);
    }
}

// Finish the line of whoever has one open, then start one for this task.
static void lead(struct lines_sink *s, const struct spc_event *event)
{
    if (s->open_tid)
        spc_buf_puts(out_of(s), " <unfinished ...>\n");
    s->open_tid = 0;
    begin_line(s);
    if (!s->first_tid)
        s->first_tid = event->tid;
    if (event->tid != s->first_tid)
        s->has_pids = true;
    if (s->options.is_pid_plain && (s->has_pids || s->options.has_pids))
        spc_buf_printf(out_of(s), "%-5d ", event->tid);
    else if (s->has_pids || s->options.has_pids)
        spc_buf_printf(out_of(s), "[pid %5d] ", event->tid);
    put_time(s, event->time_ns);
}

static void call_enter(struct lines_sink *s, const struct spc_event_call *e)
{
    lead(s, &e->base);
    spc_buf_puts(out_of(s), e->name);
    spc_buf_putc(out_of(s), '(');
    spc_buf_add(out_of(s), e->args, e->args_len);
    s->open_tid = e->base.tid;
}

// Up to where the result stands.
static void pad(struct lines_sink *s)
{
    size_t column = column_of(s);
    if (column < s->options.column)
        spc_buf_pad(out_of(s), ' ', s->options.column - column);
}

static void resume_line(struct lines_sink *s, const struct spc_event_call *e)
{
    if (s->open_tid == e->base.tid)
        return;
    lead(s, &e->base);
    spc_buf_printf(out_of(s), "<... %s resumed>", e->name);
}

static void call_exit(struct lines_sink *s, const struct spc_event_call *e)
{
    struct spc_buf *out = out_of(s);
    resume_line(s, e);
    spc_buf_add(out, e->args + e->args_entered, e->args_len - e->args_entered);
    spc_buf_add(out, ") ", 2);
    pad(s);
    spc_buf_add(out, "= ", 2);
    spc_buf_puts(out, e->result_text);
    if (e->error_name)
        spc_buf_printf(out, " %s", e->error_name);
    if (e->note)
        spc_buf_printf(out, " (%s)", e->note);
    if (s->options.has_duration)
        spc_buf_printf(out, " <%" PRIu64 ".%06" PRIu64 ">", e->duration_ns / 1000000000,
                       e->duration_ns % 1000000000 / 1000);
    spc_buf_putc(out, '\n');
    s->open_tid = 0;
    begin_line(s);
}

static void call_end(struct lines_sink *s, const struct spc_event_call *e)
{
    resume_line(s, e);
    if (!e->is_complete)
        spc_buf_puts(out_of(s), " <unfinished ...>");
    spc_buf_puts(out_of(s), ") ");
    pad(s);
    spc_buf_puts(out_of(s), "= ?\n");
    s->open_tid = 0;
    begin_line(s);
}

static void signal_line(struct lines_sink *s, const struct spc_event_signal *e)
{
    lead(s, &e->base);
    if (e->base.kind == SPC_EVENT_STOP)
        spc_buf_printf(out_of(s), "--- stopped by %s ---\n", e->name);
    else if (e->info)
        spc_buf_printf(out_of(s), "--- %s %s ---\n", e->name, e->info);
    else
        spc_buf_printf(out_of(s), "--- %s ---\n", e->name);
}

static void exit_line(struct lines_sink *s, const struct spc_event_exit *e)
{
    if (s->options.hides_exits)
        return;
    lead(s, &e->base);
    if (e->signal)
        spc_buf_printf(out_of(s), "+++ killed by %s %s+++\n", e->signal_name,
                       e->has_core ? "(core dumped) " : "");
    else
        spc_buf_printf(out_of(s), "+++ exited with %d +++\n", e->status);
}

static void exec_line(struct lines_sink *s, const struct spc_event_exec *e)
{
    lead(s, &e->base);
    spc_buf_printf(out_of(s), "+++ superseded by execve in pid %d +++\n", e->by);
}

// Messages go to standard error also where the trace goes to a file, as strace has it.
static void message(struct lines_sink *s, const struct spc_event *event, const char *what)
{
    if (s->open_tid == event->tid && event->kind == SPC_EVENT_DETACH) {
        spc_buf_puts(out_of(s), " <detached ...>\n");
        s->open_tid = 0;
        begin_line(s);
    }
    if (s->options.is_quiet)
        return;
    spc_output_flush(s->output, NULL);
    dprintf(STDERR_FILENO, "%s: Process %d %s\n", s->options.tool, event->tid, what);
}

static int lines_event(struct spc_sink *base, const struct spc_event *event, struct spc_err *err)
{
    struct lines_sink *s = (struct lines_sink *)base;
    switch (event->kind) {
    case SPC_EVENT_CALL_ENTER:
        call_enter(s, (const struct spc_event_call *)event);
        break;
    case SPC_EVENT_CALL_EXIT:
        call_exit(s, (const struct spc_event_call *)event);
        break;
    case SPC_EVENT_CALL_END:
        call_end(s, (const struct spc_event_call *)event);
        break;
    case SPC_EVENT_SIGNAL:
    case SPC_EVENT_STOP:
        signal_line(s, (const struct spc_event_signal *)event);
        break;
    case SPC_EVENT_EXIT:
        exit_line(s, (const struct spc_event_exit *)event);
        break;
    case SPC_EVENT_EXEC:
        exec_line(s, (const struct spc_event_exec *)event);
        break;
    case SPC_EVENT_ATTACH:
        message(s, event, "attached");
        break;
    case SPC_EVENT_DETACH:
        message(s, event, "detached");
        break;
    case _SPC_EVENT_MAX:
        break;
    }
    return commit(s, err);
}

static int lines_lost(struct spc_sink *base, uint64_t n, struct spc_err *err)
{
    struct lines_sink *s = (struct lines_sink *)base;
    if (s->open_tid)
        spc_buf_puts(out_of(s), " <unfinished ...>\n");
    s->open_tid = 0;
    spc_buf_printf(out_of(s), "--- lost %" PRIu64 " events ---\n", n);
    begin_line(s);
    return commit(s, err);
}

static int lines_flush(struct spc_sink *base, struct spc_err *err)
{
    struct lines_sink *s = (struct lines_sink *)base;
    s->column_base = column_of(s);
    s->line_start = 0;
    return spc_output_flush(s->output, err);
}

static int lines_end(struct spc_sink *base, const struct spc_stats *stats, struct spc_err *err)
{
    struct lines_sink *s = (struct lines_sink *)base;
    (void)stats;
    if (s->open_tid)
        spc_buf_puts(out_of(s), " <unfinished ...>\n");
    s->open_tid = 0;
    return spc_output_flush(s->output, err);
}

static void lines_free(struct spc_sink *base)
{
    free(base);
}

static const struct spc_sink_ops lines_ops = {
    .name = "lines",
    .accepts = SPC_EVENT_ALL,
    .event = lines_event,
    .lost = lines_lost,
    .flush = lines_flush,
    .end = lines_end,
    .free = lines_free,
};

int strace_lines_open(struct spc_output *output, const struct lines_options *options,
                      struct spc_sink **ret, struct spc_err *err)
{
    struct lines_sink *s = calloc(1, sizeof(*s));
    if (!s)
        return spc_err_set(err, -ENOMEM, "open output");
    s->base.ops = &lines_ops;
    s->output = output;
    s->options = *options;
    *ret = &s->base;
    return 0;
}
