// SPDX-License-Identifier: BSD-2-Clause
// The table of everything this executable can be called as.
#pragma once

#include <stddef.h>

struct spc_applet {
    const char *name;    // the verb behind `spc`
    const char *alias;   // name the executable answers to by itself (argv[0]), or NULL
    const char *summary; // one line of `spc help`
    int (*main)(int argc, char **argv);
};

extern const struct spc_applet spc_applets[];
extern const size_t spc_applet_count;

// By verb or by alias; NULL when there is none.
const struct spc_applet *spc_applet_find(const char *name);
