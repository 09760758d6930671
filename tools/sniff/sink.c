// SPDX-License-Identifier: BSD-2-Clause
#include "sink.h"

void sniff_sinks_free(struct sniff_sinks *sinks)
{
    for (size_t i = 0; i < sinks->count; i++)
        sinks->items[i]->ops->free(sinks->items[i]);
    sinks->count = 0;
}

int sniff_sinks_packet(struct sniff_sinks *sinks, const struct sniff_packet *packet,
                       struct spc_err *err)
{
    for (size_t i = 0; i < sinks->count; i++) {
        int r = sinks->items[i]->ops->packet(sinks->items[i], packet, err);
        if (r != 0)
            return r;
    }
    return 0;
}

int sniff_sinks_lost(struct sniff_sinks *sinks, const char *where, uint64_t count,
                     struct spc_err *err)
{
    for (size_t i = 0; i < sinks->count; i++) {
        struct sniff_sink *sink = sinks->items[i];
        int r = sink->ops->lost ? sink->ops->lost(sink, where, count, err) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int sniff_sinks_flush(struct sniff_sinks *sinks, uint64_t now_ns, struct spc_err *err)
{
    for (size_t i = 0; i < sinks->count; i++) {
        int r = sinks->items[i]->ops->flush(sinks->items[i], now_ns, err);
        if (r < 0)
            return r;
    }
    return 0;
}

// Every sink gets its end, also after another one failed; the first failure is the result.
int sniff_sinks_finish(struct sniff_sinks *sinks, const struct sniff_ifaces *ifaces,
                       const struct sniff_totals *totals, struct spc_err *err)
{
    int result = 0;
    for (size_t i = 0; i < sinks->count; i++) {
        struct sniff_sink *sink = sinks->items[i];
        int r = sink->ops->finish(sink, ifaces, totals, result < 0 ? NULL : err);
        if (r < 0 && result == 0)
            result = r;
    }
    return result;
}
