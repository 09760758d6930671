// SPDX-License-Identifier: BSD-2-Clause
// What the files of the tree writer share.
#pragma once

#include <limits.h>

#include "tree.h"

#define SPC_TREE_DEPTH 200

// A directory whose mode and times are set at the end.
struct spc_tree_dir {
    char *path;
    size_t order; // in the archive
    mode_t mode;
    struct timespec mtime;
};

struct spc_tree {
    int root;
    unsigned flags;
    // The directories from the root to the parent of the last node: archives are sorted by
    // directory, so the next node mostly has the same one.
    char parent[PATH_MAX];
    size_t depth;
    int dirs[SPC_TREE_DEPTH];
    size_t ends[SPC_TREE_DEPTH]; // dirs[i] is parent[0..ends[i]]
    // The last node.
    int fd;
    bool is_dir, is_ignored; // ignored: a whiteout, a device left out
    struct spc_node_attr attr;
    int node_dir; // borrowed: its parent
    char name[NAME_MAX + 1];
    char path[PATH_MAX]; // cleaned
    struct spc_tree_dir *late;
    size_t late_count, late_cap;
    struct spc_tree_stats stats;
    bool is_root;        // we may change owners
    bool has_user_xattr; // overlayfs marks go to user.overlay.*, as without CAP_SYS_ADMIN
};

// The clean form of a path from an archive ("./a//b/" -> "a/b", "" for the root itself).
int spc_tree_clean(const char *path, char ret[static PATH_MAX], struct spc_err *err);
// The directory that holds `path` (clean, not ""), made where it is missing. Borrowed from the
// tree until the next call. *ret_name points into `path`.
int spc_tree_parent(struct spc_tree *tree, const char *path, bool make, int *ret_fd,
                    const char **ret_name, struct spc_err *err);
// Forget the cached directories at and below `path`: it was replaced.
void spc_tree_forget(struct spc_tree *tree);

// Remember a directory for the end.
int spc_tree_add_late(struct spc_tree *tree, const char *path, mode_t mode,
                      const struct timespec *mtime, struct spc_err *err);

// Whiteouts, when the flag is set: 1 when `name` was one and is done, 0 when it is an ordinary
// name.
int spc_tree_whiteout(struct spc_tree *tree, int dirfd, const char *name, struct spc_err *err);
bool spc_tree_is_whiteout(int dirfd, const char *name);
int spc_tree_make_opaque(struct spc_tree *tree, int dirfd, struct spc_err *err);
