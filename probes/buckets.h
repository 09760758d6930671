// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The histogram of durations: exponential, base 2^(1/8), as Prometheus' native histograms of schema
 * 3 have it. Exponential bucket e holds 2^((e-1)/8) < ns <= 2^(e/8), so whatever is reported from
 * inside a bucket is at most 4.4 % wrong.
 *
 * Bucket i here is exponential bucket HIST_LOWEST + i; the first also holds everything below it,
 * the last everything above it. Compiled for the kernel and for user space.
 */
#pragma once

enum {
    HIST_SCHEMA = 3,
    HIST_LOWEST = 48,   /* 64 ns: no system call is shorter than the probes that time it */
    HIST_BUCKETS = 256, /* up to 2^(302/8) ns = 231 s */
};

/* The first `step` in 0..8 with value <= 2^(step/8), for a value in [1, 2) scaled by 2^63. The
 * constants are 2^63 * 2^(step/8), rounded down: they are irrational, so no integer equals one. */
static inline __attribute__((always_inline)) unsigned hist_step(unsigned long long value)
{
    if (value <= 0xb504f333f9de6484ull) {     /* 2^(4/8) */
        if (value <= 0x9837f0518db8a96full) { /* 2^(2/8) */
            if (value <= 0x8000000000000000ull)
                return 0;
            return value <= 0x8b95c1e3ea8bd6e6ull ? 1 : 2;
        }
        return value <= 0xa5fed6a9b15138eaull ? 3 : 4;
    }
    if (value <= 0xd744fccad69d6af4ull) /* 2^(6/8) */
        return value <= 0xc5672a115506daddull ? 5 : 6;
    return value <= 0xeac0c6e7dd24392eull ? 7 : 8;
}

static inline __attribute__((always_inline)) unsigned hist_bucket(unsigned long long ns)
{
    /* The position of the highest bit, by halving: BPF has no instruction for it. */
    unsigned long long v = ns;
    unsigned top = 0, bucket;

    if (ns <= 64)
        return 0;
    if (v >> 32) {
        top += 32;
        v >>= 32;
    }
    if (v >> 16) {
        top += 16;
        v >>= 16;
    }
    if (v >> 8) {
        top += 8;
        v >>= 8;
    }
    if (v >> 4) {
        top += 4;
        v >>= 4;
    }
    if (v >> 2) {
        top += 2;
        v >>= 2;
    }
    if (v >> 1)
        top++;
    bucket = 8 * top + hist_step(ns << (63 - top)) - HIST_LOWEST;
    return bucket < HIST_BUCKETS ? bucket : HIST_BUCKETS - 1;
}
