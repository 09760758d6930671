// SPDX-License-Identifier: BSD-2-Clause
// systrace: what system calls cost, and what changed.
#include <string.h>

#include <spc/opt.h>

#include "commands.h"

int systrace_main(int argc, char **argv);

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    {"record", systrace_record_main}, {"report", systrace_report_main},
    {"show", systrace_show_main},     {"diff", systrace_diff_main},
    {"hist", systrace_hist_main},     {"export", systrace_export_main},
};

int systrace_main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < SPC_ARRAY_SIZE(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    return systrace_live_main(argc, argv);
}
