// SPDX-License-Identifier: BSD-2-Clause
// Paths, mounts and cgroups. Mounts are detached, or in a mount namespace that dies with the probe.
#include "doctor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <spc/buf.h>
#include <spc/own.h>

#include "erofs_priv.h"

void doctor_ask_openat2(struct doctor_answer *answer)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    spc_auto_close int root = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    spc_auto_close int fd = (int)syscall(SYS_openat2, root, "/status", &how, sizeof(how));
    if (fd < 0)
        doctor_failed(answer, -errno, "openat2");
    else
        doctor_say(answer, DOCTOR_OK, "with RESOLVE_IN_ROOT");
}

// A file system of a known type, mounted nowhere. Descriptor of the mount or a negative errno.
static int mount_detached(const char *type, const char *source)
{
    spc_auto_close int fs = fsopen(type, FSOPEN_CLOEXEC);
    if (fs < 0)
        return -errno;
    if (source && fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) != 0)
        return -errno;
    if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        return -errno;
    int mnt = fsmount(fs, FSMOUNT_CLOEXEC, 0);
    return mnt < 0 ? -errno : mnt;
}

void doctor_ask_mount_api(struct doctor_answer *answer)
{
    spc_auto_close int mnt = mount_detached("tmpfs", NULL);
    if (mnt < 0) {
        doctor_failed(answer, mnt, "mounting a tmpfs nowhere");
        if (mnt == -EPERM)
            doctor_advise(answer, "run as root on the host, or grant CAP_SYS_ADMIN");
        return;
    }
    spc_auto_close int tree = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) {
        doctor_failed(answer, -errno, "open_tree");
        return;
    }
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) != 0) {
        doctor_say(answer, DOCTOR_LIMITED, "mount_setattr: %s", strerror(errno));
        doctor_advise(answer, "nothing to do: flags are set one mount at a time; kernel 5.12");
        return;
    }
    doctor_say(answer, DOCTOR_OK, "fsopen, open_tree and mount_setattr");
}

// The kernel loads a module when it is asked for a type it does not know, and a probe must not do
// that. True when the type is known; else the answer is given.
static bool is_filesystem_loaded(struct doctor_answer *answer, const char *type)
{
    if (doctor_file_has_word("/proc/filesystems", type))
        return true;
    struct utsname u;
    char path[256], module[64];
    uname(&u);
    snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", u.release);
    snprintf(module, sizeof(module), "/%s.ko", type);
    spc_auto_file FILE *file = fopen(path, "re");
    char line[4096];
    while (file && fgets(line, sizeof(line), file))
        if (strcspn(line, ":") < sizeof(line) && (line[strcspn(line, ":")] = '\0', true) &&
            strstr(line, module)) {
            doctor_say(answer, DOCTOR_LIMITED, "a module that is not loaded; not tried");
            doctor_advise(answer, "modprobe %s (the kernel does it by itself at the first mount)",
                          type);
            return false;
        }
    doctor_say(answer, DOCTOR_MISSING, "not in this kernel, and no module of it in %.40s",
               file ? "/lib/modules" : "sight");
    return false;
}

// A private copy of all mounts in which nothing spreads to where it came from.
static int enter_private_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return -errno;
    return 0;
}

void doctor_ask_overlayfs(struct doctor_answer *answer)
{
    if (!is_filesystem_loaded(answer, "overlay"))
        return;
    int r = enter_private_mounts();
    if (r < 0) {
        doctor_failed(answer, r, "a mount namespace to try it in");
        return;
    }
    // /proc is everywhere, and nobody looks for it again in this process.
    if (mount("spc-doctor", "/proc", "tmpfs", 0, "size=1m") != 0 || chdir("/proc") != 0 ||
        mkdir("lower", 0755) != 0 || mkdir("upper", 0755) != 0 || mkdir("work", 0755) != 0 ||
        mkdir("merged", 0755) != 0) {
        doctor_failed(answer, -errno, "a tmpfs to try it on");
        return;
    }
    if (mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work") != 0)
        doctor_failed(answer, -errno, "mounting");
    else if (mkdir("merged/new", 0755) != 0 || access("upper/new", F_OK) != 0)
        doctor_failed(answer, -errno, "writing");
    else
        doctor_say(answer, DOCTOR_OK, "mounts, writable");
}

// A file without a name, on a file system that reads files through the page cache; tmpfs does not
// (EROFS asks for read_folio, fs/erofs/super.c). Descriptor, or a negative errno.
static int open_image(const char **ret_dir)
{
    static const char *const dirs[] = {"/var/lib/spc", "/var/tmp", "/tmp", "/root", "/"};
    for (size_t i = 0; i < SPC_ARRAY_SIZE(dirs); i++) {
        struct statfs fs;
        if (statfs(dirs[i], &fs) != 0 || fs.f_type == TMPFS_MAGIC)
            continue;
        spc_auto_close int fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
            continue;
        *ret_dir = dirs[i];
        return SPC_TAKE_FD(fd);
    }
    return -ENOENT;
}

void doctor_ask_erofs(struct doctor_answer *answer)
{
    if (!is_filesystem_loaded(answer, "erofs"))
        return;
    const char *dir = NULL;
    spc_auto_close int image = open_image(&dir);
    if (image < 0) {
        doctor_say(answer, DOCTOR_UNKNOWN, "no directory on a disk to put a trial image in");
        return;
    }
    uint8_t bytes[DOCTOR_EROFS_SIZE];
    doctor_erofs_make(bytes);
    char source[64];
    snprintf(source, sizeof(source), "/proc/self/fd/%d", image);
    if (pwrite(image, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        doctor_say(answer, DOCTOR_UNKNOWN, "writing a trial image in %s: %s", dir, strerror(errno));
        return;
    }
    spc_auto_close int mnt = mount_detached("erofs", source);
    if (mnt == -ENOTBLK) {
        doctor_say(answer, DOCTOR_LIMITED, "from block devices only");
        doctor_advise(answer, "nothing to do: such images are unpacked; kernel 6.12 mounts files");
    } else if (mnt < 0) {
        doctor_failed(answer, mnt, "mounting a file of %s", dir);
    } else {
        doctor_say(answer, DOCTOR_OK, "mounts a file of %s", dir);
    }
}

#define CGROUP_PATH_SIZE 512

// Mount point of the first mount of type cgroup2; counts those of type cgroup.
static unsigned find_cgroup_mounts(char ret_v2[CGROUP_PATH_SIZE])
{
    spc_auto_file FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096], point[CGROUP_PATH_SIZE];
    unsigned v1 = 0;
    ret_v2[0] = '\0';
    while (file && fgets(line, sizeof(line), file)) {
        const char *dash = strstr(line, " - ");
        if (!dash || sscanf(line, "%*s %*s %*s %*s %511s", point) != 1)
            continue;
        if (strncmp(dash, " - cgroup2 ", 11) == 0 && !ret_v2[0])
            memcpy(ret_v2, point, sizeof(point));
        v1 += strncmp(dash, " - cgroup ", 10) == 0;
    }
    return v1;
}

void doctor_ask_cgroup(struct doctor_answer *answer)
{
    char v2[CGROUP_PATH_SIZE], path[CGROUP_PATH_SIZE + 32], controllers[200] = "";
    unsigned v1 = find_cgroup_mounts(v2);
    if (v2[0]) {
        snprintf(path, sizeof(path), "%s/cgroup.controllers", v2);
        doctor_read_line(path, controllers, sizeof(controllers));
    }
    const char *with = controllers[0] ? controllers : "no controllers";
    if (v2[0] && v1 == 0)
        doctor_say(answer, DOCTOR_OK, "v2, %s", with);
    else if (v2[0])
        doctor_say(answer, DOCTOR_LIMITED, "hybrid: %u v1 hierarchies, v2 at %.80s with %s", v1, v2,
                   with);
    else if (v1)
        doctor_say(answer, DOCTOR_LIMITED, "v1, %u hierarchies", v1);
    else
        doctor_say(answer, DOCTOR_MISSING, "no cgroup file system is mounted here");
    if (!v2[0] && !v1)
        doctor_advise(answer, "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
}
