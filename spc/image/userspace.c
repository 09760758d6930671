// SPDX-License-Identifier: BSD-2-Clause
#include "userspace.h"

#include <elf.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include <spc/own.h>

#include "union.h"

#define MAX_TEXT (256 * 1024)
#define MAX_DB   (64 * 1024 * 1024)

struct stack {
    const int *layers;
    size_t count;
};

void spc_userspace_free(struct spc_userspace *userspace)
{
    free(userspace->os);
    free(userspace->os_id);
    free(userspace->libc);
    *userspace = (struct spc_userspace){0};
}

static char *read_file(const struct stack *s, const char *path, size_t max, size_t *ret_len)
{
    char *data = NULL;
    size_t len;
    return spc_union_read(s->layers, s->count, path, max, &data, ret_len ? ret_len : &len) == 0
               ? data
               : NULL;
}

// The value of KEY= in os-release(5), without its quotes; owned by the caller.
static char *os_value(const char *text, const char *key)
{
    size_t key_len = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, key_len) != 0 || line[key_len] != '=')
            continue;
        const char *value = line + key_len + 1;
        size_t len = strcspn(value, "\n");
        if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
            value++;
            len -= 2;
        }
        return strndup(value, len);
    }
    return NULL;
}

static void read_os(const struct stack *s, struct spc_userspace *ret)
{
    spc_auto_free char *text = read_file(s, "etc/os-release", MAX_TEXT, NULL);
    if (!text)
        text = read_file(s, "usr/lib/os-release", MAX_TEXT, NULL);
    if (!text)
        return;
    spc_auto_free char *id = os_value(text, "ID"), *version = os_value(text, "VERSION_ID");
    ret->os = os_value(text, "PRETTY_NAME");
    if (!ret->os)
        ret->os = os_value(text, "NAME");
    if (id && asprintf(&ret->os_id, "%s%s%s", id, version ? " " : "", version ? version : "") < 0)
        ret->os_id = NULL;
}

static const char *elf_arch(const char *data, size_t len)
{
    static const struct {
        uint16_t machine;
        const char *arch;
    } table[] = {{EM_X86_64, "amd64"}, {EM_AARCH64, "arm64"}, {EM_386, "386"},
                 {EM_ARM, "arm"},      {EM_PPC64, "ppc64le"}, {EM_S390, "s390x"},
                 {EM_RISCV, "riscv64"}};
    if (len < sizeof(Elf64_Ehdr) || memcmp(data, ELFMAG, SELFMAG) != 0)
        return NULL;
    uint16_t machine; // e_machine is at the same place in both classes
    memcpy(&machine, data + offsetof(Elf64_Ehdr, e_machine), sizeof(machine));
    machine = data[EI_DATA] == ELFDATA2MSB ? be16toh(machine) : le16toh(machine);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(table); i++)
        if (table[i].machine == machine)
            return table[i].arch;
    return NULL;
}

// glibc says it in a text that it prints when it is run (which we do not).
static char *glibc_version(const char *data, size_t len)
{
    static const char mark[] = "stable release version ";
    const char *at = memmem(data, len, mark, sizeof(mark) - 1);
    if (!at)
        return strdup("glibc");
    at += sizeof(mark) - 1;
    size_t n = 0;
    while (at + n < data + len && n < 16 && ((at[n] >= '0' && at[n] <= '9') || at[n] == '.'))
        n++;
    while (n > 0 && at[n - 1] == '.')
        n--;
    char *text = NULL;
    return asprintf(&text, "glibc %.*s", (int)n, at) < 0 ? NULL : text;
}

static char *musl_version(const struct stack *s)
{
    spc_auto_free char *db = read_file(s, "lib/apk/db/installed", MAX_DB, NULL);
    const char *at = db ? strstr(db, "\nP:musl\n") : NULL;
    const char *version = at ? strstr(at, "\nV:") : NULL;
    char *text = NULL;
    if (!version)
        return strdup("musl");
    return asprintf(&text, "musl %.*s", (int)strcspn(version + 3, "-\n"), version + 3) < 0 ? NULL
                                                                                           : text;
}

static void read_libc(const struct stack *s, struct spc_userspace *ret)
{
    static const char *const glibc[] = {"lib/x86_64-linux-gnu/libc.so.6",
                                        "lib/aarch64-linux-gnu/libc.so.6",
                                        "lib64/libc.so.6",
                                        "usr/lib64/libc.so.6",
                                        "lib/libc.so.6",
                                        "usr/lib/libc.so.6"};
    static const char *const musl[] = {"lib/ld-musl-x86_64.so.1", "lib/ld-musl-aarch64.so.1"};
    size_t len;
    for (size_t i = 0; i < SPC_ARRAY_SIZE(glibc) && !ret->libc; i++) {
        spc_auto_free char *data = read_file(s, glibc[i], MAX_DB, &len);
        if (!data)
            continue;
        ret->libc = glibc_version(data, len);
        ret->arch = elf_arch(data, len);
    }
    for (size_t i = 0; i < SPC_ARRAY_SIZE(musl) && !ret->libc; i++) {
        spc_auto_free char *data = read_file(s, musl[i], MAX_DB, &len);
        if (!data)
            continue;
        ret->libc = musl_version(s);
        ret->arch = elf_arch(data, len);
    }
}

static uint64_t count_lines(const char *text, const char *start)
{
    uint64_t count = 0;
    size_t len = strlen(start);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, start, len) == 0;
    }
    return count;
}

static void read_packages(const struct stack *s, struct spc_userspace *ret)
{
    static const struct {
        const char *path, *packaging, *line;
    } dbs[] = {
        {"var/lib/dpkg/status", "dpkg", "Status: install ok installed"},
        {"lib/apk/db/installed", "apk", "P:"},
        {"usr/lib/apk/db/installed", "apk", "P:"},
        // Databases that only librpm can read: who keeps the packages is known, not how many.
        {"var/lib/rpm/rpmdb.sqlite", "rpm", NULL},
        {"usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm", NULL},
        {"var/lib/rpm/Packages", "rpm", NULL}};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(dbs); i++) {
        spc_auto_close int fd = spc_union_open(s->layers, s->count, dbs[i].path);
        if (fd < 0)
            continue;
        spc_auto_free char *text = dbs[i].line ? read_file(s, dbs[i].path, MAX_DB, NULL) : NULL;
        ret->packaging = dbs[i].packaging;
        ret->packages = text ? count_lines(text, dbs[i].line) : 0;
        return;
    }
}

void spc_userspace_read(const int *layers, size_t count, struct spc_userspace *ret)
{
    const struct stack stack = {layers, count};
    *ret = (struct spc_userspace){0};
    read_os(&stack, ret);
    read_libc(&stack, ret);
    read_packages(&stack, ret);
}
