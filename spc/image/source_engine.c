// SPDX-License-Identifier: BSD-2-Clause
// Images that an engine or a registry has, through the programs that speak to them.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <spc/fd.h>

#include "layer.h"
#include "source_priv.h"

struct child {
    pid_t pid;
    int out;    // its standard output, or SPC_NOFD
    int errors; // its standard error, in memory
};

static void child_free(struct child *child)
{
    spc_close(child->out); // it ends by SIGPIPE when we stop early
    spc_close(child->errors);
    if (child->pid > 0)
        waitpid(child->pid, NULL, 0);
}

static int start(const char *const *argv, bool with_output, struct child *ret, struct spc_err *err)
{
    spc_auto_close int from = SPC_NOFD, to = SPC_NOFD;
    int ends[2];
    if (with_output) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return spc_err_set(err, -errno, "pipe");
        from = ends[0];
        to = ends[1];
    }
    spc_auto_close int errors = memfd_create("spc-errors", MFD_CLOEXEC);
    if (errors < 0)
        return spc_err_set(err, -errno, "memfd");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, with_output ? to : errors, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    pid_t pid;
    int r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        return spc_err_set(err, -r, "run %s", argv[0]);
    *ret = (struct child){pid, SPC_TAKE_FD(from), SPC_TAKE_FD(errors)};
    return 0;
}

// The last line of what it wrote: that is where programs say what was wrong.
static void last_line(int fd, char ret[static 300])
{
    char text[4096];
    off_t end = lseek(fd, 0, SEEK_END), from = end > 4095 ? end - 4095 : 0;
    ssize_t n = pread(fd, text, sizeof(text) - 1, from);
    n = n < 0 ? 0 : n;
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    text[n] = '\0';
    const char *line = strrchr(text, '\n');
    snprintf(ret, 300, "%.299s", line ? line + 1 : text);
}

static int finish(struct child *child, const char *what, struct spc_err *err)
{
    int status;
    pid_t pid = child->pid;
    child->pid = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return spc_err_set(err, -errno, "wait for %s", what);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    char line[300];
    last_line(child->errors, line);
    return spc_err_say(err, -EIO, "%s failed%s%s", what, *line ? ": " : "", line);
}

static bool is_installed(const char *program)
{
    const char *dirs = getenv("PATH");
    for (const char *dir = dirs ? dirs : "/usr/bin:/bin"; *dir;) {
        size_t len = strcspn(dir, ":");
        char path[4096];
        if (snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, program) < (int)sizeof(path) &&
            access(path, X_OK) == 0)
            return true;
        dir += len + (dir[len] == ':');
    }
    return false;
}

static int check_name(const char *name, struct spc_err *err)
{
    // Nothing that the program would take for an option.
    if (*name == '\0' || *name == '-')
        return spc_err_usage(err, "'%s' is no name of an image", name);
    return 0;
}

int spc_source_engine(struct spc_source *source, const char *engine, const char *name,
                      struct spc_stage *stage, struct spc_err *err)
{
    int r = check_name(name, err);
    if (r < 0)
        return r;
    if (!is_installed(engine))
        return spc_err_say(err, -ENOENT, "%s is not installed here", engine);
    const char *const argv[] = {engine, "save", name, NULL};
    struct child child SPC_CLEANUP(child_free) = {.out = SPC_NOFD, .errors = SPC_NOFD};
    r = start(argv, true, &child, err);
    if (r < 0)
        return r;
    int unpacked = spc_source_unpack_archive(source, child.out, stage, err);
    // Why it ended matters more than that its output was cut off.
    struct spc_err why = {0};
    spc_close(child.out);
    child.out = SPC_NOFD;
    r = finish(&child, engine, &why);
    if (r < 0 && (unpacked == 0 || unpacked == -EBADMSG || unpacked == -ENOENT)) {
        *err = why;
        return r;
    }
    return unpacked < 0 ? unpacked : spc_source_docker_archive(source, NULL, err);
}

static int pull_by_engine(struct spc_source *source, const char *engine, const char *name,
                          struct spc_stage *stage, struct spc_err *err)
{
    const char *const argv[] = {engine, "pull", name, NULL};
    struct child child SPC_CLEANUP(child_free) = {.out = SPC_NOFD, .errors = SPC_NOFD};
    int r = start(argv, false, &child, err);
    if (r == 0)
        r = finish(&child, engine, err);
    return r < 0 ? r : spc_source_engine(source, engine, name, stage, err);
}

static int copy_by_skopeo(struct spc_source *source, const char *name, struct spc_stage *stage,
                          struct spc_err *err)
{
    spc_auto_free char *from = NULL, *to = NULL;
    if (asprintf(&from, "docker://%s", name) < 0 ||
        asprintf(&to, "oci:%s/tmp/%s/layout", stage->store->path, stage->name) < 0)
        return spc_err_set(err, -ENOMEM, "skopeo");
    const char *const argv[] = {"skopeo", "copy", from, to, NULL};
    struct child child SPC_CLEANUP(child_free) = {.out = SPC_NOFD, .errors = SPC_NOFD};
    int r = start(argv, false, &child, err);
    if (r == 0)
        r = finish(&child, "skopeo", err);
    if (r < 0)
        return r;
    source->dir = openat(stage->dir, "layout", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source->dir < 0)
        return spc_err_set(err, -errno, "what skopeo wrote");
    return spc_source_oci(source, NULL, err);
}

int spc_source_registry(struct spc_source *source, const char *name, struct spc_stage *stage,
                        struct spc_err *err)
{
    int r = check_name(name, err);
    if (r < 0)
        return r;
    source->name = strdup(name);
    if (!source->name)
        return spc_err_set(err, -ENOMEM, "image name");
    if (is_installed("skopeo"))
        return copy_by_skopeo(source, name, stage, err);
    static const char *const engines[] = {"podman", "docker"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(engines); i++)
        if (is_installed(engines[i]))
            return pull_by_engine(source, engines[i], name, stage, err);
    spc_err_say(err, -ENOENT, "no program here that can fetch from a registry");
    spc_err_hint(err, "install skopeo, podman or docker, or bring the image as an archive");
    return -ENOENT;
}
