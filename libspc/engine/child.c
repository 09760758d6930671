// SPDX-License-Identifier: BSD-2-Clause
#include <spc/child.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <spc/buf.h>

static int check_executable(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return -EACCES;
    return 0;
}

static int search(const char *name, const char *path_list, struct spc_buf *path)
{
    int r = -ENOENT;
    for (const char *dir = path_list;; dir++) {
        size_t len = strcspn(dir, ":");
        spc_buf_reset(path);
        spc_buf_add(path, dir, len);
        spc_buf_printf(path, "%s%s", len ? "/" : "", name); // an empty entry means "here"
        if (spc_buf_check(path) < 0)
            return -ENOMEM;
        int found = check_executable(path->data);
        if (found == 0)
            return 0;
        if (found == -EACCES)
            r = found; // as execvp(3): go on, but remember
        dir += len;
        if (!*dir)
            return r;
    }
}

int spc_child_find(const char *name, const char *path_list, char **ret, struct spc_err *err)
{
    spc_auto_buf struct spc_buf path = {0};
    int r;
    if (strchr(name, '/')) {
        spc_buf_puts(&path, name);
        r = check_executable(name);
    } else {
        r = *name ? search(name, path_list ? path_list : "/usr/local/bin:/usr/bin:/bin", &path)
                  : -ENOENT;
    }
    if (r == -ENOENT && !strchr(name, '/'))
        return spc_err_say(err, r, "run '%s': no such command in PATH", name);
    if (r < 0)
        return spc_err_set(err, r, "run '%s'", name);
    char *found = spc_buf_take(&path);
    if (!found)
        return spc_err_set(err, -ENOMEM, "run '%s'", name);
    *ret = found;
    return 0;
}

// Runs between fork and execve: async-signal-safe calls only.
static void __attribute__((noreturn))
child_side(const struct spc_child_command *command, int gatefd, int reportfd)
{
    char go;
    ssize_t n;
    while ((n = read(gatefd, &go, 1)) < 0 && errno == EINTR)
        ;
    if (n != 1) // the parent died before it could let us go
        _exit(1);
    execve(command->path, command->argv, command->envp);
    int error = errno;
    if (write(reportfd, &error, sizeof(error)) < 0)
        _exit(1);
    _exit(1);
}

int spc_child_fork(const struct spc_child_command *command, struct spc_child *ret,
                   struct spc_err *err)
{
    int gate[2], report[2];
    if (pipe2(gate, O_CLOEXEC) < 0)
        return spc_err_set(err, -errno, "start '%s': pipe", command->path);
    spc_auto_close int gate_read = gate[0], gate_write = gate[1];
    if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0)
        return spc_err_set(err, -errno, "start '%s': pipe", command->path);
    spc_auto_close int report_read = report[0], report_write = report[1];

    pid_t pid = fork();
    if (pid < 0)
        return spc_err_set(err, -errno, "start '%s': fork", command->path);
    if (pid == 0) {
        close(gate_write); // else the gate would stay open after the death of the parent
        child_side(command, gate_read, report_write);
    }
    *ret = (struct spc_child){pid, SPC_TAKE_FD(gate_write), SPC_TAKE_FD(report_read)};
    return 0;
}

void spc_child_release(struct spc_child *child)
{
    // The child holds the other end: this cannot fail in a way that matters.
    ssize_t n = write(child->gatefd, "", 1);
    (void)n;
    spc_close(SPC_TAKE_FD(child->gatefd));
}

int spc_child_exec_error(struct spc_child *child)
{
    int error;
    ssize_t n = child->reportfd >= 0 ? read(child->reportfd, &error, sizeof(error)) : 0;
    return n == (ssize_t)sizeof(error) ? -error : 0;
}

void spc_child_close(struct spc_child *child)
{
    spc_close(SPC_TAKE_FD(child->gatefd));
    spc_close(SPC_TAKE_FD(child->reportfd));
}
