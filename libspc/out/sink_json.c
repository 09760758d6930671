// SPDX-License-Identifier: BSD-2-Clause
// JSON lines (https://jsonlines.org) of any event: the field table says everything.
#include <spc/sink.h>

#include <spc/field_print.h>
#include <spc/json_writer.h>

struct json_sink {
    struct spc_sink base;
    struct spc_output *output; // borrowed
};

static int json_event(struct spc_sink *base, const struct spc_event *event, struct spc_err *err)
{
    struct json_sink *sink = (struct json_sink *)base;
    struct spc_json json = {.buf = &sink->output->pending};
    spc_record_json(spc_event_record(event->kind), event, &json);
    spc_buf_putc(&sink->output->pending, '\n');
    return spc_output_commit(sink->output, err);
}

static int json_lost(struct spc_sink *base, uint64_t n, struct spc_err *err)
{
    struct json_sink *sink = (struct json_sink *)base;
    struct spc_json json = {.buf = &sink->output->pending};
    spc_json_object(&json, NULL);
    spc_json_str(&json, "kind", "lost");
    spc_json_u64(&json, "events", n);
    spc_json_object_end(&json);
    spc_buf_putc(&sink->output->pending, '\n');
    return spc_output_commit(sink->output, err);
}

static int json_flush(struct spc_sink *base, struct spc_err *err)
{
    return spc_output_flush(((struct json_sink *)base)->output, err);
}

static int json_end(struct spc_sink *base, const struct spc_stats *stats, struct spc_err *err)
{
    (void)stats;
    return json_flush(base, err);
}

static void json_free(struct spc_sink *base)
{
    free(base);
}

static const struct spc_sink_ops json_ops = {
    .name = "json",
    // A call is one object, made when it is over.
    .accepts = SPC_EVENT_ALL & ~SPC_EVENT_BIT(SPC_EVENT_CALL_ENTER),
    .event = json_event,
    .lost = json_lost,
    .flush = json_flush,
    .end = json_end,
    .free = json_free,
};

int spc_sink_json_open(struct spc_output *output, struct spc_sink **ret, struct spc_err *err)
{
    struct json_sink *sink = calloc(1, sizeof(*sink));
    if (!sink)
        return spc_err_set(err, -ENOMEM, "open JSON output");
    sink->base.ops = &json_ops;
    sink->output = output;
    *ret = &sink->base;
    return 0;
}
