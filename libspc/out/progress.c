// SPDX-License-Identifier: BSD-2-Clause
#include <spc/progress.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND    1000000000ull
#define BAR_WIDTH 30u

static uint64_t now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

void spc_progress_begin(struct spc_progress *progress, FILE *stream, const char *what,
                        uint64_t total)
{
    *progress = (struct spc_progress){.what = what, .total = total};
    if (isatty(fileno(stream)))
        progress->stream = stream;
    progress->start_ns = now();
}

void spc_progress_line(const struct spc_progress *progress, uint64_t now_ns, char *ret,
                       unsigned size)
{
    double seconds = (double)(now_ns - progress->start_ns) / (double)SECOND;
    double megabytes = (double)progress->done / 1e6;
    double speed = seconds > 0 ? megabytes / seconds : 0;
    if (progress->total == 0) {
        snprintf(ret, size, "%s %.0f MB, %.0f MB/s", progress->what, megabytes, speed);
        return;
    }
    // A total is a promise of somebody else's: more than it never draws outside the bar.
    double part = (double)progress->done / (double)progress->total;
    part = part > 1 ? 1 : part;
    char bar[BAR_WIDTH + 1];
    unsigned full = (unsigned)(part * BAR_WIDTH);
    memset(bar, '#', full);
    memset(bar + full, '.', BAR_WIDTH - full);
    bar[BAR_WIDTH] = '\0';
    snprintf(ret, size, "%s [%s] %3.0f %% %.0f MB, %.0f MB/s", progress->what, bar, part * 100,
             megabytes, speed);
}

void spc_progress_add(struct spc_progress *progress, uint64_t bytes)
{
    if (!progress || !progress->stream)
        return;
    progress->done += bytes;
    uint64_t now_ns = now();
    if (now_ns - progress->start_ns < SECOND || now_ns - progress->shown_ns < SECOND / 10)
        return;
    char line[120];
    spc_progress_line(progress, now_ns, line, sizeof(line));
    // EL (ECMA-48): erase the rest of what the line before had there.
    fprintf(progress->stream, "\r%s\033[K", line);
    fflush(progress->stream);
    progress->shown_ns = now_ns;
    progress->is_shown = true;
}

void spc_progress_end(struct spc_progress *progress)
{
    if (progress->is_shown) {
        fputs("\r\033[K", progress->stream);
        fflush(progress->stream);
    }
    progress->stream = NULL;
}
