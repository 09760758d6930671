// SPDX-License-Identifier: BSD-2-Clause
#include <spc/json_writer.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spc/escape.h>

#define MAX_DEPTH 63

// Everything that goes before a value: the comma, and the key when there is one.
static void begin_value(struct spc_json *json, const char *key)
{
    uint64_t bit = UINT64_C(1) << json->depth;
    if (json->has_items & bit)
        spc_buf_putc(json->buf, ',');
    json->has_items |= bit;
    if (!key)
        return;
    spc_buf_putc(json->buf, '"');
    spc_escape_json(json->buf, key, strlen(key));
    spc_buf_puts(json->buf, "\":");
}

static void open_level(struct spc_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    spc_buf_putc(json->buf, bracket);
    if (json->depth == MAX_DEPTH) {
        json->buf->failed = -E2BIG;
        return;
    }
    json->has_items &= ~(UINT64_C(1) << ++json->depth);
}

static void close_level(struct spc_json *json, char bracket)
{
    if (json->depth == 0) {
        json->buf->failed = -EINVAL;
        return;
    }
    json->depth--;
    spc_buf_putc(json->buf, bracket);
}

void spc_json_object(struct spc_json *json, const char *key)
{
    open_level(json, key, '{');
}

void spc_json_object_end(struct spc_json *json)
{
    close_level(json, '}');
}

void spc_json_array(struct spc_json *json, const char *key)
{
    open_level(json, key, '[');
}

void spc_json_array_end(struct spc_json *json)
{
    close_level(json, ']');
}

void spc_json_strn(struct spc_json *json, const char *key, const char *value, size_t len)
{
    begin_value(json, key);
    spc_buf_putc(json->buf, '"');
    spc_escape_json(json->buf, value, len);
    spc_buf_putc(json->buf, '"');
}

void spc_json_str(struct spc_json *json, const char *key, const char *value)
{
    if (value)
        spc_json_strn(json, key, value, strlen(value));
    else
        spc_json_null(json, key);
}

void spc_json_i64(struct spc_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    spc_buf_printf(json->buf, "%" PRId64, value);
}

void spc_json_u64(struct spc_json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    spc_buf_printf(json->buf, "%" PRIu64, value);
}

void spc_json_double(struct spc_json *json, const char *key, double value)
{
    // JSON knows neither infinity nor NaN.
    if (!isfinite(value)) {
        spc_json_null(json, key);
        return;
    }
    begin_value(json, key);
    // The shortest form that reads back as the same number: 17 digits always do, 15 often.
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    spc_buf_puts(json->buf, text);
}

void spc_json_bool(struct spc_json *json, const char *key, bool value)
{
    begin_value(json, key);
    spc_buf_puts(json->buf, value ? "true" : "false");
}

void spc_json_null(struct spc_json *json, const char *key)
{
    begin_value(json, key);
    spc_buf_puts(json->buf, "null");
}
