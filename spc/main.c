// SPDX-License-Identifier: BSD-2-Clause
// Multi-call entry: `spc VERB ...`, or a tool's own name by argv[0].
#include <stdio.h>
#include <string.h>

#include <spc/err.h>
#include <spc/opt.h>
#include <spc/own.h>

#include "applets.h"
#include "verbs.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int unknown_verb(const char *word)
{
    const char *names[64];
    size_t n = 0;
    for (; n < spc_applet_count && n < SPC_ARRAY_SIZE(names); n++)
        names[n] = spc_applets[n].name;
    const char *near = spc_nearest(word, names, n);
    if (near)
        fprintf(stderr, "spc: '%s' is not a verb; did you mean 'spc %s'?\n", word, near);
    else
        fprintf(stderr, "spc: '%s' is not a verb; see 'spc --help'\n", word);
    return SPC_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 1)
        return SPC_EXIT_USAGE;

    // Called by a tool's name (a link in the tools image): the whole command line is the tool's.
    const char *self = base_name(argv[0]);
    const struct spc_applet *applet = strcmp(self, "spc") == 0 ? NULL : spc_applet_find(self);
    if (applet)
        return applet->main(argc, argv);

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_main(1, argv);
    if (argv[1][0] == '-') // --version, or an option that does not exist
        return help_main(argc, argv);
    applet = spc_applet_find(argv[1]);
    if (!applet)
        return unknown_verb(argv[1]);
    return applet->main(argc - 1, argv + 1);
}
