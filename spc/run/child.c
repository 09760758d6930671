// SPDX-License-Identifier: BSD-2-Clause
// The command's process, from its first instruction to execve(2).
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <spc/ns.h>
#include <spc/own.h>

#include "root.h"
#include "user.h"

static int need_root(struct spc_err *err)
{
    if (err->code == -EPERM)
        spc_err_hint(err, "spc run needs CAP_SYS_ADMIN: run it as root (sudo spc run ...)");
    return err->code;
}

// In a chroot "/" is no mount, and nothing but a mount can be changed. The mounts to change begin
// at the real root: whoever sets its root below its working directory can walk there (chroot(2)).
static int make_slave_from_chroot(struct spc_err *err)
{
    spc_auto_close int jail = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (jail < 0 || chdir("/") < 0 || chroot("proc") < 0)
        return spc_err_set(err, -errno, "leave the chroot for a moment");
    struct stat here = {0}, before;
    int r = 0;
    do {
        before = here;
        if (chdir("..") < 0 || stat(".", &here) < 0)
            r = -errno;
    } while (r == 0 && (here.st_ino != before.st_ino || here.st_dev != before.st_dev));
    if (r == 0 && mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        r = -errno;
    if (fchdir(jail) < 0 || chroot(".") < 0)
        r = -errno;
    return r < 0 ? spc_err_set(err, r, "make the host's mounts slave mounts") : 0;
}

// What the host mounts from now on comes in, nothing of ours goes out.
static int make_slave(struct spc_err *err)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
        return 0;
    return errno == EINVAL ? make_slave_from_chroot(err)
                           : spc_err_set(err, -errno, "make / a slave mount");
}

// Containers' namespaces first, with the privileges that the caller has; then the user namespace,
// which owns the new ones made after it.
static int enter_namespaces(const struct run_plan *plan, struct spc_err *err)
{
    unsigned fresh = SPC_NS_BIT(SPC_NS_MNT);
    for (int kind = 0; kind < _SPC_NS_MAX; kind++) {
        const struct run_ns *ns = &plan->ns[kind];
        if (kind == SPC_NS_PID || kind == SPC_NS_USER)
            continue; // PID: was set by our parent
        if (ns->mode == RUN_NS_PRIVATE)
            fresh |= SPC_NS_BIT(kind);
        int r = ns->mode == RUN_NS_JOIN ? spc_ns_join(ns->fd, (enum spc_ns_kind)kind, err) : 0;
        if (r < 0)
            return r;
    }

    const struct run_ns *user = &plan->ns[SPC_NS_USER];
    int r = user->mode == RUN_NS_PRIVATE ? spc_ns_unshare_user(err)
            : user->mode == RUN_NS_JOIN  ? spc_ns_join(user->fd, SPC_NS_USER, err)
                                         : 0;
    if (r == 0)
        r = spc_ns_unshare(fresh, err);
    if (r < 0)
        return need_root(err);
    r = make_slave(err);
    if (r < 0)
        return r;
    if (plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
        return spc_err_set(err, -errno, "--hostname %s", plan->hostname);
    // Capabilities may have gone with the user namespace's: a network without lo is still one.
    return plan->ns[SPC_NS_NET].mode == RUN_NS_PRIVATE ? spc_ns_lo_up(err) : 0;
}

static bool env_has_home(const struct spc_strv *env)
{
    spc_strv_foreach (env, item)
        if (strncmp(*item, "HOME=", 5) == 0)
            return true;
    return false;
}

static int become_user(const struct run_plan *plan, struct spc_strv *env, struct spc_err *err)
{
    spc_auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return spc_err_set(err, -errno, "open /");
    struct run_user user;
    if (plan->user) {
        int r = spc_run_user_find(root, plan->user, &user, err);
        if (r < 0)
            return spc_err_wrap(err, "--user %s", plan->user);
        if (setgroups(user.group_count, user.groups) < 0 ||
            setresgid(user.gid, user.gid, user.gid) < 0 ||
            setresuid(user.uid, user.uid, user.uid) < 0)
            return spc_err_set(err, -errno, "--user %s", plan->user);
    } else if (plan->image.kind == RUN_IMAGE_BUILTIN && geteuid() == 0) {
        snprintf(user.home, sizeof(user.home), "/root"); // whatever the host's passwd says
    } else if (!env_has_home(env)) {
        spc_run_user_home(root, geteuid(), user.home, sizeof(user.home));
    }
    if (!env_has_home(env) && spc_strv_addf(env, "HOME=%s", user.home) < 0)
        return spc_err_set(err, -ENOMEM, "environment");
    return 0;
}

static int choose_directory(const struct run_plan *plan, struct spc_err *err)
{
    if (plan->config->workdir) {
        if (chdir(plan->config->workdir) < 0)
            return spc_err_set(err, -errno, "--workdir %s", plan->config->workdir);
        return 0;
    }
    char path[PATH_MAX];
    if (plan->cwd && (size_t)snprintf(path, sizeof(path), "/host%s", plan->cwd) < sizeof(path) &&
        chdir(path) == 0)
        return 0;
    // We are at "/" already; an image whose working directory is missing is no reason to stop.
    if (plan->image.workdir && chdir(plan->image.workdir) < 0)
        return 0;
    return 0;
}

static int exec_error(int code, const char *name, struct spc_err *err)
{
    enum spc_exit status =
        code == -ENOENT || code == -ENOTDIR ? SPC_EXIT_RUN_NOENT : SPC_EXIT_RUN_NOEXEC;
    if (code == -ENOENT && strchr(name, '/') && access(name, F_OK) == 0) {
        spc_err_say(err, code, "%s: the loader or interpreter that it asks for is not in the image",
                    name);
    } else if (code == -ENOENT && !strchr(name, '/')) {
        spc_err_say(err, code, "%s: not found in PATH", name);
        spc_err_hint(err, "programs of the host are run with: chroot /host %s", name);
    } else {
        spc_err_set(err, code, "%s", name);
    }
    spc_err_exit(err, status);
    return code;
}

static const char *env_path(const struct spc_strv *env)
{
    spc_strv_foreach (env, item)
        if (strncmp(*item, "PATH=", 5) == 0)
            return *item + 5;
    return "/usr/bin:/bin";
}

// execvpe(3) with the PATH of the command, not ours; and without its habit of feeding a file that
// is no program to a shell.
static int exec_command(const struct run_plan *plan, const struct spc_strv *env,
                        struct spc_err *err)
{
    const char *name = plan->argv.items[0];
    if (strchr(name, '/') || !*name) {
        execve(name, plan->argv.items, env->items);
        return exec_error(-errno, name, err);
    }
    int code = -ENOENT;
    char path[PATH_MAX];
    for (const char *dir = env_path(env);; dir++) {
        size_t len = strcspn(dir, ":");
        if ((size_t)snprintf(path, sizeof(path), "%.*s/%s", len ? (int)len : 1, len ? dir : ".",
                             name) < sizeof(path)) {
            execve(path, plan->argv.items, env->items);
            if (errno == ENOENT && access(path, F_OK) == 0)
                return exec_error(-ENOENT, path, err);
            if (errno != ENOENT && errno != ENOTDIR)
                code = -errno;
        }
        dir += len;
        if (!*dir)
            return exec_error(code, name, err);
    }
}

// Nothing but standard input, output and error: neither what the caller forgot, nor ours.
static void close_on_exec(void)
{
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    // Kernel below 5.11.
    for (int fd = 3, end = (int)sysconf(_SC_OPEN_MAX); fd < end; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int spc_run_child(const struct run_plan *plan, const struct run_inherited *inherited,
                  struct spc_err *err)
{
    spc_auto_strv struct spc_strv env = {0};
    int r = enter_namespaces(plan, err);
    if (r == 0)
        r = spc_run_root_enter(plan, err);
    spc_strv_foreach (&plan->env, item)
        if (r == 0 && spc_strv_add(&env, *item) < 0)
            r = spc_err_set(err, -ENOMEM, "environment");
    if (r == 0)
        r = become_user(plan, &env, err);
    if (r == 0)
        r = choose_directory(plan, err);
    if (r < 0)
        return r;
    close_on_exec();
    // Cleared by the change of user; children do not have it anyway.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    spc_run_restore(inherited);
    return exec_command(plan, &env, err);
}
