// SPDX-License-Identifier: BSD-2-Clause
// The only file that knows every verb and tool.
#include "applets.h"

#include <string.h>

#include <spc/own.h>

#include "verbs.h"

// Each tool exposes its main and nothing else.
int image_main(int argc, char **argv);
int strace_lite_main(int argc, char **argv);
int sniff_main(int argc, char **argv);
int systrace_main(int argc, char **argv);

const struct spc_applet spc_applets[] = {
    {"run", NULL, "launch a super-privileged container", run_main},
    {"image", NULL, "bring in, list and check images", image_main},
    {"ps", NULL, "list the containers of every engine", ps_main},
    {"strace", "strace-lite", "trace system calls", strace_lite_main},
    {"sniff", "sniff", "capture the packets of a container", sniff_main},
    {"systrace", "systrace", "measure system calls, compare kernels", systrace_main},
    {"doctor", NULL, "say what works on this node, and what does not", doctor_main},
    {"help", NULL, "explain spc or one of its verbs", help_main},
};
const size_t spc_applet_count = SPC_ARRAY_SIZE(spc_applets);

const struct spc_applet *spc_applet_find(const char *name)
{
    for (size_t i = 0; i < spc_applet_count; i++) {
        const struct spc_applet *a = &spc_applets[i];
        if (strcmp(a->name, name) == 0 || (a->alias && strcmp(a->alias, name) == 0))
            return a;
    }
    return NULL;
}
