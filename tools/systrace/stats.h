// SPDX-License-Identifier: BSD-2-Clause
// Statistics of a comparison of two groups of runs.
#pragma once

#include <stddef.h>

struct moments {
    size_t count;
    double mean, variance; // of the sample (n - 1)
};
struct moments systrace_moments(const double *values, size_t count);

// P(T <= t) of Student's distribution, and its inverse for 0 < p < 1. df > 0, need not be whole.
double systrace_student_cdf(double t, double df);
double systrace_student_quantile(double p, double df);

// Welch's test (1947) of two means with unequal variances.
struct welch {
    double difference; // b - a
    double error;      // standard error of it
    double df;
    double p;         // two-sided
    double low, high; // confidence interval of 95 %
};
// Needs two values and more on each side; without any variance p is 0 or 1.
struct welch systrace_welch(const struct moments *a, const struct moments *b);

// Smallest true difference that this comparison finds with 80 % probability at 5 %.
double systrace_detectable(const struct welch *welch);

// Benjamini and Hochberg (1995): p-values to q-values, in place; those that are NAN do not count.
// -ENOMEM or 0.
int systrace_adjust(double *p, size_t count);
