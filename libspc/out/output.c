// SPDX-License-Identifier: BSD-2-Clause
#include <spc/output.h>

#include <fcntl.h>
#include <string.h>

#include <spc/fd.h>

#define COMMIT_SIZE (64 * 1024)

int spc_output_open(const char *path, int fd, struct spc_output **ret, struct spc_err *err)
{
    spc_auto_free struct spc_output *out = calloc(1, sizeof(*out));
    spc_auto_free char *name = strdup(path ? path : "standard error");
    if (!out || !name)
        return spc_err_set(err, -ENOMEM, "open output");
    out->fd = fd;
    if (path) {
        out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
        if (out->fd < 0)
            return spc_err_set(err, -errno, "open '%s' for writing", path);
        out->is_owned = true;
    }
    out->name = SPC_TAKE_PTR(name);
    // A file is written in large pieces; whoever looks at a terminal or reads our standard error
    // wants each event when it happens.
    out->is_prompt = !path || isatty(out->fd);
    *ret = SPC_TAKE_PTR(out);
    return 0;
}

int spc_output_flush(struct spc_output *out, struct spc_err *err)
{
    if (!out->failed)
        out->failed = spc_buf_check(&out->pending);
    if (!out->failed && out->pending.len)
        out->failed = spc_write_all(out->fd, out->pending.data, out->pending.len);
    spc_buf_reset(&out->pending);
    if (out->failed)
        return spc_err_set(err, out->failed, "write to %s", out->name);
    return 0;
}

int spc_output_commit(struct spc_output *out, struct spc_err *err)
{
    if (!out->is_prompt && out->pending.len < COMMIT_SIZE && !out->failed)
        return 0;
    return spc_output_flush(out, err);
}

void spc_output_free(struct spc_output *out)
{
    if (!out)
        return;
    spc_output_flush(out, NULL);
    if (out->is_owned)
        spc_close(out->fd);
    spc_buf_free(&out->pending);
    free(out->name);
    free(out);
}
