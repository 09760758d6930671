// SPDX-License-Identifier: BSD-2-Clause
#include <spc/session.h>

#include <errno.h>

#include <spc/loop.h>

static int to_sinks(struct spc_session *s, const struct spc_event *event, struct spc_err *err)
{
    for (size_t i = 0; i < s->sink_count; i++) {
        const struct spc_sink_ops *ops = s->sinks[i]->ops;
        if (!(ops->accepts & SPC_EVENT_BIT(event->kind)))
            continue;
        int r = ops->event(s->sinks[i], event, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int report_lost(struct spc_session *s, struct spc_err *err)
{
    uint64_t n = s->source->ops->lost ? s->source->ops->lost(s->source) : 0;
    s->stats.lost += n;
    for (size_t i = 0; n && i < s->sink_count; i++)
        if (s->sinks[i]->ops->lost) {
            int r = s->sinks[i]->ops->lost(s->sinks[i], n, err);
            if (r < 0)
                return r;
        }
    return 0;
}

static int flush_sinks(struct spc_session *s, struct spc_err *err)
{
    for (size_t i = 0; i < s->sink_count; i++)
        if (s->sinks[i]->ops->flush) {
            int r = s->sinks[i]->ops->flush(s->sinks[i], err);
            if (r < 0)
                return r;
        }
    return 0;
}

static int one_event(struct spc_session *s, struct spc_event *event, struct spc_err *err)
{
    int r = report_lost(s, err);
    if (r < 0)
        return r;
    if (s->filter && !s->filter(s->context, event))
        return 0;
    s->stats.events++;
    if (s->decode)
        s->decode(s->context, event);
    spc_loop_tick_on(true);
    return to_sinks(s, event, err);
}

// Until the source has no more (0), a signal asks for the end (0), or something fails.
static int run_until_end(struct spc_session *s, struct spc_err *err)
{
    uint64_t seen = 0;
    for (;;) {
        struct spc_event *event;
        int r = s->source->ops->next(s->source, &event, err);
        if (r == 0 || (r < 0 && r != -EINTR))
            return r;
        if (r > 0)
            r = one_event(s, event, err);
        else
            r = 0;
        if (r == 0 && spc_loop_tick()) {
            r = flush_sinks(s, err);
            // Nothing new since the last tick: no reason to wake up again.
            spc_loop_tick_on(s->stats.events != seen);
            seen = s->stats.events;
        }
        if (r < 0 || spc_loop_signal())
            return r;
    }
}

// Farewells after the targets were let go. The sinks still hear them unless one has failed.
static int run_farewell(struct spc_session *s, bool has_failed, struct spc_err *err)
{
    struct spc_event *event;
    int r;
    while ((r = s->source->ops->next(s->source, &event, has_failed ? NULL : err)) != 0) {
        if (r == -EINTR)
            continue;
        if (r < 0)
            return r;
        r = has_failed ? 0 : one_event(s, event, err);
        if (r < 0)
            has_failed = true;
    }
    return 0;
}

int spc_session_run(struct spc_session *s, struct spc_err *err)
{
    int r = spc_loop_begin(s->are_signals_ignored, err);
    if (r < 0)
        return r;

    r = run_until_end(s, err);
    s->signal = spc_loop_signal();
    int stopped = s->source->ops->stop(s->source, s->signal, r < 0 ? NULL : err);
    if (r == 0)
        r = stopped;
    int farewell = run_farewell(s, r < 0, err);
    if (r == 0)
        r = farewell;
    for (size_t i = 0; i < s->sink_count; i++) {
        const struct spc_sink_ops *ops = s->sinks[i]->ops;
        int ended = ops->end ? ops->end(s->sinks[i], &s->stats, r < 0 ? NULL : err) : 0;
        if (r == 0)
            r = ended;
    }
    spc_loop_end();
    return r;
}
