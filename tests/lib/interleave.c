// SPDX-License-Identifier: BSD-2-Clause
// Time several commands round by round, so that whatever else the machine does hits all of them
// alike.
//
// usage: interleave ROUNDS FILE     FILE: a command a line, words separated by tabs
// Prints one line a command: median, minimum and 90th percentile in microseconds of fork, exec and
// wait. Ends with 1 when a command failed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 32
#define MAX_WORDS    64
#define MAX_ROUNDS   1000

struct command {
    char *words[MAX_WORDS];
    int64_t ns[MAX_ROUNDS];
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t time_once(char *const *words, int null)
{
    int64_t start = now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        execvp(words[0], words);
        _exit(127);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "interleave: %s failed: status 0x%x\n", words[0], (unsigned)status);
        exit(1);
    }
    return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int read_commands(const char *path, struct command *commands)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    while (file && count < MAX_COMMANDS && getline(&line, &size, file) > 0) {
        char *rest = strdup(line), *word;
        int n = 0;
        rest[strcspn(rest, "\n")] = '\0';
        while (n < MAX_WORDS - 1 && (word = strsep(&rest, "\t")))
            commands[count].words[n++] = word;
        count++;
    }
    free(line);
    if (file)
        fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    int rounds = argc == 3 ? atoi(argv[1]) : 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct command *commands = calloc(MAX_COMMANDS, sizeof(*commands));
    int count = commands && rounds > 0 ? read_commands(argv[2], commands) : 0;
    if (count == 0 || rounds > MAX_ROUNDS || null < 0) {
        fprintf(stderr, "usage: interleave ROUNDS FILE\n");
        return 2;
    }
    for (int i = -1; i < rounds; i++) // the first round only warms up
        for (int c = 0; c < count; c++) {
            int64_t ns = time_once(commands[c].words, null);
            if (i >= 0)
                commands[c].ns[i] = ns;
        }
    for (int c = 0; c < count; c++) {
        int64_t *ns = commands[c].ns;
        qsort(ns, (size_t)rounds, sizeof(*ns), compare);
        printf("%lld %lld %lld\n", (long long)ns[rounds / 2] / 1000, (long long)ns[0] / 1000,
               (long long)ns[rounds * 9 / 10] / 1000);
    }
    return 0;
}
