// SPDX-License-Identifier: BSD-2-Clause
// perf events, and what the kernel shows of itself.
#include "doctor_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include <spc/own.h>

// Count on our own process for a moment. Returns the count or a negative errno.
static int64_t count_event(uint32_t type, uint64_t config, bool exclude_kernel)
{
    struct perf_event_attr attr = {
        .type = type,
        .size = sizeof(attr),
        .config = config,
        .exclude_kernel = exclude_kernel,
        .exclude_hv = exclude_kernel,
    };
    spc_auto_close int fd =
        (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (volatile int i = 0; i < 1000000; i++)
        ;
    uint64_t count = 0;
    if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
        return -errno;
    return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

static void say_count(struct doctor_answer *answer, uint32_t type, uint64_t config,
                      const char *what)
{
    int64_t count = count_event(type, config, false);
    if (count == -EACCES || count == -EPERM) {
        if (count_event(type, config, true) > 0) {
            doctor_say(answer, DOCTOR_LIMITED, "%s of user space only", what);
            doctor_advise(answer, "sysctl kernel.perf_event_paranoid=1, or grant CAP_PERFMON");
            return;
        }
    }
    if (count < 0)
        doctor_failed(answer, (int)count, "counting %s", what);
    else if (count == 0)
        doctor_say(answer, DOCTOR_LIMITED, "%s: counted none", what);
    else
        doctor_say(answer, DOCTOR_OK, "%s are counted", what);
}

void doctor_ask_perf_counters(struct doctor_answer *answer)
{
    say_count(answer, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "cycles");
}

void doctor_ask_perf_software(struct doctor_answer *answer)
{
    say_count(answer, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, "nanoseconds of CPU");
}

// An event of a whole processor is what the setting is about (proc_sys_kernel(5)).
void doctor_ask_perf_paranoid(struct doctor_answer *answer)
{
    long value = 0;
    int known = doctor_read_number("/proc/sys/kernel/perf_event_paranoid", &value);
    struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_CONTEXT_SWITCHES};
    spc_auto_close int fd =
        (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    int code = -errno;
    char setting[48] = "no setting";
    if (known == 0)
        snprintf(setting, sizeof(setting), "perf_event_paranoid %ld", value);
    if (fd >= 0)
        doctor_say(answer, DOCTOR_OK, "%s; this caller may watch a whole processor", setting);
    else
        doctor_failed(answer, code, "%s; watching a whole processor", setting);
}

void doctor_ask_kallsyms(struct doctor_answer *answer)
{
    long restrict_to = 0;
    int known = doctor_read_number("/proc/sys/kernel/kptr_restrict", &restrict_to);
    spc_auto_file FILE *file = fopen("/proc/kallsyms", "re");
    char line[512], setting[48] = "no setting";
    if (known == 0)
        snprintf(setting, sizeof(setting), "kptr_restrict %ld", restrict_to);
    if (!file) {
        doctor_failed(answer, -errno, "%s; /proc/kallsyms", setting);
        return;
    }
    // The first symbols may really lie at 0 (per-CPU variables); any other address will do.
    uint64_t address = 0, seen = 0;
    while (seen < 5000 && address == 0 && fgets(line, sizeof(line), file)) {
        sscanf(line, "%" SCNx64, &address);
        seen++;
    }
    if (seen == 0)
        doctor_say(answer, DOCTOR_MISSING, "%s; /proc/kallsyms is empty", setting);
    else if (address == 0)
        doctor_say(answer, DOCTOR_LIMITED, "%s; names without addresses", setting);
    else
        doctor_say(answer, DOCTOR_OK, "%s; names and addresses", setting);
}

void doctor_ask_dmesg(struct doctor_answer *answer)
{
    enum { SYSLOG_ACTION_READ_ALL = 3 }; // syslog(2); reads without consuming
    long value = 0;
    char byte[1], setting[48] = "no setting";
    if (doctor_read_number("/proc/sys/kernel/dmesg_restrict", &value) == 0)
        snprintf(setting, sizeof(setting), "dmesg_restrict %ld", value);
    if (klogctl(SYSLOG_ACTION_READ_ALL, byte, sizeof(byte)) < 0)
        doctor_failed(answer, -errno, "%s; reading", setting);
    else
        doctor_say(answer, DOCTOR_OK, "%s; can be read", setting);
}
