// SPDX-License-Identifier: BSD-2-Clause
// Whiteouts and opaque directories: from names in an archive (OCI image-spec, layer.md) to the
// marks that overlayfs reads (Documentation/filesystems/overlayfs.rst).
#include "tree_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define PREFIX     ".wh."
#define PREFIX_LEN 4

bool spc_tree_is_whiteout(int dirfd, const char *name)
{
    int saved = errno;
    struct stat st;
    bool is = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) &&
              st.st_rdev == makedev(0, 0);
    errno = saved;
    return is;
}

int spc_tree_make_opaque(struct spc_tree *tree, int dirfd, struct spc_err *err)
{
    if (!tree->has_user_xattr) {
        if (fsetxattr(dirfd, "trusted.overlay.opaque", "y", 1, 0) == 0)
            return 0;
        // Without CAP_SYS_ADMIN only the user. form can be written, and mounted with "userxattr".
        if (errno != EPERM)
            return spc_err_set(err, -errno, "mark directory of '%.200s' opaque", tree->path);
        tree->has_user_xattr = true;
    }
    if (fsetxattr(dirfd, "user.overlay.opaque", "y", 1, 0) < 0)
        return spc_err_set(err, -errno, "mark directory of '%.200s' opaque", tree->path);
    return 0;
}

// A name that this layer itself brings stays: a whiteout speaks of the layers below only.
static int hide(struct spc_tree *tree, int dirfd, const char *name, struct spc_err *err)
{
    if (mknodat(dirfd, name, S_IFCHR, makedev(0, 0)) == 0)
        return 0;
    if (errno != EEXIST)
        return spc_err_set(err, -errno, "whiteout '%.200s'", tree->path);
    spc_auto_close int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? 0 : spc_tree_make_opaque(tree, fd, err);
}

int spc_tree_whiteout(struct spc_tree *tree, int dirfd, const char *name, struct spc_err *err)
{
    if (strncmp(name, PREFIX, PREFIX_LEN) != 0)
        return 0;
    const char *hidden = name + PREFIX_LEN;
    int r = 0;
    if (strcmp(hidden, ".wh..opq") == 0)
        r = spc_tree_make_opaque(tree, dirfd, err);
    else if (strncmp(hidden, PREFIX, PREFIX_LEN) == 0)
        ; // aufs' own bookkeeping (.wh..wh.plnk, .wh..wh.aufs): means nothing here
    else if (*hidden == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
        r = spc_err_say(err, -EBADMSG, "whiteout '%.200s' hides no valid name: refused",
                        tree->path);
    else
        r = hide(tree, dirfd, hidden, err);
    return r < 0 ? r : 1;
}
