// SPDX-License-Identifier: BSD-2-Clause
// Security modules: which there are, and where they stand in the way of this caller.
#include "doctor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <selinux/selinux.h>

#include <spc/fd.h>
#include <spc/own.h>

#define SECURITYFS "/sys/kernel/security"

// securityfs, also where nobody has mounted it: a detached mount is seen by nobody and gone with
// its descriptor (fsmount, kernel 5.2). A descriptor or a negative errno.
static int open_securityfs(void)
{
    spc_auto_close int dir = open(SECURITYFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0 && faccessat(dir, "lsm", F_OK, 0) == 0)
        return SPC_TAKE_FD(dir);
    // fsopen(2) would have the kernel load a module for a type it does not know.
    if (!doctor_file_has_word("/proc/filesystems", "securityfs"))
        return -ENODEV;
    spc_auto_close int fs = fsopen("securityfs", FSOPEN_CLOEXEC);
    if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        return -errno;
    int mnt = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
    return mnt < 0 ? -errno : mnt;
}

static ssize_t read_securityfs(const char *name, char *buf, size_t size)
{
    spc_auto_close int dir = open_securityfs();
    if (dir < 0)
        return dir;
    ssize_t n = spc_read_small(dir, name, buf, size);
    if (n >= 0)
        buf[strcspn(buf, "\n")] = '\0';
    return n;
}

void doctor_ask_lsm(struct doctor_answer *answer)
{
    char list[256];
    ssize_t n = read_securityfs("lsm", list, sizeof(list));
    if (n >= 0) {
        doctor_say(answer, DOCTOR_OK, "%s", list);
        return;
    }
    // What each leaves where everybody can see it.
    bool selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
    bool apparmor = access("/sys/module/apparmor/parameters/enabled", F_OK) == 0;
    bool yama = access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0;
    doctor_say(answer, DOCTOR_UNKNOWN, "securityfs: %s; traces of:%s%s%s%s", strerror((int)-n),
               selinux ? " selinux" : "", apparmor ? " apparmor" : "", yama ? " yama" : "",
               selinux || apparmor || yama ? "" : " none");
}

// "none [integrity] confidentiality": the one in brackets holds (kernel_lockdown(7)).
void doctor_ask_lockdown(struct doctor_answer *answer)
{
    char line[128], mode[32];
    ssize_t n = read_securityfs("lockdown", line, sizeof(line));
    if (n == -ENOENT) {
        doctor_say(answer, DOCTOR_OK, "not part of this kernel");
        return;
    }
    const char *open_bracket = n >= 0 ? strchr(line, '[') : NULL;
    if (!open_bracket || sscanf(open_bracket, "[%31[a-z]]", mode) != 1) {
        doctor_say(answer, DOCTOR_UNKNOWN, "securityfs: %s", n < 0 ? strerror((int)-n) : line);
        doctor_advise(answer, "mount securityfs on " SECURITYFS ", or run as root");
        return;
    }
    if (strcmp(mode, "confidentiality") == 0)
        doctor_say(answer, DOCTOR_LIMITED, "%s: BPF may not read kernel memory", mode);
    else
        doctor_say(answer, DOCTOR_OK, "%s", mode);
}

// The caller's own context with another type; 0 when the policy has it.
static int make_context(const char *own, const char *type, char *buf, size_t size)
{
    char user[64], role[64], old[64];
    int at = 0;
    if (sscanf(own, "%63[^:]:%63[^:]:%63[^:]%n", user, role, old, &at) != 3 || at == 0)
        return -EBADMSG;
    snprintf(buf, size, "%s:%s:%s%s", user, role, type, own + at);
    if (security_check_context_raw(buf) == 0)
        return 0;
    snprintf(buf, size, "system_u:system_r:%s%s", type, own + at);
    return security_check_context_raw(buf) == 0 ? 0 : -EINVAL;
}

static bool may_change_to(const char *own, const char *context)
{
    security_class_t process = string_to_security_class("process");
    access_vector_t transition = process ? string_to_av_perm(process, "transition") : 0;
    struct av_decision decision = {0};
    if (!transition || security_compute_av_raw(own, context, process, transition, &decision) != 0)
        return false;
    return decision.allowed & transition;
}

// Not is_selinux_enabled(3): it says no where /etc/selinux/config is absent, as in a container.
void doctor_ask_selinux(struct doctor_answer *answer)
{
    long enforce = 0;
    char own[256], context[512];
    if (doctor_read_number("/sys/fs/selinux/enforce", &enforce) != 0) {
        doctor_say(answer, DOCTOR_OK, "not active");
        return;
    }
    const char *mode = enforce ? "enforcing" : "permissive";
    ssize_t n = doctor_read_line("/proc/self/attr/current", own, sizeof(own));
    if (n <= 0)
        doctor_say(answer, DOCTOR_UNKNOWN, "%s; own context not known", mode);
    else if (strstr(own, ":spc_t"))
        doctor_say(answer, DOCTOR_OK, "%s, as %s", mode, own);
    else if (make_context(own, "spc_t", context, sizeof(context)) != 0)
        doctor_say(answer, DOCTOR_LIMITED, "%s, as %s; the policy has no spc_t", mode, own);
    else if (enforce && !may_change_to(own, context)) {
        doctor_say(answer, DOCTOR_LIMITED, "%s, as %s; may not change to spc_t", mode, own);
        doctor_advise(answer, "start spc from an unconfined login, or allow the transition");
    } else
        doctor_say(answer, DOCTOR_OK, "%s, as %s; may change to spc_t", mode, own);
}

void doctor_ask_yama(struct doctor_answer *answer)
{
    static const char *const means[] = {"any process of the same user", "own children only",
                                        "only with CAP_SYS_PTRACE", "nobody"};
    long scope = 0;
    int r = doctor_read_number("/proc/sys/kernel/yama/ptrace_scope", &scope);
    if (r == -ENOENT)
        doctor_say(answer, DOCTOR_OK, "not active");
    else if (r < 0)
        doctor_say(answer, DOCTOR_UNKNOWN, "ptrace_scope: %s", strerror(-r));
    else if (scope < 0 || scope >= (long)SPC_ARRAY_SIZE(means))
        doctor_say(answer, DOCTOR_UNKNOWN, "ptrace_scope %ld", scope);
    else
        doctor_say(answer,
                   scope == 0 || (scope < 3 && doctor_has_cap(CAP_SYS_PTRACE)) ? DOCTOR_OK
                                                                               : DOCTOR_LIMITED,
                   "ptrace_scope %ld: %s", scope, means[scope]);
    if (scope == 3)
        doctor_advise(answer, "it can only be lowered by a reboot");
}
