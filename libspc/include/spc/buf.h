// SPDX-License-Identifier: BSD-2-Clause
// A growing byte string, and a growing list of strings.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include <spc/own.h>

// Always NUL-terminated once something was added; `data` is NULL while empty.
// A failed allocation sets `failed` and turns later additions into no-ops, so that a printer can
// check once at its end with spc_buf_check().
struct spc_buf {
    char *data;
    size_t len, cap;
    int failed; // 0 or -ENOMEM
};

void spc_buf_add(struct spc_buf *buf, const void *data, size_t len);
void spc_buf_puts(struct spc_buf *buf, const char *str);
void spc_buf_putc(struct spc_buf *buf, char c);
void spc_buf_pad(struct spc_buf *buf, char c, size_t count);
void spc_buf_printf(struct spc_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void spc_buf_vprintf(struct spc_buf *buf, const char *fmt, va_list ap);
void spc_buf_reset(struct spc_buf *buf); // empty, keep the memory
int spc_buf_check(const struct spc_buf *buf);
const char *spc_buf_str(const struct spc_buf *buf); // never NULL

// Give the string away: the caller frees it. NULL when an addition had failed.
char *spc_buf_take(struct spc_buf *buf);
void spc_buf_free(struct spc_buf *buf);
#define spc_auto_buf SPC_CLEANUP(spc_buf_free)

// NULL-terminated list of owned strings.
struct spc_strv {
    char **items;
    size_t count;
};

int spc_strv_add(struct spc_strv *strv, const char *str); // copies; 0 or -ENOMEM
int spc_strv_addf(struct spc_strv *strv, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void spc_strv_free(struct spc_strv *strv);
#define spc_auto_strv                SPC_CLEANUP(spc_strv_free)
#define spc_strv_foreach(strv, item) for (char **item = (strv)->items; item && *item; item++)
