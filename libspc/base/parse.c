// SPDX-License-Identifier: BSD-2-Clause
// Small text to value conversions that strtoull(3) is too lenient for.
#include <spc/opt.h>

#include <ctype.h>
#include <errno.h>
#include <string.h>

int spc_parse_u64(const char *str, uint64_t *ret)
{
    uint64_t value = 0;
    if (!isdigit((unsigned char)*str))
        return -EINVAL;
    for (; *str; str++) {
        if (!isdigit((unsigned char)*str))
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*str - '0'), &value))
            return -ERANGE;
    }
    *ret = value;
    return 0;
}

static const struct {
    const char *suffix;
    uint64_t ns;
} units[] = {
    {"", 1000000000ull},
    {"ns", 1ull},
    {"us", 1000ull},
    {"ms", 1000000ull},
    {"s", 1000000000ull},
    {"m", 60 * 1000000000ull},
    {"h", 3600 * 1000000000ull},
    {"d", 86400 * 1000000000ull},
};

int spc_parse_duration(const char *str, uint64_t *ret_ns)
{
    char digits[24];
    size_t whole = strspn(str, "0123456789");
    if (!whole || whole >= sizeof(digits))
        return whole ? -ERANGE : -EINVAL;
    memcpy(digits, str, whole);
    digits[whole] = '\0';

    const char *frac = "", *unit = str + whole;
    size_t frac_len = 0;
    if (*unit == '.') {
        frac = unit + 1;
        frac_len = strspn(frac, "0123456789");
        if (!frac_len)
            return -EINVAL;
        unit = frac + frac_len;
    }

    for (size_t i = 0; i < SPC_ARRAY_SIZE(units); i++) {
        if (strcmp(unit, units[i].suffix) != 0)
            continue;
        uint64_t value, part = 0, scale = units[i].ns;
        int r = spc_parse_u64(digits, &value);
        if (r < 0)
            return r;
        for (size_t k = 0; k < frac_len && scale; k++) {
            scale /= 10;
            part += (uint64_t)(frac[k] - '0') * scale;
        }
        if (__builtin_mul_overflow(value, units[i].ns, &value) ||
            __builtin_add_overflow(value, part, &value))
            return -ERANGE;
        *ret_ns = value;
        return 0;
    }
    return -EINVAL;
}

// Edit distance with one row of memory; words longer than the row are never near anything.
static size_t distance(const char *a, const char *b)
{
    size_t row[64], len = strlen(b);
    if (len >= SPC_ARRAY_SIZE(row))
        return (size_t)-1;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[len];
}

const char *spc_nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = strlen(word) >= 2 && strncmp(names[i], word, strlen(word)) == 0
                       ? 1
                       : distance(word, names[i]);
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}
