// SPDX-License-Identifier: BSD-2-Clause
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <spc/fd.h>

#define BUFFER_SIZE (256u * 1024)
#define NS_PER_S    UINT64_C(1000000000)
#define FILE_MODE   0600 // payloads are nobody else's business

// The names of tcpdump: -G is a strftime(3) pattern, -C counts, with -W in fields of equal width.
static int make_name(const struct sniff_file *file, char name[static NAME_MAX + 1])
{
    char stem[NAME_MAX + 1];
    const struct sniff_rotation *rot = &file->rotation;
    if (rot->seconds) {
        time_t t = (time_t)(file->start_ns / NS_PER_S);
        struct tm tm;
        localtime_r(&t, &tm);
        if (strftime(stem, sizeof(stem), file->base, &tm) == 0)
            return -ENAMETOOLONG;
    } else if ((size_t)snprintf(stem, sizeof(stem), "%s", file->base) >= sizeof(stem)) {
        return -ENAMETOOLONG;
    }

    int width = 0, n;
    if (rot->size_max && !rot->seconds)
        for (uint32_t left = rot->count ? rot->count - 1 : 0; left; left /= 10)
            width++;
    if (rot->size_max && (file->index || width))
        n = snprintf(name, NAME_MAX + 1, "%s%0*u", stem, width, file->index);
    else
        n = snprintf(name, NAME_MAX + 1, "%s", stem);
    return n > NAME_MAX ? -ENAMETOOLONG : 0;
}

static int open_next(struct sniff_file *file, struct spc_err *err)
{
    char name[NAME_MAX + 1] = "";
    int r = make_name(file, name);
    if (r < 0)
        return spc_err_set(err, r, "'%s'", file->path);
    int fd =
        openat(file->dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, FILE_MODE);
    if (fd < 0)
        return spc_err_set(err, -errno, "write '%s'", file->path);
    file->fd = fd;
    file->size = 0;
    file->epoch++;
    return 0;
}

static int open_dir(struct sniff_file *file, struct spc_err *err)
{
    char *slash = strrchr(file->path, '/');
    file->base = slash ? slash + 1 : file->path;
    if (!*file->base)
        return spc_err_set(err, -EISDIR, "write '%s'", file->path);
    spc_auto_free char *dir =
        slash ? strndup(file->path, (size_t)(slash - file->path + 1)) : strdup(".");
    if (!dir)
        return spc_err_set(err, -ENOMEM, "write '%s'", file->path);
    file->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (file->dirfd < 0)
        return spc_err_set(err, -errno, "write '%s'", file->path);
    return 0;
}

int sniff_file_open(const char *path, const struct sniff_rotation *rotation, uint64_t now_ns,
                    struct sniff_file *ret, struct spc_err *err)
{
    struct sniff_file file SPC_CLEANUP(sniff_file_close) = SNIFF_FILE_NONE;
    file.rotation = *rotation;
    file.start_ns = file.flushed_ns = now_ns;
    file.path = strdup(path);
    file.buf = malloc(BUFFER_SIZE);
    file.cap = BUFFER_SIZE;
    if (!file.path || !file.buf)
        return spc_err_set(err, -ENOMEM, "write '%s'", path);

    int r = 0;
    if (strcmp(path, "-") == 0) {
        file.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        file.epoch = 1;
        if (file.fd < 0)
            r = spc_err_set(err, -errno, "standard output");
    } else {
        r = open_dir(&file, err);
        if (r == 0)
            r = open_next(&file, err);
    }
    if (r < 0)
        return r;
    struct stat st;
    file.is_regular = file.dirfd >= 0 && fstat(file.fd, &st) == 0 && S_ISREG(st.st_mode);
    *ret = file;
    file = (struct sniff_file)SNIFF_FILE_NONE;
    return 0;
}

void sniff_file_close(struct sniff_file *file)
{
    spc_close(file->fd);
    spc_close(file->dirfd);
    free(file->path);
    free(file->buf);
    *file = (struct sniff_file)SNIFF_FILE_NONE;
}

// After a failed write: the longest run of whole records within the first `len` bytes.
static size_t whole_records(const struct sniff_file *file, size_t len)
{
    size_t at = 0;
    while (file->record_len) {
        size_t n = file->record_len(file->buf + at, file->len - at);
        if (n == 0 || n > len - at)
            break;
        at += n;
    }
    return at;
}

int sniff_file_flush(struct sniff_file *file, struct spc_err *err)
{
    size_t done = 0;
    while (done < file->len) {
        ssize_t n = write(file->fd, file->buf + done, file->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int code = -errno;
            off_t end = (off_t)(file->size - file->len + whole_records(file, done));
            // Best effort: without it the file ends in a part of a record.
            if (file->is_regular && ftruncate(file->fd, end) < 0)
                (void)end;
            file->len = 0;
            return spc_err_set(err, code, "write '%s'",
                               file->dirfd < 0 ? "standard output" : file->path);
        }
        done += (size_t)n;
    }
    file->len = 0;
    return 0;
}

uint8_t *sniff_file_more_room(struct sniff_file *file, size_t len, struct spc_err *err)
{
    if (sniff_file_flush(file, err) < 0)
        return NULL;
    if (file->cap < len) {
        uint8_t *buf = realloc(file->buf, len);
        if (!buf) {
            spc_err_set(err, -ENOMEM, "write '%s'", file->path);
            return NULL;
        }
        file->buf = buf;
        file->cap = len;
    }
    return sniff_file_room(file, len, err);
}

// Which numbers the next file gets. 2 when there is to be none.
static int advance(struct sniff_file *file, bool is_time, uint64_t now_ns)
{
    const struct sniff_rotation *rot = &file->rotation;
    if (is_time) {
        file->start_ns = now_ns;
        if (rot->size_max)
            file->index = 0;
        else if (rot->count && ++file->index >= rot->count)
            return 2;
    } else if (rot->count && file->index + 1 >= rot->count) {
        file->index = 0; // -C -W: a ring of files
    } else {
        file->index++;
    }
    return 1;
}

int sniff_file_rotate_now(struct sniff_file *file, uint64_t now_ns, struct spc_err *err)
{
    const struct sniff_rotation *rot = &file->rotation;
    if (file->dirfd < 0)
        return 0;
    bool is_time = rot->seconds && now_ns >= file->start_ns + rot->seconds * NS_PER_S;
    bool is_size = rot->size_max && file->size > rot->size_max;
    if (!is_time && !is_size)
        return 0;

    int r = sniff_file_flush(file, err);
    if (r < 0)
        return r;
    r = advance(file, is_time, now_ns);
    if (r == 2)
        return r;
    spc_close(SPC_TAKE_FD(file->fd));
    r = open_next(file, err);
    return r < 0 ? r : 1;
}

// A pipe has a reader who waits; a regular file is brought up to date once a second.
int sniff_file_idle(struct sniff_file *file, uint64_t now_ns, struct spc_err *err)
{
    if (file->len == 0)
        return 0;
    if (file->is_regular && !file->is_unbuffered && now_ns < file->flushed_ns + NS_PER_S)
        return 0;
    file->flushed_ns = now_ns;
    return sniff_file_flush(file, err);
}
