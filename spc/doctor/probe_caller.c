// SPDX-License-Identifier: BSD-2-Clause
// What the kernel calls itself, and what this caller may do.
#include "doctor_priv.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <spc/buf.h>
#include <spc/own.h>

void doctor_ask_kernel(struct doctor_answer *answer)
{
    struct utsname u;
    if (uname(&u) != 0)
        doctor_failed(answer, -errno, "uname");
    else
        doctor_say(answer, DOCTOR_OK, "%s %s %s", u.sysname, u.release, u.machine);
}

// The capabilities that some part of spc asks for, and which one hurts without it.
static const struct {
    int cap;
    int instead; // this one serves as well, or -1
    const char *hurts;
} needed_caps[] = {
    {CAP_SYS_ADMIN, -1, "run, namespaces, mounts"},
    {CAP_SYS_PTRACE, -1, "processes of other users"},
    {CAP_SYS_CHROOT, -1, "run"},
    {CAP_NET_RAW, -1, "sniff"},
    {CAP_NET_ADMIN, -1, "run --network private, promiscuous sniff"},
    {CAP_BPF, CAP_SYS_ADMIN, "systrace"},
    {CAP_PERFMON, CAP_SYS_ADMIN, "systrace"},
    {CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, "ps: state of the engines"},
    {CAP_DAC_OVERRIDE, -1, "image store"},
    {CAP_CHOWN, -1, "image import"},
    {CAP_SETUID, -1, "run --user"},
    {CAP_SETGID, -1, "run --user"},
    {CAP_KILL, -1, "stopping what others started"},
    {CAP_SYSLOG, CAP_SYS_ADMIN, "names of kernel functions, dmesg"},
    {CAP_SYS_RESOURCE, -1, "raising memlock and other limits"},
};

static void add_word(struct spc_buf *out, const char *word)
{
    spc_buf_printf(out, "%s%s", out->len ? ", " : "", word);
}

// "cap_sys_admin" as everybody writes it outside of C: sys_admin.
static void add_cap(struct spc_buf *out, int cap)
{
    char *name = cap_to_name((cap_value_t)cap);
    if (!name)
        return;
    add_word(out, strncmp(name, "cap_", 4) == 0 ? name + 4 : name);
    cap_free(name);
}

void doctor_ask_capabilities(struct doctor_answer *answer)
{
    spc_auto_buf struct spc_buf missing = {0}, hurts = {0};
    int have = 0, total = cap_max_bits();
    for (int cap = 0; cap < total; cap++) {
        if (doctor_has_cap(cap))
            have++;
        else
            add_cap(&missing, cap);
    }
    for (size_t i = 0; i < SPC_ARRAY_SIZE(needed_caps); i++) {
        int cap = needed_caps[i].cap, instead = needed_caps[i].instead;
        if (cap >= total || doctor_has_cap(cap) || (instead >= 0 && doctor_has_cap(instead)))
            continue;
        if (hurts.len == 0 || !strstr(spc_buf_str(&hurts), needed_caps[i].hurts))
            add_word(&hurts, needed_caps[i].hurts);
    }
    if (have == total)
        doctor_say(answer, DOCTOR_OK, "all %d", total);
    else if (have == 0)
        doctor_say(answer, DOCTOR_MISSING, "none of %d", total);
    else
        doctor_say(answer, hurts.len ? DOCTOR_LIMITED : DOCTOR_OK, "%d of %d; without %s", have,
                   total, spc_buf_str(&missing));
    if (hurts.len && have > 0)
        doctor_advise(answer, "run as root on the host with all capabilities; this hurts: %s",
                      spc_buf_str(&hurts));
}

// prctl(PR_GET_SECCOMP) kills a caller in strict mode, so procfs is asked (seccomp(2)).
static int status_number(const char *key)
{
    spc_auto_file FILE *file = fopen("/proc/self/status", "re");
    char line[512];
    int value;
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), ": %d", &value) == 1)
            return value;
    return -1;
}

void doctor_ask_seccomp(struct doctor_answer *answer)
{
    int mode = status_number("Seccomp"), filters = status_number("Seccomp_filters");
    if (mode == SECCOMP_MODE_DISABLED)
        doctor_say(answer, DOCTOR_OK, "no filter on this caller");
    else if (mode == SECCOMP_MODE_FILTER && filters > 0)
        doctor_say(answer, DOCTOR_LIMITED, "this caller is under %d filter%s", filters,
                   filters == 1 ? "" : "s");
    else if (mode == SECCOMP_MODE_FILTER)
        doctor_say(answer, DOCTOR_LIMITED, "this caller is under a filter");
    else
        doctor_say(answer, DOCTOR_UNKNOWN, "no Seccomp line in /proc/self/status");
}

void doctor_ask_no_new_privs(struct doctor_answer *answer)
{
    int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    if (set < 0)
        doctor_failed(answer, -errno, "prctl");
    else if (set)
        doctor_say(answer, DOCTOR_LIMITED, "set for this caller");
    else
        doctor_say(answer, DOCTOR_OK, "not set");
}

void doctor_ask_pid_namespace(struct doctor_answer *answer)
{
    const ino_t initial = 0xeffffffc; // PROC_PID_INIT_INO, include/linux/proc_ns.h, since 3.8
    struct stat st;
    if (stat("/proc/self/ns/pid", &st) != 0)
        doctor_failed(answer, -errno, "/proc/self/ns/pid");
    else if (st.st_ino == initial)
        doctor_say(answer, DOCTOR_OK, "that of the host");
    else
        doctor_say(answer, DOCTOR_LIMITED, "a namespace of its own: other processes are not seen");
}
