// SPDX-License-Identifier: BSD-2-Clause
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <spc/fd.h>
#include <spc/version.h>

#include "scope_place.h"

static const struct {
    const char *key, *path;
} files[] = {
    {"kernel.cmdline", "/proc/cmdline"},
    {"kernel.boot", "/proc/sys/kernel/random/boot_id"},
    {"kernel.tainted", "/proc/sys/kernel/tainted"},
    {"kernel.lsm", "/sys/kernel/security/lsm"},
    {"kernel.lockdown", "/sys/kernel/security/lockdown"},
    {"kernel.preempt", "/sys/kernel/debug/sched/preempt"},
    {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
    {"cpu.online", "/sys/devices/system/cpu/online"},
    {"cpu.smt", "/sys/devices/system/cpu/smt/control"},
    {"cpu.driver", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"},
    {"cpu.governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
    {"cpu.boost", "/sys/devices/system/cpu/cpufreq/boost"},
    {"memory.thp", "/sys/kernel/mm/transparent_hugepage/enabled"},
    {"sysctl.kernel.randomize_va_space", "/proc/sys/kernel/randomize_va_space"},
    {"sysctl.kernel.numa_balancing", "/proc/sys/kernel/numa_balancing"},
    {"sysctl.kernel.sched_autogroup_enabled", "/proc/sys/kernel/sched_autogroup_enabled"},
    {"sysctl.kernel.perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
    {"sysctl.net.core.bpf_jit_enable", "/proc/sys/net/core/bpf_jit_enable"},
    {"sysctl.net.core.bpf_jit_harden", "/proc/sys/net/core/bpf_jit_harden"},
    {"sysctl.vm.overcommit_memory", "/proc/sys/vm/overcommit_memory"},
    {"sysctl.vm.swappiness", "/proc/sys/vm/swappiness"},
};

// Directories whose files, or whose entries' names, say something.
static const struct {
    const char *key, *path;
    bool are_names; // one meta line with all names, instead of one a file with its content
} directories[] = {
    {"mitigation", "/sys/devices/system/cpu/vulnerabilities", false},
    {"kernel.livepatch", "/sys/kernel/livepatch", true},
};

// Lines of /proc/cpuinfo, of the first processor; arm64 has the second set.
static const struct {
    const char *key, *name;
} cpuinfo[] = {
    {"cpu.model", "model name"},
    {"cpu.microcode", "microcode"},
    {"cpu.part", "CPU part"},
    {"cpu.implementer", "CPU implementer"},
};

static int add(struct recording *r, const char *key, char *value)
{
    value[strcspn(value, "\n")] = '\0';
    return *value ? systrace_recording_add_meta(r, key, value) : 0;
}

static int add_file(struct recording *r, const char *key, int dirfd, const char *path)
{
    char text[4096];
    return spc_read_small(dirfd, path, text, sizeof(text)) > 0 ? add(r, key, text) : 0;
}

static int add_directory(struct recording *r, const char *key, const char *path, bool are_names)
{
    spc_auto_dir DIR *dir = opendir(path);
    spc_auto_buf struct spc_buf names = {0};
    struct dirent *entry;
    int status = 0;
    while (dir && status == 0 && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        char name[300];
        snprintf(name, sizeof(name), "%s.%s", key, entry->d_name);
        if (are_names)
            spc_buf_printf(&names, "%s%s", names.len ? "," : "", entry->d_name);
        else
            status = add_file(r, name, dirfd(dir), entry->d_name);
    }
    if (status == 0 && names.len)
        status = systrace_recording_add_meta(r, key, spc_buf_str(&names));
    return status;
}

static int add_cpuinfo(struct recording *r)
{
    char text[4096]; // the first processor is within it; the file is longer
    spc_auto_close int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    int status = 0;
    if (len <= 0)
        return 0;
    text[len] = '\0';
    for (size_t i = 0; status == 0 && i < SPC_ARRAY_SIZE(cpuinfo); i++) {
        const char *line = strstr(text, cpuinfo[i].name), *colon = line ? strchr(line, ':') : NULL;
        char value[256];
        if (!colon)
            continue;
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(colon + 1, "\n"), colon + 1);
        status = add(r, cpuinfo[i].key, value + strspn(value, " "));
    }
    return status;
}

static int add_uname(struct recording *r)
{
    struct utsname name;
    if (uname(&name) < 0)
        return 0;
    int status = systrace_recording_add_meta(r, "host", name.nodename);
    status = status < 0 ? status : systrace_recording_add_meta(r, "kernel.release", name.release);
    status = status < 0 ? status : systrace_recording_add_meta(r, "kernel.version", name.version);
    return status < 0 ? status : systrace_recording_add_meta(r, "machine", name.machine);
}

int systrace_context_add(struct recording *r, struct spc_err *err)
{
    int status = systrace_recording_add_meta(r, "tool.version", SPC_VERSION);
    status = status < 0 ? status : add_uname(r);
    status = status < 0 ? status : add_cpuinfo(r);
    for (size_t i = 0; status == 0 && i < SPC_ARRAY_SIZE(files); i++)
        status = add_file(r, files[i].key, AT_FDCWD, files[i].path);
    for (size_t i = 0; status == 0 && i < SPC_ARRAY_SIZE(directories); i++)
        status =
            add_directory(r, directories[i].key, directories[i].path, directories[i].are_names);
    if (status == 0)
        status = systrace_recording_add_meta(r, "cgroup.mode",
                                             systrace_place_is_unified() ? "v2" : "v1 or hybrid");
    return status < 0 ? spc_err_set(err, status, "describing this machine") : 0;
}
