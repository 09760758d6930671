// SPDX-License-Identifier: BSD-2-Clause
// `spc help [VERB]`, `spc --help`, `spc --version`.
#include <spc/opt.h>

#include <stdio.h>

#include "applets.h"
#include "verbs.h"

static const struct spc_opt options[] = {{0}};

static void list_verbs(struct spc_buf *out)
{
    spc_buf_puts(out, "Usage: spc VERB [OPTIONS] [ARG...]\n\n"
                      "Debug containers from outside them: launch a tools image with the host's "
                      "namespaces,\nfind the containers of any engine, trace them.\n\nVerbs:\n");
    for (size_t i = 0; i < spc_applet_count; i++)
        spc_buf_printf(out, "  %-10s %s\n", spc_applets[i].name, spc_applets[i].summary);
    spc_buf_puts(out, "\nTARGET, the same everywhere: a name or ID prefix, ENGINE:NAME, "
                      "pod/NAMESPACE/POD[/CONTAINER],\npid:N, cgroup:/PATH, unit:NAME, "
                      "netns:/PATH, host.\n\nExit codes: 0 done, 1 failed, 2 usage, 3 target not "
                      "found or ambiguous, 4 data was lost;\n`run`: the command's own, 128+signal, "
                      "125 spc failed, 126 not executable, 127 not found.\n\n"
                      "'spc VERB --help' explains a verb.\n");
}

static int run(void *config, int argc, char **argv, struct spc_err *err)
{
    (void)config;
    if (argc > 0) {
        const struct spc_applet *applet = spc_applet_find(argv[0]);
        if (!applet)
            return spc_err_usage(err, "help: '%s' is not a verb", argv[0]);
        char help[] = "--help", *words[] = {argv[0], help, NULL};
        return applet->main(2, words);
    }
    spc_auto_buf struct spc_buf out = {0};
    list_verbs(&out);
    fputs(spc_buf_str(&out), stdout);
    return fflush(stdout) == 0 ? SPC_EXIT_OK : SPC_EXIT_FAIL;
}

int help_main(int argc, char **argv)
{
    static const struct spc_cmd cmd = {
        .name = "spc",
        .operands = "[VERB]",
        .description = "Debug containers from outside them.",
        .opts = options,
        .run = run,
    };
    return spc_cmd_main(&cmd, argc, argv);
}
