// SPDX-License-Identifier: BSD-2-Clause
#include "stamp.h"

#include <time.h>

#include "text.h"

#define NS_PER_S UINT64_C(1000000000)

static void put_fraction(const struct stamp *stamp, uint64_t ts_ns, struct spc_buf *out)
{
    uint64_t ns = ts_ns % NS_PER_S;
    spc_buf_putc(out, '.');
    if (stamp->is_nano)
        text_padded(out, ns, 9);
    else
        text_padded(out, ns / 1000, 6);
    spc_buf_putc(out, ' ');
}

// localtime_r(3) once a second only.
static void put_clock(struct stamp *stamp, uint64_t ts_ns, struct spc_buf *out)
{
    int64_t second = (int64_t)(ts_ns / NS_PER_S);
    if (second != stamp->second || !*stamp->text) {
        time_t t = (time_t)second;
        struct tm tm;
        localtime_r(&t, &tm);
        strftime(stamp->text, sizeof(stamp->text),
                 stamp->level == 4 ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
        stamp->second = second;
    }
    spc_buf_puts(out, stamp->text);
    put_fraction(stamp, ts_ns, out);
}

static void put_delta(const struct stamp *stamp, uint64_t since, uint64_t ts_ns,
                      struct spc_buf *out)
{
    bool is_back = ts_ns < since;
    uint64_t delta = is_back ? since - ts_ns : ts_ns - since, s = delta / NS_PER_S;
    spc_buf_puts(out, is_back ? "-" : " ");
    text_padded(out, s / 3600, 2);
    spc_buf_putc(out, ':');
    text_padded(out, s / 60 % 60, 2);
    spc_buf_putc(out, ':');
    text_padded(out, s % 60, 2);
    put_fraction(stamp, delta, out);
}

void stamp_put(struct stamp *stamp, uint64_t ts_ns, struct spc_buf *out)
{
    if (!stamp->first_ns)
        stamp->first_ns = stamp->last_ns = ts_ns;
    switch (stamp->level) {
    case 0:
    case 4:
        put_clock(stamp, ts_ns, out);
        break;
    case 1:
        break;
    case 2:
        text_u(out, ts_ns / NS_PER_S);
        put_fraction(stamp, ts_ns, out);
        break;
    default:
        put_delta(stamp, stamp->level == 3 ? stamp->last_ns : stamp->first_ns, ts_ns, out);
        break;
    }
    stamp->last_ns = ts_ns;
}
