// SPDX-License-Identifier: BSD-2-Clause
// nullcall [CHUNKS]: median thread-CPU ns of getppid(2), over chunks of 2000 calls. A chunk whose
// reference loop ran more than 5 % slower than the fastest one is dropped: machines have moods.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 2000, SPINS = 20000 };

static double thread_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double spin(void)
{
    double begin = thread_ns();
    unsigned long x = 1;
    for (int i = 0; i < SPINS; i++) {
        x += x << 1;
        __asm__ volatile("" : "+r"(x));
    }
    return thread_ns() - begin;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    size_t chunks = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, kept = 0;
    double *ns = calloc(chunks + 1, sizeof(*ns)), *spins = calloc(chunks + 1, sizeof(*spins));
    double fastest = 1e18;
    if (!ns || !spins)
        return 1;
    for (size_t i = 0; i < chunks; i++) {
        double begin = thread_ns();
        for (int n = 0; n < CALLS; n++)
            syscall(SYS_getppid);
        ns[i] = (thread_ns() - begin) / CALLS;
        spins[i] = spin();
        fastest = spins[i] < fastest ? spins[i] : fastest;
    }
    for (size_t i = 0; i < chunks; i++)
        if (spins[i] <= fastest * 1.05)
            ns[kept++] = ns[i];
    qsort(ns, kept, sizeof(*ns), by_value);
    printf("%.1f\n", ns[kept / 2]);
    free(ns);
    free(spins);
    return 0;
}
