// SPDX-License-Identifier: BSD-2-Clause
// trace=parity
// As many different calls as possible, right and wrong, for the comparison with strace: run in a
// directory that holds a directory `scratch`. Nothing here is checked by the program itself.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static char buf[100];
static int p[2], sp[2], s, one, fd, ep, dfd, pid, stt;
static socklen_t l;
static struct timespec ts;
static struct timeval tv;
static sigset_t ss;
static struct rusage ru;
static struct sockaddr_in a;
static struct iovec io[2] = {{(void *)"ab", 2}, {(void *)"cdef", 4}};

static void h(int number)
{
    (void)number;
}

static void inet(void)
{
    s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    a = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void inet_options(void)
{
    connect(s, (void *)&a, sizeof a);
    one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, 4);
    l = 4;
    getsockopt(s, SOL_SOCKET, SO_ERROR, &one, &l);
    l = sizeof a;
    getsockname(s, (void *)&a, &l);
    getpeername(s, (void *)&a, &l);
}

static void inet_listen(void)
{
    a.sin_port = 0;
    bind(s, (void *)&a, sizeof a);
    listen(s, 5);
}

static void inet6(void)
{
    struct sockaddr_in6 a6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(2), .sin6_addr = in6addr_loopback};
    int s6 = socket(AF_INET6, SOCK_DGRAM, 0);
    connect(s6, (void *)&a6, sizeof a6);
}

static void netlink(void)
{
    int nl = socket(AF_NETLINK, SOCK_RAW, 0);
    struct {
        short f, p;
        int pid, g;
    } n = {16, 0, 0, 0};
    bind(nl, (void *)&n, 12);
    l = 12;
    getsockname(nl, (void *)&n, &l);
}

static void unix_sockets(void)
{
    int u = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct sockaddr_un un = {AF_UNIX, "/tmp/nosuch\"x"};
    connect(u, (void *)&un, sizeof un);
    memcpy(un.sun_path, "\0abst\001r", 8);
    connect(u, (void *)&un, 2 + 8);
}

static void socket_pairs(void)
{
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sp);
    send(sp[0], "hello", 5, MSG_NOSIGNAL);
    recv(sp[1], buf, 100, MSG_DONTWAIT);
    recv(sp[1], buf, 100, 0);
    sendto(sp[0], "x\1\377", 3, 0, 0, 0);
    struct sockaddr_un from;
    l = sizeof from;
    recvfrom(sp[1], buf, 50, 0, (void *)&from, &l);
}

static void messages(void)
{
    struct msghdr m = {.msg_iov = io, .msg_iovlen = 2};
    sendmsg(sp[0], &m, 0);
    struct iovec ri = {buf, 100};
    struct msghdr rm = {.msg_iov = &ri, .msg_iovlen = 1};
    recvmsg(sp[1], &rm, 0);
    shutdown(sp[0], SHUT_WR);
}

static void vectors(void)
{
    writev(sp[1], io, 2);
    struct iovec rio[2] = {{buf, 1}, {buf + 10, 50}};
    readv(sp[0], rio, 2);
    writev(-1, io, 2);
    readv(-1, rio, 2);
    preadv(0, rio, 2, 5);
}

static void fcntls(void)
{
    pipe(p);
    fcntl(p[0], F_GETFL);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    fcntl(p[0], F_GETFD);
    fcntl(p[0], F_SETFD, FD_CLOEXEC);
    fcntl(p[0], F_GETFD);
    fcntl(p[0], F_DUPFD_CLOEXEC, 50);
    fcntl(p[0], F_GETPIPE_SZ);
    read(p[0], buf, 10);
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    fd = open("scratch/ff", O_RDWR | O_CREAT | O_TRUNC, 0640);
    fcntl(fd, F_SETLK, &fl);
    fcntl(fd, F_GETLK, &fl);
    fcntl(-1, F_GETLK, &fl);
    fcntl(fd, 999, 1);
}

static void files(void)
{
    flock(fd, LOCK_EX | LOCK_NB);
    ftruncate(fd, 4096);
    fallocate(fd, 0, 0, 100);
    lseek(fd, 10, SEEK_SET);
    lseek(fd, 0, SEEK_DATA);
    fsync(fd);
    fchmod(fd, 04755);
    fchown(fd, -1, 0);
    struct statfs sf;
    fstatfs(fd, &sf);
    unlink("scratch/nosuch");
    mkdir("scratch/dd", 0755);
    rmdir("scratch/dd");
    symlink("a", "scratch/ll");
    readlink("scratch/ll", buf, 100);
    unlink("scratch/ll");
    rename("scratch/x1", "scratch/x2");
    access("/", R_OK | X_OK);
    chdir(".");
    getcwd(buf, 100);
    umask(022);
    chmod("scratch/ff", 0600);
    truncate("scratch/ff", 10);
    utimensat(AT_FDCWD, "scratch/ff", 0, 0);
    struct timespec tt[2] = {{1, 2}, {0, UTIME_OMIT}};
    utimensat(AT_FDCWD, "scratch/ff", tt, AT_SYMLINK_NOFOLLOW);
    mknod("scratch/fifo", S_IFIFO | 0600, 0);
    unlink("scratch/fifo");
    struct statx sx;
    statx(AT_FDCWD, "/tmp", 0, STATX_BASIC_STATS, &sx);
    statx(AT_FDCWD, "/tmpx", AT_SYMLINK_NOFOLLOW, STATX_SIZE, &sx);
}

static void stats(void)
{
    struct stat st;
    stat("/dev/null", &st);
    lstat("/tmp", &st);
    syscall(SYS_stat, "/dev/null", &st);
    syscall(SYS_lstat, "/etc/mtab", &st);
    syscall(SYS_fstat, 0, &st);
    setxattr("scratch/ff", "user.a", "val", 3, 0);
    getxattr("scratch/ff", "user.a", buf, 100);
    getxattr("scratch/ff", "user.a", buf, 0);
    listxattr("scratch/ff", buf, 100);
}

static void epolls(void)
{
    ep = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 0x1122334455667788}};
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev);
    write(p[1], "x", 1);
    struct epoll_event evs[4];
    epoll_wait(ep, evs, 4, 0);
    epoll_pwait(ep, evs, 4, 0, 0);
    epoll_ctl(ep, EPOLL_CTL_DEL, p[0], 0);
}

static void event_fds(void)
{
    eventfd(5, EFD_CLOEXEC | EFD_SEMAPHORE);
    int tf = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec its = {{1, 0}, {2, 3}};
    timerfd_settime(tf, 0, &its, 0);
    timerfd_gettime(tf, &its);
    timerfd_settime(tf, TFD_TIMER_ABSTIME, &its, &its);
}

static void signal_fds(void)
{
    sigemptyset(&ss);
    sigaddset(&ss, SIGUSR1);
    sigaddset(&ss, SIGCHLD);
    signalfd(-1, &ss, SFD_CLOEXEC);
    int in = inotify_init1(IN_CLOEXEC);
    inotify_add_watch(in, "scratch", IN_CREATE | IN_DELETE);
    inotify_rm_watch(in, 1);
}

static void selects(void)
{
    fd_set r;
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    FD_SET(sp[0], &r);
    tv = (struct timeval){0, 1000};
    fd_set w;
    FD_ZERO(&w);
    FD_SET(p[1], &w);
    select(p[1] + 10, &r, &w, 0, &tv);
    FD_ZERO(&r);
    select(1, &r, 0, 0, &tv);
    ts = (struct timespec){0, 1000};
    pselect(0, 0, 0, 0, &ts, &ss);
}

static void polls(void)
{
    struct pollfd pf[2] = {{p[0], POLLIN}, {-1, POLLIN}};
    poll(pf, 2, 0);
    ppoll(pf, 2, &ts, &ss);
    pf[0].events = POLLPRI;
    ppoll(pf, 1, &ts, 0);
}

static void prctls(void)
{
    prctl(PR_SET_NAME, "newname");
    prctl(PR_GET_NAME, buf);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_GET_DUMPABLE);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_CAPBSET_READ, 5);
}

static void limits(void)
{
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    setrlimit(RLIMIT_CORE, &rl);
    getrusage(RUSAGE_SELF, &ru);
    struct tms tm;
    times(&tm);
    struct sysinfo si;
    sysinfo(&si);
    struct utsname ut;
    uname(&ut);
    getrandom(buf, 8, GRND_NONBLOCK);
    getpriority(PRIO_PROCESS, 0);
    setpriority(PRIO_PROCESS, 0, 1);
    sched_yield();
    struct sched_param spm = {0};
    sched_setscheduler(0, SCHED_OTHER, &spm);
    sched_getparam(0, &spm);
    sched_getscheduler(0);
    cpu_set_t cs;
    sched_getaffinity(0, sizeof cs, &cs);
    CPU_ZERO(&cs);
    CPU_SET(0, &cs);
    CPU_SET(1, &cs);
    sched_setaffinity(0, sizeof cs, &cs);
}

static void memory(void)
{
    void *mm =
        mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    mprotect(mm, 4096, PROT_NONE);
    madvise(mm, 8192, MADV_DONTNEED);
    msync(mm, 4096, MS_SYNC);
    mremap(mm + 4096, 4096, 8192, MREMAP_MAYMOVE);
    mlock(mm, 4096);
    munlock(mm, 4096);
    mincore(mm, 8192, (void *)buf);
    munmap(mm, 4096);
    memfd_create("mem", MFD_CLOEXEC);
}

static void sysv(void)
{
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    void *sh = shmat(id, 0, 0);
    shmdt(sh);
    shmctl(id, IPC_RMID, 0);
    id = semget(0x1234, 1, IPC_CREAT | 0666);
    struct sembuf sb = {0, 1, IPC_NOWAIT};
    semop(id, &sb, 1);
    semctl(id, 0, IPC_RMID);
}

static void signals(void)
{
    signal(SIGUSR1, h);
    raise(SIGUSR1);
    union sigval sv = {.sival_int = 7};
    sigqueue(getpid(), SIGUSR1, sv);
    struct itimerval it = {{0, 0}, {0, 2000}};
    signal(SIGALRM, h);
    setitimer(ITIMER_REAL, &it, 0);
    pause();
    getitimer(ITIMER_REAL, &it);
    alarm(0);
    stack_t sk = {buf, 0, 0};
    sigaltstack(0, &sk);
    sigpending(&ss);
    sigaddset(&ss, SIGTERM);
    sigtimedwait(&ss, 0, &ts);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 2000}}, 0);
    ts.tv_sec = 1;
    nanosleep(&ts, &ts);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 2000}}, 0);
    syscall(SYS_nanosleep, &ts, &ts);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 2000}}, 0);
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, &ts);
}

static void times_(void)
{
    time_t t;
    syscall(SYS_time, &t);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts);
    syscall(SYS_clock_gettime, -6, &ts);
    syscall(SYS_gettimeofday, &tv, 0);
    clock_getres(CLOCK_BOOTTIME, &ts);
}

static void futexes(void)
{
    syscall(SYS_futex, buf, FUTEX_WAKE, 1);
}

static void ids(void)
{
    getuid();
    geteuid();
    getgid();
    getegid();
    getppid();
    getpgrp();
    getsid(0);
    getpgid(0);
    setsid();
    gid_t g[10];
    getgroups(10, g);
    uid_t a1, b1, c1;
    getresuid(&a1, &b1, &c1);
    setresuid(-1, -1, 0);
    setuid(0);
}

static void children(void)
{
    pid = vfork();
    if (!pid)
        _exit(4);
    waitpid(pid, &stt, 0);
    wait4(-1, &stt, WNOHANG, &ru);
    pid = fork();
    if (!pid) {
        pause();
        _exit(1);
    }
    kill(pid, SIGKILL);
    siginfo_t inf;
    waitid(P_PID, pid, &inf, WEXITED | WNOWAIT);
    wait4(pid, &stt, 0, &ru);
}

static void descriptors(void)
{
    dup(1);
    dup2(1, 30);
    dup3(1, 31, O_CLOEXEC);
    close(30);
    close(99);
    ioctl(p[0], FIONREAD, &one);
    ioctl(1, TCGETS, buf);
    ioctl(1, TIOCGWINSZ, buf);
    ioctl(p[0], FIOCLEX);
    ioctl(1, 0x5678, buf);
    ioctl(1, _IOR('x', 3, int), buf);
}

static void odd(void)
{
    open((void *)1, O_RDONLY);
    open(0, 0);
    read(0, (void *)-1, 10);
    write(1, (void *)5, 10);
    syscall(SYS_open, "/etc/passwd", O_RDONLY | O_NOFOLLOW);
    dfd = open("scratch", O_RDONLY | O_DIRECTORY);
    syscall(SYS_getdents64, dfd, buf, 90);
    openat(dfd, "a", O_PATH);
    faccessat(dfd, "a", R_OK, 0);
    unlinkat(dfd, "zz", AT_REMOVEDIR);
    linkat(dfd, "zz", dfd, "yy", 0);
    renameat2(dfd, "q", dfd, "w", RENAME_NOREPLACE);
    fchmodat(dfd, "zz", 0644, 0);
    mkdirat(dfd, "/proc/1/x", 0777);
    splice(0, 0, 1, 0, 5, SPLICE_F_MOVE);
    sendfile(1, dfd, 0, 10);
    copy_file_range(0, 0, 1, 0, 5, 0);
    close_range(90, 100, 0);
    personality(0xffffffff);
    iopl(0);
}

static void execs(void)
{
    char *av[] = {"nosuch", "arg\n", 0};
    char *en[] = {"A=b", 0};
    execve("/nosuch", av, en);
    execve("/nosuch", av, 0);
}

static void leave(void)
{
    syscall(SYS_exit_group, 3);
}

int main(void)
{
    inet();
    inet_options();
    inet_listen();
    inet6();
    netlink();
    unix_sockets();
    socket_pairs();
    messages();
    vectors();
    fcntls();
    files();
    stats();
    epolls();
    event_fds();
    signal_fds();
    selects();
    polls();
    prctls();
    limits();
    memory();
    sysv();
    signals();
    times_();
    futexes();
    ids();
    children();
    descriptors();
    odd();
    execs();
    leave();
    return 0;
}
