// SPDX-License-Identifier: BSD-2-Clause
#include <spc/buf.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int reserve(struct spc_buf *buf, size_t more)
{
    if (buf->failed)
        return buf->failed;
    if (more >= (size_t)-1 / 2 - buf->len)
        return buf->failed = -ENOMEM;

    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return 0;

    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap *= 2;
    char *data = realloc(buf->data, cap);
    if (!data)
        return buf->failed = -ENOMEM;
    buf->data = data;
    buf->cap = cap;
    return 0;
}

void spc_buf_add(struct spc_buf *buf, const void *data, size_t len)
{
    if (reserve(buf, len) < 0)
        return;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void spc_buf_puts(struct spc_buf *buf, const char *str)
{
    spc_buf_add(buf, str, strlen(str));
}

void spc_buf_putc(struct spc_buf *buf, char c)
{
    spc_buf_add(buf, &c, 1);
}

void spc_buf_pad(struct spc_buf *buf, char c, size_t count)
{
    if (reserve(buf, count) < 0)
        return;
    memset(buf->data + buf->len, c, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void spc_buf_vprintf(struct spc_buf *buf, const char *fmt, va_list ap)
{
    if (reserve(buf, 0) < 0)
        return;

    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, ap);
    if (n >= 0 && (size_t)n >= buf->cap - buf->len && reserve(buf, (size_t)n) == 0)
        n = vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, again);
    va_end(again);
    if (n >= 0 && !buf->failed)
        buf->len += (size_t)n;
}

void spc_buf_printf(struct spc_buf *buf, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    spc_buf_vprintf(buf, fmt, ap);
    va_end(ap);
}

void spc_buf_reset(struct spc_buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

int spc_buf_check(const struct spc_buf *buf)
{
    return buf->failed;
}

const char *spc_buf_str(const struct spc_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *spc_buf_take(struct spc_buf *buf)
{
    if (buf->failed || reserve(buf, 0) < 0)
        return NULL;
    buf->data[buf->len] = '\0';
    char *data = buf->data;
    *buf = (struct spc_buf){0};
    return data;
}

void spc_buf_free(struct spc_buf *buf)
{
    free(buf->data);
    *buf = (struct spc_buf){0};
}

static int strv_add_owned(struct spc_strv *strv, char *str)
{
    char **items = realloc(strv->items, (strv->count + 2) * sizeof(*items));
    if (!items) {
        free(str);
        return -ENOMEM;
    }
    strv->items = items;
    items[strv->count++] = str;
    items[strv->count] = NULL;
    return 0;
}

int spc_strv_add(struct spc_strv *strv, const char *str)
{
    char *copy = strdup(str);
    return copy ? strv_add_owned(strv, copy) : -ENOMEM;
}

int spc_strv_addf(struct spc_strv *strv, const char *fmt, ...)
{
    char *str = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&str, fmt, ap);
    va_end(ap);
    return n < 0 ? -ENOMEM : strv_add_owned(strv, str);
}

void spc_strv_free(struct spc_strv *strv)
{
    spc_strv_foreach (strv, item)
        free(*item);
    free(strv->items);
    *strv = (struct spc_strv){0};
}
