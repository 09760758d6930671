// SPDX-License-Identifier: BSD-2-Clause
// trace=all
// Arguments that lie: the tracer must neither crash nor hang nor read without bounds.
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

static uint64_t values[8];

static void try_all(long number)
{
    for (unsigned i = 0; i < 8; i++)
        syscall(number, values[i], values[(i + 3) % 8], values[(i + 5) % 8], values[(i + 1) % 8],
                values[(i + 2) % 8], values[(i + 7) % 8]);
}

// Calls that end, stop, replace or harm the process, or that wait.
static const long left_out[] = {SYS_exit,
                                SYS_exit_group,
                                SYS_pause,
                                SYS_fork,
                                SYS_vfork,
                                SYS_clone,
                                SYS_clone3,
                                SYS_kill,
                                SYS_tkill,
                                SYS_tgkill,
                                SYS_rt_sigreturn,
                                SYS_reboot,
                                SYS_rt_sigqueueinfo,
                                SYS_munmap,
                                SYS_rt_tgsigqueueinfo,
                                SYS_mprotect,
                                SYS_mremap,
                                SYS_brk,
                                SYS_mmap,
                                SYS_pkey_mprotect,
                                SYS_select,
                                SYS_poll,
                                SYS_wait4,
                                SYS_waitid,
                                SYS_sync,
                                SYS_vhangup,
                                SYS_rt_sigsuspend,
                                SYS_rt_sigtimedwait,
                                SYS_seccomp,
                                SYS_prctl,
                                SYS_arch_prctl,
                                SYS_setsid,
                                SYS_alarm,
                                SYS_settimeofday,
                                SYS_sethostname,
                                SYS_setdomainname,
                                SYS_pidfd_send_signal,
                                SYS_setrlimit,
                                SYS_prlimit64,
                                SYS_ptrace,
                                SYS_unshare,
                                SYS_madvise,
                                SYS_shmat,
                                SYS_personality,
                                SYS_swapoff,
                                SYS_rt_sigprocmask,
                                SYS_rt_sigaction,
                                SYS_sigaltstack,
                                SYS_set_robust_list,
                                SYS_rseq,
                                SYS_close_range,
                                SYS_close,
                                SYS_dup2,
                                SYS_dup3,
                                SYS_umask,
                                SYS_setuid,
                                SYS_setgid,
                                SYS_setreuid,
                                SYS_setregid,
                                SYS_setresuid,
                                SYS_setresgid,
                                SYS_setfsuid,
                                SYS_setfsgid,
                                SYS_capset,
                                SYS_setgroups,
                                SYS_iopl,
                                SYS_ioperm,
                                SYS_syslog,
                                SYS_sched_setscheduler,
                                SYS_sched_setparam,
                                SYS_sched_setattr,
                                SYS_sched_setaffinity,
                                SYS_setpriority,
                                SYS_acct,
                                SYS_chroot,
                                SYS_chdir,
                                SYS_mlockall,
                                SYS_ppoll,
                                SYS_pselect6,
                                SYS_futex,
                                SYS_process_vm_writev,
                                SYS_process_vm_readv,
                                SYS_landlock_restrict_self,
                                SYS_clock_settime,
                                SYS_adjtimex,
                                SYS_clock_adjtime,
                                SYS_semget,
                                SYS_shmget,
                                SYS_msgget,
                                SYS_setitimer,
                                SYS_timer_create,
                                SYS_userfaultfd,
                                SYS_perf_event_open,
                                SYS_bpf,
                                SYS_io_setup,
                                SYS_ioprio_set,
                                SYS_kexec_load,
                                SYS_nanosleep,
                                SYS_clock_nanosleep,
                                SYS_epoll_wait,
                                SYS_set_mempolicy,
                                SYS_migrate_pages,
                                SYS_setpgid,
                                SYS_modify_ldt,
                                SYS_membarrier,
                                SYS_sched_yield,
                                SYS_keyctl,
                                SYS_add_key,
                                SYS_request_key,
                                SYS_read,
                                SYS_pread64,
                                SYS_readv,
                                SYS_write,
                                SYS_writev,
                                SYS_sendfile,
                                SYS_copy_file_range,
                                SYS_splice,
                                SYS_memfd_create,
                                SYS_memfd_secret,
                                SYS_mq_open};

static int is_left_out(long number)
{
    for (unsigned i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        if (left_out[i] == number)
            return 1;
    return 0;
}

// As root the nonsense would change the owner and mode of whatever the descriptors lead to: of
// /dev/null, say, for the whole machine.
static void become_nobody(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
                           setresuid(65534, 65534, 65534) < 0))
        _exit(99);
}

// Among the nonsense is descriptor 1: what is expected must not be truncated to 140 TB by it, which
// a tmpfs allows. Returns where the output is meanwhile.
static int hide_output(void)
{
    int hidden = fcntl(STDOUT_FILENO, F_DUPFD, 100), null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    return hidden;
}

int main(void)
{
    become_nobody();
    int output = hide_output();
    // A page full of itself: every pointer, length and count in it is nonsense that can be read.
    uint64_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 512, 4096);
    for (unsigned i = 0; i < 512; i++)
        page[i] = (uint64_t)(uintptr_t)page + i * 8;
    const uint64_t all[] = {(uint64_t)-1,
                            (uint64_t)-4096,
                            1,
                            (uint64_t)(uintptr_t)page,
                            (uint64_t)(uintptr_t)(page + 511),
                            (uint64_t)(uintptr_t)page + 4093,
                            0x7fffffffffffffff,
                            0x80000000};
    memcpy(values, all, sizeof(values));

    for (long number = 0; number <= 452; number++)
        // 335 and on up to 423 belong to uprobes (SIGILL when called by others) or to nobody.
        if (!is_left_out(number) && (number < 335 || number > 423))
            try_all(number);
    try_all(100000);
    try_all(-1);

    dup2(output, STDOUT_FILENO);

    // Ways to go.
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        raise(SIGTRAP);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    pid = fork();
    if (pid == 0) {
        *(volatile int *)8 = 1;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    expect("+++ killed by SIGTRAP +++");
    expect("--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x8} ---");
    expect("exit_group(0) = ?");
    return 0;
}
