// SPDX-License-Identifier: BSD-2-Clause
#include <spc/field_print.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <spc/escape.h>

#define NS_PER_S UINT64_C(1000000000)

// The coarsest unit in which the value is at least one: what docker ps and kubectl get show.
static void text_duration(uint64_t ns, struct spc_buf *out)
{
    static const struct {
        uint64_t seconds;
        char suffix;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};

    uint64_t s = ns / NS_PER_S;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(units); i++)
        if (s >= units[i].seconds) {
            spc_buf_printf(out, "%" PRIu64 "%c", s / units[i].seconds, units[i].suffix);
            return;
        }
    spc_buf_printf(out, "%" PRIu64 "ms", ns / 1000000);
}

// Three significant digits and a unit: what a column of latencies is read by.
static void text_ns(uint64_t ns, struct spc_buf *out)
{
    static const struct {
        double ns;
        const char *suffix;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};

    for (size_t i = 0; i < SPC_ARRAY_SIZE(units); i++) {
        double value = (double)ns / units[i].ns;
        if (value < 0.9995)
            continue;
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        spc_buf_printf(out, "%.*f%s", decimals, value, units[i].suffix);
        return;
    }
    spc_buf_printf(out, "%" PRIu64 "ns", ns);
}

static void put_time(uint64_t ns, struct spc_buf *out)
{
    time_t s = (time_t)(ns / NS_PER_S);
    struct tm tm;
    char text[32];
    gmtime_r(&s, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    spc_buf_puts(out, text);
}

static void text_strv(const struct spc_strv *strv, struct spc_buf *out)
{
    if (strv->count == 0)
        spc_buf_putc(out, '-');
    spc_strv_foreach (strv, item) {
        if (item != strv->items)
            spc_buf_putc(out, ',');
        spc_escape_text(out, *item, strlen(*item));
    }
}

static void text_str(const char *str, struct spc_buf *out)
{
    if (str && *str)
        spc_escape_text(out, str, strlen(str));
    else
        spc_buf_putc(out, '-');
}

static void text_double(double value, struct spc_buf *out)
{
    if (isnan(value))
        spc_buf_putc(out, '-');
    else
        spc_buf_printf(out, "%.1f", value);
}

void spc_field_text(const struct spc_field *field, const void *record, struct spc_buf *out)
{
    const void *at = (const char *)record + field->offset;

    switch (field->type) {
    case SPC_TYPE_STR:
        text_str(*(const char *const *)at, out);
        return;
    case SPC_TYPE_STRV:
        text_strv(at, out);
        return;
    case SPC_TYPE_BOOL:
        spc_buf_puts(out, *(const bool *)at ? "yes" : "no");
        return;
    case SPC_TYPE_INT:
        spc_buf_printf(out, "%d", *(const int *)at);
        return;
    case SPC_TYPE_I64:
        spc_buf_printf(out, "%" PRId64, *(const int64_t *)at);
        return;
    case SPC_TYPE_U64:
        spc_buf_printf(out, "%" PRIu64, *(const uint64_t *)at);
        return;
    case SPC_TYPE_PID:
        if (*(const pid_t *)at)
            spc_buf_printf(out, "%d", *(const pid_t *)at);
        else
            spc_buf_putc(out, '-');
        return;
    case SPC_TYPE_TIME:
        if (*(const uint64_t *)at)
            put_time(*(const uint64_t *)at, out);
        else
            spc_buf_putc(out, '-');
        return;
    case SPC_TYPE_DURATION:
        if (*(const uint64_t *)at != UINT64_MAX)
            text_duration(*(const uint64_t *)at, out);
        else
            spc_buf_putc(out, '-');
        return;
    case SPC_TYPE_JSON:
        return; // has no text form
    case SPC_TYPE_NS:
        if (*(const uint64_t *)at != UINT64_MAX)
            text_ns(*(const uint64_t *)at, out);
        else
            spc_buf_putc(out, '-');
        return;
    case SPC_TYPE_DOUBLE:
        text_double(*(const double *)at, out);
        return;
    case _SPC_TYPE_MAX:
        break;
    }
}

static void json_strv(const char *name, const struct spc_strv *strv, struct spc_json *json)
{
    spc_json_array(json, name);
    spc_strv_foreach (strv, item)
        spc_json_str(json, NULL, *item);
    spc_json_array_end(json);
}

static void json_time(const char *name, uint64_t ns, struct spc_json *json)
{
    spc_auto_buf struct spc_buf text = {0};
    if (ns)
        put_time(ns, &text);
    spc_json_str(json, name, text.data);
}

static void json_duration(const char *name, uint64_t ns, struct spc_json *json)
{
    if (ns == UINT64_MAX)
        spc_json_null(json, name);
    else
        spc_json_double(json, name, (double)ns / (double)NS_PER_S);
}

void spc_field_json(const struct spc_field *field, const void *record, struct spc_json *json)
{
    const void *at = (const char *)record + field->offset;
    const char *name = field->name;

    switch (field->type) {
    case SPC_TYPE_STR:
        spc_json_str(json, name, *(const char *const *)at);
        return;
    case SPC_TYPE_STRV:
        json_strv(name, at, json);
        return;
    case SPC_TYPE_BOOL:
        spc_json_bool(json, name, *(const bool *)at);
        return;
    case SPC_TYPE_INT:
        spc_json_i64(json, name, *(const int *)at);
        return;
    case SPC_TYPE_I64:
        spc_json_i64(json, name, *(const int64_t *)at);
        return;
    case SPC_TYPE_U64:
        spc_json_u64(json, name, *(const uint64_t *)at);
        return;
    case SPC_TYPE_PID:
        if (*(const pid_t *)at)
            spc_json_i64(json, name, *(const pid_t *)at);
        else
            spc_json_null(json, name);
        return;
    case SPC_TYPE_TIME:
        json_time(name, *(const uint64_t *)at, json);
        return;
    case SPC_TYPE_DURATION:
        json_duration(name, *(const uint64_t *)at, json);
        return;
    case SPC_TYPE_JSON:
        spc_json_raw(json, name, *(const char *const *)at);
        return;
    case SPC_TYPE_NS:
        if (*(const uint64_t *)at != UINT64_MAX)
            spc_json_u64(json, name, *(const uint64_t *)at);
        else
            spc_json_null(json, name);
        return;
    case SPC_TYPE_DOUBLE:
        if (isnan(*(const double *)at))
            spc_json_null(json, name);
        else
            spc_json_double(json, name, *(const double *)at);
        return;
    case _SPC_TYPE_MAX:
        break;
    }
}

void spc_record_json(const struct spc_record_kind *kind, const void *record, struct spc_json *json)
{
    spc_json_object(json, NULL);
    spc_json_str(json, "kind", kind->name);
    for (const struct spc_field *f = kind->fields; f->name; f++)
        spc_field_json(f, record, json);
    spc_json_object_end(json);
}
