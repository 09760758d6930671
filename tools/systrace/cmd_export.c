// SPDX-License-Identifier: BSD-2-Clause
#include "commands.h"

int systrace_export_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 1;
}
