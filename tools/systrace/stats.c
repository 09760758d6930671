// SPDX-License-Identifier: BSD-2-Clause
#include "stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct moments systrace_moments(const double *values, size_t count)
{
    struct moments m = {.count = count};
    for (size_t i = 0; i < count; i++)
        m.mean += values[i] / (double)count;
    for (size_t i = 0; i < count && count > 1; i++)
        m.variance += (values[i] - m.mean) * (values[i] - m.mean) / (double)(count - 1);
    return m;
}

// --- Student's distribution ---------------------------------------------------------------------

// Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated by
// the method of Lentz. Converges fast for x < (a + 1) / (a + b + 2).
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double result = d;
    for (int m = 1; m <= 500; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double terms[] = {even, odd};
        double step = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + terms[i] / c;
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            result *= step;
        }
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return result;
}

// Regularised incomplete beta function.
static double beta_inc(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double systrace_student_cdf(double t, double df)
{
    if (isinf(t))
        return t > 0 ? 1 : 0;
    double tail = beta_inc(df / 2, 0.5, df / (df + t * t)) / 2;
    return t > 0 ? 1 - tail : tail;
}

double systrace_student_quantile(double p, double df)
{
    double low = -1, high = 1;
    while (systrace_student_cdf(low, df) > p && low > -1e150)
        low *= 2;
    while (systrace_student_cdf(high, df) < p && high < 1e150)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-12 * (1 + fabs(low)); i++) {
        double middle = (low + high) / 2;
        if (systrace_student_cdf(middle, df) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

// --- tests --------------------------------------------------------------------------------------

struct welch systrace_welch(const struct moments *a, const struct moments *b)
{
    struct welch w = {.difference = b->mean - a->mean};
    double va = a->variance / (double)a->count, vb = b->variance / (double)b->count;
    w.error = sqrt(va + vb);
    if (w.error <= 0) {
        w.df = (double)(a->count + b->count - 2);
        w.p = w.difference == 0 ? 1 : 0;
        w.low = w.high = w.difference;
        return w;
    }
    // Welch-Satterthwaite
    w.df = (va + vb) * (va + vb) /
           (va * va / (double)(a->count - 1) + vb * vb / (double)(b->count - 1));
    w.p = 2 * systrace_student_cdf(-fabs(w.difference / w.error), w.df);
    double half = systrace_student_quantile(0.975, w.df) * w.error;
    w.low = w.difference - half;
    w.high = w.difference + half;
    return w;
}

double systrace_detectable(const struct welch *w)
{
    return (systrace_student_quantile(0.975, w->df) + systrace_student_quantile(0.8, w->df)) *
           w->error;
}

static int by_p_descending(const void *a, const void *b)
{
    double x = **(double *const *)a, y = **(double *const *)b;
    return x > y ? -1 : x < y;
}

int systrace_adjust(double *p, size_t count)
{
    double **order = calloc(count + 1, sizeof(*order)), least = 1;
    size_t tests = 0;
    if (!order)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        if (!isnan(p[i]))
            order[tests++] = &p[i];
    qsort(order, tests, sizeof(*order), by_p_descending);
    for (size_t i = 0; i < tests; i++) {
        double q = *order[i] * (double)tests / (double)(tests - i);
        least = q < least ? q : least;
        *order[i] = least;
    }
    free(order);
    return 0;
}
