// SPDX-License-Identifier: BSD-2-Clause
// What a guest's SELinux lets a process do, by libselinux, as spc is linked with it: statically.
//
// selinux-probe getcon              print the caller's own context
// selinux-probe enabled             print what is_selinux_enabled(3) says
// selinux-probe exec TYPE COMMAND [ARG...]
//                                   run COMMAND in the caller's context with TYPE in it; exit
//                                   status 2: setexeccon(3) refused, 126: execve(2) refused
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <selinux/context.h>
#include <selinux/selinux.h>

static int exec_as(const char *type, char **argv)
{
    char *own = NULL;
    if (getcon_raw(&own) != 0) {
        perror("getcon");
        return 1;
    }
    context_t context = context_new(own);
    if (!context || context_type_set(context, type) != 0) {
        perror("context_new");
        return 1;
    }
    if (setexeccon_raw(context_str(context)) != 0) {
        perror("setexeccon");
        return 2;
    }
    execvp(argv[0], argv);
    perror("execve");
    return 126;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "exec") == 0 && argc > 3)
        return exec_as(argv[2], argv + 3);
    if (strcmp(verb, "enabled") == 0)
        return printf("%d\n", is_selinux_enabled()) < 0;
    char *own = NULL;
    if (strcmp(verb, "getcon") != 0 || getcon_raw(&own) != 0) {
        fprintf(stderr, "selinux-probe: getcon | enabled | exec TYPE COMMAND [ARG...]\n");
        return 1;
    }
    return puts(own) < 0;
}
