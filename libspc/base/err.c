// SPDX-License-Identifier: BSD-2-Clause
#include <spc/err.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// What is returned where a failure's code went unrecorded: never 0, which would mean success.
#define UNKNOWN_CODE (-EIO)

static void set_text(struct spc_err *err, int code, bool with_errno, const char *fmt, va_list ap)
{
    *err = (struct spc_err){.code = code};

    int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
    if (!with_errno || n < 0 || (size_t)n >= sizeof(err->text))
        return;

    // The GNU strerror_r never touches shared state, unlike strerror.
    char buf[128];
    snprintf(err->text + n, sizeof(err->text) - (size_t)n, ": %s",
             strerror_r(-code, buf, sizeof(buf)));
}

int(spc_err_set)(struct spc_err *err, int code, const char *fmt, ...)
{
    if (!err)
        return code;
    va_list ap;
    va_start(ap, fmt);
    set_text(err, code, true, fmt, ap);
    va_end(ap);
    return code;
}

int(spc_err_say)(struct spc_err *err, int code, const char *fmt, ...)
{
    if (!err)
        return code;
    va_list ap;
    va_start(ap, fmt);
    set_text(err, code, false, fmt, ap);
    va_end(ap);
    return code;
}

int(spc_err_usage)(struct spc_err *err, const char *fmt, ...)
{
    if (!err)
        return -EINVAL;
    va_list ap;
    va_start(ap, fmt);
    set_text(err, -EINVAL, false, fmt, ap);
    va_end(ap);
    err->status = SPC_EXIT_USAGE;
    return -EINVAL;
}

int spc_err_wrap(struct spc_err *err, const char *fmt, ...)
{
    if (!err)
        return UNKNOWN_CODE;

    char inner[sizeof(err->text)];
    memcpy(inner, err->text, sizeof(inner));

    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof(err->text))
        snprintf(err->text + n, sizeof(err->text) - (size_t)n, ": %.*s",
                 (int)(sizeof(err->text) - (size_t)n), inner);
    return err->code;
}

int spc_err_hint(struct spc_err *err, const char *fmt, ...)
{
    if (!err)
        return UNKNOWN_CODE;
    if (err->hint[0] == '\0') {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
        va_end(ap);
    }
    return err->code;
}

int spc_err_exit(struct spc_err *err, enum spc_exit status)
{
    if (!err)
        return UNKNOWN_CODE;
    if (err->status == SPC_EXIT_OK)
        err->status = status;
    return err->code;
}

void spc_err_clear(struct spc_err *err)
{
    if (err)
        *err = (struct spc_err){0};
}
