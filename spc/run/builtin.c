// SPDX-License-Identifier: BSD-2-Clause
// The built-in image `tools`: busybox and this executable, on a tmpfs.
#include "tree.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

#include "busybox.h"

// Names, each ended by NUL, an empty one at the end; made from the busybox that is embedded.
static const char busybox_applets[] =
#include "busybox_applets.h"
    ;

// Everything is in /bin; the other directories of a usual PATH lead there.
static const struct {
    const char *name, *target;
} links[] = {
    {"sbin", "bin"},
    {"usr/bin", "../bin"},
    {"usr/sbin", "../bin"},
    {"etc/mtab", "/proc/self/mounts"},
};

int spc_run_builtin_check(struct spc_err *err)
{
    // A program that asks for a dynamic loader has a PT_INTERP header (elf(5)).
    const ElfW(Phdr) *headers = (const void *)getauxval(AT_PHDR); // NOLINT(performance-*)
    size_t count = getauxval(AT_PHNUM);
    for (size_t i = 0; headers && i < count; i++) {
        if (headers[i].p_type != PT_INTERP)
            continue;
        spc_err_say(err, -ENOEXEC,
                    "image tools: this spc needs shared libraries, which are not in "
                    "the image");
        return spc_err_hint(err, "use the static executable that 'make static' builds");
    }
    return 0;
}

static int write_busybox(int bin, struct spc_err *err)
{
    spc_auto_close int fd = openat(bin, "busybox", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (fd < 0)
        return spc_err_set(err, -errno, "make busybox");
    size_t len = (size_t)(spc_run_busybox_end - spc_run_busybox_start);
    int r = spc_write_all(fd, spc_run_busybox_start, len);
    if (r < 0)
        return spc_err_set(err, r, "write busybox");
    // The mode above went through the caller's umask.
    return fchmod(fd, 0755) < 0 ? spc_err_set(err, -errno, "mode of busybox") : 0;
}

// Hard links: a third cheaper than symbolic ones, for there is no inode to make and to free.
static int link_applets(int bin, struct spc_err *err)
{
    for (const char *name = busybox_applets; *name; name += strlen(name) + 1)
        if (linkat(bin, "busybox", bin, name, 0) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", name);
    return 0;
}

// spc itself: an empty file to be covered by the executable, and its other names. Before those of
// busybox, which must not take one of them.
static int link_self(const struct run_plan *plan, int bin, struct spc_err *err)
{
    spc_auto_close int fd = openat(bin, "spc", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (fd < 0)
        return spc_err_set(err, -errno, "make spc");
    spc_strv_foreach (&plan->config->self_names, name)
        if (symlinkat("spc", bin, *name) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", *name);
    return 0;
}

int spc_run_builtin_copy_self(int tree, struct spc_err *err)
{
    spc_auto_close int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    spc_auto_close int to = openat(tree, RUN_BUILTIN_SPC, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0 || to < 0)
        return spc_err_set(err, -errno, "copy spc into the image");
    ssize_t n;
    do
        n = sendfile(to, from, NULL, 1 << 20);
    while (n > 0);
    return n < 0 ? spc_err_set(err, -errno, "copy spc into the image") : 0;
}

static int make_dirs(int tree, struct spc_err *err)
{
    static const struct {
        const char *name;
        mode_t mode;
    } dirs[] = {{"bin", 0755}, {"root", 0700}, {"usr", 0755}};

    for (size_t i = 0; i < SPC_ARRAY_SIZE(dirs); i++)
        if (mkdirat(tree, dirs[i].name, dirs[i].mode) < 0 ||
            fchmodat(tree, dirs[i].name, dirs[i].mode, 0) < 0)
            return spc_err_set(err, -errno, "make /%s", dirs[i].name);
    for (size_t i = 0; i < SPC_ARRAY_SIZE(links); i++)
        if (symlinkat(links[i].target, tree, links[i].name) < 0)
            return spc_err_set(err, -errno, "link /%s", links[i].name);
    return 0;
}

int spc_run_builtin_fill(const struct run_plan *plan, int tree, struct spc_err *err)
{
    int r = make_dirs(tree, err);
    if (r < 0)
        return r;
    spc_auto_close int bin = openat(tree, "bin", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bin < 0)
        return spc_err_set(err, -errno, "open /bin");
    r = link_self(plan, bin, err);
    if (r == 0)
        r = write_busybox(bin, err);
    return r == 0 ? link_applets(bin, err) : r;
}
