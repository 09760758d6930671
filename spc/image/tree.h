// SPDX-License-Identifier: BSD-2-Clause
// Writing files below a directory on the word of somebody hostile: by descriptors, never through a
// symbolic link, never outside. A tree is one layer as overlayfs wants it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <spc/err.h>
#include <spc/own.h>

struct spc_tree;

enum spc_tree_flags {
    SPC_TREE_WHITEOUTS = 1 << 0, // ".wh." names mean what they do in a layer
    SPC_TREE_DEVICES = 1 << 1,   // make device nodes; else they are left out and counted
};

enum spc_node_type {
    SPC_NODE_FILE,
    SPC_NODE_DIR,
    SPC_NODE_SYMLINK,
    SPC_NODE_HARDLINK,
    SPC_NODE_FIFO,
    SPC_NODE_DEVICE,
};

struct spc_node_attr {
    mode_t mode; // with the type bits for a device
    uid_t uid;
    gid_t gid;
    dev_t rdev;
    struct timespec mtime;
    const char *link; // target of a link, borrowed
};

struct spc_tree_stats {
    uint64_t entries, bytes;
    uint64_t devices_left_out; // nodes that SPC_TREE_DEVICES would have made
    uint64_t xattrs_left_out;  // that the file system or our privileges did not take
};

// `dirfd` (duplicated) is an empty directory that nobody else writes to.
int spc_tree_open(int dirfd, unsigned flags, struct spc_tree **ret, struct spc_err *err);
void spc_tree_free(struct spc_tree *tree);
SPC_DEFINE_CLEANUP(struct spc_tree *, spc_tree_free)
#define spc_auto_tree SPC_CLEANUP(spc_tree_free_p)

// Make one node. `path` is as the archive has it. For a file,
// *ret_fd is then open for writing (it belongs to the tree until the next call); otherwise it is
// SPC_NOFD. What a path may not be: absolute, with "..", longer than PATH_MAX, deeper than 200,
// through anything but directories.
int spc_tree_add(struct spc_tree *tree, const char *path, enum spc_node_type type,
                 const struct spc_node_attr *attr, int *ret_fd, struct spc_err *err);
// An extended attribute of the node that was made last.
int spc_tree_xattr(struct spc_tree *tree, const char *name, const void *value, size_t len,
                   struct spc_err *err);
// The last node is complete: sets mode and times.
int spc_tree_close_node(struct spc_tree *tree, uint64_t bytes, struct spc_err *err);
// Modes and times of directories, which making files in them had changed.
int spc_tree_finish(struct spc_tree *tree, struct spc_tree_stats *ret, struct spc_err *err);

// Remove everything below and including `name`; missing is success. Never crosses a mount or
// follows a link. 0 or a negative errno.
int spc_remove_tree(int dirfd, const char *name);
