int fds(void)
{
    int a = open("O_CLOEXEC", O_RDONLY);
    int b = openat(dirfd(dir), "x", O_RDONLY |
                                        O_CLOEXEC);
    int c = socket(AF_INET, SOCK_STREAM, 0);
    int d = dup(a);
    dup2(a, b);
    dup2(a, STDOUT_FILENO);
    fcntl(a, F_DUPFD, 3);
    fcntl(a, F_DUPFD_CLOEXEC, 3);
    FILE *f = fopen("e", "r");
    FILE *g = fopen("x", "re");
    int p[2];
    pipe(p);
    pipe2(p, 0);
    pipe2(p, O_CLOEXEC);
    // no-cloexec: the program that is started next gets it
    int h = open("x", O_RDONLY);
    syscall(SYS_fsopen, "tmpfs", 0);
    syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
    source->open(x, y);
    accept(a, NULL, NULL);
}
