// SPDX-License-Identifier: BSD-2-Clause
// The built-in image `tools`: busybox and this executable, on a tmpfs.
#include "tree.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spc/fd.h>
#include <spc/own.h>

#include "embedded.h"

#define BUSYBOX "lib/busybox"

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

// Expects a umask of 0.
int spc_run_builtin_make(int tree, struct spc_err *err)
{
    if (mkdirat(tree, "bin", 0755) < 0 || mkdirat(tree, "lib", 0755) < 0)
        return spc_err_set(err, -errno, "make /bin and /lib of the image");
    spc_auto_close int spc =
        openat(tree, RUN_BUILTIN_SPC, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    spc_auto_close int busybox =
        openat(tree, BUSYBOX, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (spc < 0 || busybox < 0)
        return spc_err_set(err, -errno, "make the image's programs");
    size_t len = (size_t)(spc_run_busybox_end - spc_run_busybox_start);
    int r = spc_write_all(busybox, spc_run_busybox_start, len);
    return r < 0 ? spc_err_set(err, r, "write busybox") : 0;
}

// Names of spc first, for busybox must not take one of them. Hard links where possible: they are
// cheaper than symbolic ones, for there is no inode to make and to free.
static int link_names(const struct run_plan *plan, int tree, struct spc_err *err)
{
    spc_auto_close int bin = openat(tree, "bin", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bin < 0)
        return spc_err_set(err, -errno, "open /bin");
    if (symlinkat("../" RUN_BUILTIN_SPC, bin, "spc") < 0)
        return spc_err_set(err, -errno, "link spc");
    spc_strv_foreach (&plan->config->self_names, name)
        if (symlinkat("../" RUN_BUILTIN_SPC, bin, *name) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", *name);
    for (const char *name = busybox_applets; *name; name += strlen(name) + 1)
        if (linkat(tree, BUSYBOX, bin, name, 0) < 0 && errno != EEXIST)
            return spc_err_set(err, -errno, "link %s", name);
    return 0;
}

// Where in the executable's file the names are: program headers say what is mapped from where.
static int64_t names_offset(void)
{
    uintptr_t names = (uintptr_t)spc_run_names_start;
    const ElfW(Phdr) *headers = (const void *)getauxval(AT_PHDR); // NOLINT(performance-*)
    size_t count = getauxval(AT_PHNUM);
    for (size_t i = 0; headers && i < count; i++)
        // Only the static executable gets here; it lies where its headers say.
        if (headers[i].p_type == PT_LOAD && names >= headers[i].p_vaddr &&
            names < headers[i].p_vaddr + headers[i].p_filesz)
            return (int64_t)(headers[i].p_offset + (names - headers[i].p_vaddr));
    return -1;
}

int spc_run_builtin_name(const struct run_plan *plan, const struct run_mount_ops *ops, int tree,
                         struct spc_err *err)
{
    int64_t offset = names_offset();
    // Not before kernel 6.16, not in a user namespace, not from every file system.
    if (offset > 0 && ops->image_of_self(offset, tree, "bin", err) == 0)
        return 0;
    spc_err_clear(err);
    return link_names(plan, tree, err);
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
