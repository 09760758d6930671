// SPDX-License-Identifier: BSD-2-Clause
// The one table of what `spc doctor` looks at, in the order it prints.
#include "doctor_priv.h"

#include <assert.h>
#include <string.h>

#include <spc/own.h>

const char *const doctor_status_names[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_LIMITED] = "limited",
    [DOCTOR_MISSING] = "missing",
    [DOCTOR_UNKNOWN] = "unknown",
};
static_assert(SPC_ARRAY_SIZE(doctor_status_names) == _DOCTOR_STATUS_MAX, "a name for each status");

#define AS_ROOT   "run as root on the host"
#define ALLOW_BPF "a kernel built with CONFIG_BPF_SYSCALL; allow bpf in the seccomp profile"
#define BPF_CAPS  "CAP_BPF and CAP_PERFMON"
#define NEW_MOUNT "nothing to do: mount(2) is used instead; kernel 5.2 has it"

const struct doctor_probe doctor_probes[] = {
    {"kernel", "information only: nothing is derived from it", NULL, doctor_ask_kernel},
    {"capabilities", "what the caller may do", AS_ROOT " with all capabilities",
     doctor_ask_capabilities},
    {"seccomp", "a filter makes system calls fail for spc and for what it runs",
     "run spc outside of the container, or start it with seccomp=unconfined", doctor_ask_seccomp},
    {"no-new-privs", "set-user-ID programs and changes of SELinux domain in 'spc run'",
     "start spc without no_new_privs (docker: no-new-privileges, systemd: NoNewPrivileges)",
     doctor_ask_no_new_privs},
    {"pid-namespace", "seeing the processes of the whole host",
     "run spc on the host, or in a container with --pid=host", doctor_ask_pid_namespace},
    {"lsm", "which security modules have a say", "mount securityfs on /sys/kernel/security",
     doctor_ask_lsm},
    {"lockdown", "BPF and kernel memory are closed under confidentiality",
     "boot without lockdown=confidentiality", doctor_ask_lockdown},
    {"selinux", "whether the policy has a type for super-privileged containers",
     "install the policy module of containers (container-selinux)", doctor_ask_selinux},
    {"yama", "whom a process may trace without CAP_SYS_PTRACE",
     "sysctl kernel.yama.ptrace_scope=0, or run as root", doctor_ask_yama},

    {"ptrace", "strace-lite on a command", AS_ROOT ", or allow ptrace in the seccomp profile",
     doctor_ask_ptrace},
    {"ptrace-any", "strace-lite -p PID", AS_ROOT ", or sysctl kernel.yama.ptrace_scope=0",
     doctor_ask_ptrace_any, "CAP_SYS_PTRACE"},
    {"process-vm", "reading strings of a traced process at once",
     "allow process_vm_readv in the seccomp profile; until then PTRACE_PEEKDATA is used",
     doctor_ask_process_vm},
    {"pidfd", "holding a process so that its number cannot be taken over", "kernel 5.3",
     doctor_ask_pidfd},
    {"openat2", "looking up paths that a container controls",
     "nothing to do: spc walks such paths itself; kernel 5.6 has it", doctor_ask_openat2},
    {"namespaces", "private namespaces in 'spc run'", AS_ROOT, doctor_ask_namespaces},
    {"user-namespaces", "'spc run' for users who are not root",
     "sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone",
     doctor_ask_user_namespaces},
    {"mount-api", "mounts of 'spc run' that vanish with it", NEW_MOUNT, doctor_ask_mount_api,
     "CAP_SYS_ADMIN"},
    {"overlayfs", "a writable layer above an image", "modprobe overlay", doctor_ask_overlayfs,
     "CAP_SYS_ADMIN"},
    {"erofs", "images that are one file, mounted without unpacking",
     "nothing to do: such images are unpacked", doctor_ask_erofs, "CAP_SYS_ADMIN"},
    {"cgroup", "telling containers apart by cgroup",
     "boot with systemd.unified_cgroup_hierarchy=1 for cgroup v2", doctor_ask_cgroup},

    {"packet-socket", "sniff", "a kernel built with CONFIG_PACKET", doctor_ask_packet_socket,
     "CAP_NET_RAW"},

    {"bpf", "programs in the kernel at all", ALLOW_BPF, doctor_ask_bpf, BPF_CAPS},
    {"btf", "programs that read the kernel's own structures",
     "a kernel built with CONFIG_DEBUG_INFO_BTF", doctor_ask_btf},
    {"raw-tracepoint", "systrace: every system call, seen in the kernel", ALLOW_BPF,
     doctor_ask_raw_tracepoint, BPF_CAPS},
    {"tp-btf", "a cheaper raw tracepoint", "nothing to do: raw-tracepoint is used",
     doctor_ask_tp_btf, BPF_CAPS},
    {"ringbuf", "events in order from all processors",
     "nothing to do: the perf buffer is used; kernel 5.8 has it", doctor_ask_ringbuf, "CAP_BPF"},
    {"perf-buffer", "events where there is no ring buffer", ALLOW_BPF, doctor_ask_perf_buffer,
     BPF_CAPS},
    {"task-storage", "data kept with a thread", "nothing to do: a hash by thread is used",
     doctor_ask_task_storage, "CAP_BPF"},
    {"kprobe", "looking into any kernel function", "a kernel built with CONFIG_KPROBE_EVENTS",
     doctor_ask_kprobe, BPF_CAPS},
    {"fentry", "the same at less cost", "nothing to do: kprobes are used where they are needed",
     doctor_ask_fentry, BPF_CAPS},
    {"memlock", "memory for BPF maps and rings", "ulimit -l unlimited, or grant CAP_SYS_RESOURCE",
     doctor_ask_memlock},

    {"perf-counters", "cycles and instructions",
     "a machine, or a virtual machine with a virtual PMU", doctor_ask_perf_counters, "CAP_PERFMON"},
    {"perf-software", "page faults, context switches, sampling by clock",
     "allow perf_event_open in the seccomp profile", doctor_ask_perf_software, "CAP_PERFMON"},
    {"perf-paranoid", "perf for users who are not root", "sysctl kernel.perf_event_paranoid=1",
     doctor_ask_perf_paranoid, "CAP_PERFMON"},
    {"kallsyms", "names of kernel functions", "sysctl kernel.kptr_restrict=1, and CAP_SYSLOG",
     doctor_ask_kallsyms},
    {"dmesg", "messages of the kernel", "sysctl kernel.dmesg_restrict=0", doctor_ask_dmesg,
     "CAP_SYSLOG"},
    {0},
};

const struct doctor_probe *doctor_probe_find(const char *name)
{
    for (const struct doctor_probe *p = doctor_probes; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}
