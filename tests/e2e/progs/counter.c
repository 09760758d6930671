// SPDX-License-Identifier: BSD-2-Clause
// trace=all
// Takes SIGUSR1 without end, and keeps the number of those it got in the file that is named.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void on_signal(int number)
{
    (void)number;
    count++;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_signal};
    int fd = argc > 1 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return 1;
    sigaction(SIGUSR1, &act, NULL);
    // Busy on purpose: a signal that comes while no system call is under way stops the process for
    // its delivery at once, without the stop at the end of the call in between.
    for (char shown = -1;;) {
        char now = (char)count, digit = (char)('0' + now);
        if (now != shown && pwrite(fd, &digit, 1, 0) != 1)
            return 1;
        shown = now;
    }
}
