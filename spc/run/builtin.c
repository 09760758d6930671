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

#define BUSYBOX "bin/busybox"

// Names, each ended by NUL, an empty one at the end; made from the busybox that is embedded.
static const char busybox_applets[] =
#include "busybox_applets.h"
    ;

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

static int make_program(int tree, const char *path, struct spc_err *err)
{
    spc_auto_close int fd = openat(tree, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    return fd < 0 ? spc_err_set(err, -errno, "make /%s", path) : 0;
}

int spc_run_builtin_make(int tree, struct spc_err *err)
{
    if (mkdirat(tree, "bin", 0755) < 0)
        return spc_err_set(err, -errno, "make /bin of the image");
    int r = make_program(tree, RUN_BUILTIN_SPC, err);
    return r == 0 ? make_program(tree, BUSYBOX, err) : r;
}

int spc_run_builtin_write(int tree, struct spc_err *err)
{
    spc_auto_close int fd = openat(tree, BUSYBOX, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return spc_err_set(err, -errno, "open busybox");
    size_t len = (size_t)(spc_run_busybox_end - spc_run_busybox_start);
    int r = spc_write_all(fd, spc_run_busybox_start, len);
    return r < 0 ? spc_err_set(err, r, "write busybox") : 0;
}

// Names of spc first, for busybox must not take one of them. Hard links where possible: they are
// cheaper than symbolic ones, for there is no inode to make and to free.
int spc_run_builtin_link(const struct run_plan *plan, int tree, struct spc_err *err)
{
    spc_auto_close int bin = openat(tree, "bin", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bin < 0)
        return spc_err_set(err, -errno, "open /bin");
    spc_strv_foreach (&plan->config->self_names, name)
        if (symlinkat("spc", bin, *name) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", *name);
    for (const char *name = busybox_applets; *name; name += strlen(name) + 1)
        if (linkat(bin, "busybox", bin, name, 0) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", name);
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
