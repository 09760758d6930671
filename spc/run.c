// SPDX-License-Identifier: BSD-2-Clause
// `spc run`: the option table. The work is in run/: plan.c (what to do), life.c (processes),
// child.c (mounts and exec), display.c (only say it).
#include <spc/opt.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <spc/own.h>

#include "applets.h"
#include "run/life.h"
#include "run/plan.h"
#include "verbs.h"

#define AT(member) SPC_OPT_AT(struct run_config, member)
#define NS(kind, word, s)                                                                          \
    {                                                                                              \
        0, word, SPC_OPT_STR, AT(ns[kind]), "NS", s                                                \
    }

static const struct spc_choice mount_apis[] = {
    {"auto", RUN_MOUNT_AUTO, "what the kernel offers"},
    {"new", RUN_MOUNT_NEW, "detached mounts, kernel 5.2"},
    {"classic", RUN_MOUNT_CLASSIC, "mount(2)"},
    {0},
};

static const struct spc_choice root_kinds[] = {
    {"auto", RUN_ROOT_AUTO, "overlay, else bind"},
    {"overlay", RUN_ROOT_OVERLAY, "image plus a writable layer in memory"},
    {"bind", RUN_ROOT_BIND, "every entry of the image bound read-only"},
    {0},
};

static const struct spc_opt options[] = {
    {0, NULL, SPC_OPT_SECTION, 0, NULL, "Command"},
    {'e', "env", SPC_OPT_STRV, AT(env), "NAME[=VALUE]",
     "Set a variable; NAME alone takes the caller's value."},
    {0, "env-host", SPC_OPT_FLAG, AT(has_host_env), NULL, "Pass the caller's whole environment."},
    {0, "env-file", SPC_OPT_STRV, AT(env_files), "FILE",
     "Read variables from FILE, one NAME[=VALUE] a line."},
    {'w', "workdir", SPC_OPT_STR, AT(workdir), "DIR",
     "Working directory. Default: the caller's, below /host, else the image's."},
    {'u', "user", SPC_OPT_STR, AT(user), "USER[:GROUP]",
     "Name or number, looked up in the image's /etc/passwd and /etc/group."},
    {0, "entrypoint", SPC_OPT_STR, AT(entrypoint), "COMMAND", "Instead of the image's entrypoint."},
    {'i', "interactive", SPC_OPT_FLAG, AT(is_interactive), NULL,
     "Accepted: standard input is always passed on."},
    {'t', "tty", SPC_OPT_FLAG, AT(is_tty), NULL,
     "Insist on a terminal. Without it the caller's terminal is used where there is one."},

    {0, NULL, SPC_OPT_SECTION, 0, NULL, "Container"},
    {0, "name", SPC_OPT_STR, AT(name), "NAME", "NAME in the environment. Default: from IMAGE."},
    {0, "hostname", SPC_OPT_STR, AT(hostname), "NAME", "Own host name; implies --uts private."},
    {'v', "volume", SPC_OPT_STRV, AT(volumes), "SRC:DST[:OPT,...]",
     "Show SRC of the host at DST. OPT: ro, nosuid, nodev, noexec, bind, rslave, rprivate."},
    {0, "read-only", SPC_OPT_FLAG, AT(is_read_only), NULL, "Nothing can be written to the image."},
    {0, "rm", SPC_OPT_FLAG, AT(is_rm), NULL, "Accepted: nothing is ever left behind."},
    {0, "display", SPC_OPT_FLAG, AT(is_display), NULL,
     "Say what would be granted and the docker command that does the same; run nothing."},

    {0, NULL, SPC_OPT_SECTION, 0, NULL, "Namespaces (NS: host, private, container:TARGET)"},
    NS(SPC_NS_PID, "pid", "Processes. Default: host."),
    NS(SPC_NS_NET, "net", "Network; none means private. Default: host."),
    NS(SPC_NS_NET, "network", "The same as --net."),
    NS(SPC_NS_IPC, "ipc", "System V IPC and message queues. Default: host."),
    NS(SPC_NS_UTS, "uts", "Host name. Default: host."),
    NS(SPC_NS_CGROUP, "cgroupns", "View of the cgroup tree. Default: host."),
    NS(SPC_NS_USER, "userns", "User IDs and capabilities. Default: host."),

    {0, NULL, SPC_OPT_SECTION, 0, NULL, "For troubleshooting"},
    {0, "mount-api", SPC_OPT_CHOICE, AT(mount_api), "API", "How to mount.", mount_apis},
    {0, "root", SPC_OPT_CHOICE, AT(root_kind), "HOW", "How to build the root.", root_kinds},
    {0},
};

static const struct spc_example examples[] = {
    {"spc run tools", "a shell with busybox and spc; the host is at /host"},
    {"spc run tools strace -p 1234", "trace a process of the host"},
    {"spc run tools chroot /host journalctl -b", "run a program of the host"},
    {"spc run ./fedora-root tcpdump -ni any", "tools of a root file system directory"},
    {"spc run --net container:web tools ss -tln", "with the network of container 'web'"},
    {"spc run -v /tmp/out:/out -w /out tools sh", "show a directory, and start in it"},
    {"spc run --display ./fedora-root", "what would be granted?"},
    {0},
};

// In the tools image the executable has the names of its tools, and `strace` is strace-lite.
static int add_self_names(struct spc_strv *names)
{
    for (size_t i = 0; i < spc_applet_count; i++) {
        const struct spc_applet *applet = &spc_applets[i];
        int r = applet->alias ? spc_strv_add(names, applet->alias) : 0;
        if (r == 0 && applet->alias && strcmp(applet->alias, applet->name) != 0)
            r = spc_strv_add(names, applet->name);
        if (r < 0)
            return r;
    }
    return 0;
}

static int run(void *data, int argc, char **argv, struct spc_err *err)
{
    struct run_config *config = data;
    if (config->is_tty && !isatty(STDIN_FILENO))
        return spc_err_say(err, -ENOTTY, "--tty: the input device is not a TTY");
    int r = add_self_names(&config->self_names);
    if (r < 0)
        return spc_err_set(err, r, "applets");

    struct run_plan plan SPC_CLEANUP(spc_run_plan_free) = {0};
    r = spc_run_plan_make(config, argc, argv, &plan, err);
    if (r < 0)
        return r;
    if (config->is_display)
        return spc_run_display(&plan, err);
    r = spc_run_ns_open(&plan, err);
    return r < 0 ? r : spc_run_life(&plan, err);
}

static void free_config(void *data)
{
    struct run_config *config = data;
    spc_strv_free(&config->env);
    spc_strv_free(&config->env_files);
    spc_strv_free(&config->volumes);
    spc_strv_free(&config->self_names);
}

int run_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc run",
        .operands = "IMAGE [COMMAND [ARG...]]",
        .description =
            "Launch a super-privileged container: IMAGE at /, the whole host at /host, the host's "
            "namespaces and every privilege that the caller has. No engine is needed, it takes "
            "about two milliseconds, and nothing is left behind. IMAGE is 'tools' (built in: "
            "busybox and spc), a root file system directory, or an unpacked OCI bundle or layout.",
        .opts = options,
        .examples = examples,
        .notes = "Exit code: that of COMMAND, 128+N when signal N ended it, 125 when spc itself "
                 "failed, 126 when COMMAND cannot be executed, 127 when it was not found. When "
                 "COMMAND ends, everything that it started ends with it.",
        .stop_at_operand = true,
        .run = run,
        .config_size = sizeof(struct run_config),
        .free_config = free_config,
        .fail_status = SPC_EXIT_RUN_FAILED,
    };
    return spc_cmd_main(&cmd, argc, argv);
}
