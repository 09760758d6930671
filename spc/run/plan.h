// SPDX-License-Identifier: BSD-2-Clause
// What `spc run` is going to do, as plain data: made by plan.c from the command line, then either
// printed (display.c) or carried out (life.c, child.c). Nothing in here has been done yet.
#pragma once

#include <stdbool.h>

#include <spc/buf.h>
#include <spc/err.h>
#include <spc/ns_table.h>

enum run_ns_mode {
    RUN_NS_HOST,    // the caller's own
    RUN_NS_PRIVATE, // a new one
    RUN_NS_JOIN,    // that of a container
};

enum run_mount_api {
    RUN_MOUNT_AUTO,    // new where the kernel has it
    RUN_MOUNT_NEW,     // fsopen(2), open_tree(2), move_mount(2): kernel 5.2
    RUN_MOUNT_CLASSIC, // mount(2)
};

enum run_root_kind {
    RUN_ROOT_AUTO,
    RUN_ROOT_OVERLAY, // overlayfs of the image and a tmpfs
    RUN_ROOT_BIND,    // a tmpfs with every entry of the image bound into it, read-only
};

// The command line of `spc run` (options.c).
struct run_config {
    const char *name;
    struct spc_strv env, env_files, volumes;
    bool has_host_env, is_read_only, is_rm, is_interactive, is_tty, is_display;
    const char *workdir, *user, *entrypoint, *hostname;
    const char *ns[_SPC_NS_MAX]; // word of --pid and friends, NULL when not given
    int mount_api;               // enum run_mount_api
    int root_kind;               // enum run_root_kind
    struct spc_strv self_names;  // what the executable is called in the built-in image
};

enum run_image_kind {
    RUN_IMAGE_BUILTIN, // the tools image inside this executable
    RUN_IMAGE_DIR,     // a root file system directory
};

struct run_image {
    enum run_image_kind kind;
    char *name; // as typed
    char *dir;  // directory, NULL for the built-in one
    char *sub;  // root file system below it: "rootfs", or "."
    struct spc_strv env, entrypoint, cmd;
    char *workdir, *user; // from the image's own configuration, or NULL
};

struct run_ns {
    enum run_ns_mode mode;
    const char *spec; // TARGET of a join, borrowed from the command line
    int fd;           // the namespace to join, SPC_NOFD before it was opened
};

struct run_volume {
    char *source, *target;
    bool is_read_only, is_nosuid, is_nodev, is_noexec, is_recursive;
    bool is_slave; // later mounts of the host below it appear
};

struct run_plan {
    const struct run_config *config; // borrowed
    struct run_image image;
    struct run_ns ns[_SPC_NS_MAX];
    struct run_volume *volumes;
    size_t volume_count;
    char *name;           // NAME in the environment
    char *hostname;       // to set in a private UTS namespace, or NULL
    char *user;           // NULL: stay who the caller is
    char *cwd;            // the caller's working directory, or NULL where it has no path
    struct spc_strv argv; // command
    struct spc_strv env;
};

int spc_run_plan_make(const struct run_config *config, int argc, char **argv, struct run_plan *ret,
                      struct spc_err *err);
void spc_run_plan_free(struct run_plan *plan);

// Find out what IMAGE is and read its configuration (image.c).
int spc_run_image_load(const char *word, struct run_image *ret, struct spc_err *err);
// Its root file system directory, opened with O_PATH. Look-ups stay inside the image's directory.
int spc_run_image_open(const struct run_image *image, int *ret, struct spc_err *err);
void spc_run_image_free(struct run_image *image);

// Environment of the command (env.c). `plan` has everything but env.
int spc_run_env_make(struct run_plan *plan, struct spc_err *err);

// One SRC:DST[:OPTION,...] (volume.c).
int spc_run_volume_parse(const char *word, struct run_volume *ret, struct spc_err *err);
void spc_run_volume_free(struct run_volume *volume);

// What a row of spc_ns_table is called on the command line and does by default (nsopt.c).
struct run_ns_rule {
    const char *option;  // "pid"; NULL: spc run never changes this one
    const char *private; // a second word for "private" that docker uses, or NULL
    const char *granted; // what sharing the host's gives, for --display
};
extern const struct run_ns_rule spc_run_ns_rules[_SPC_NS_MAX];

int spc_run_ns_parse(enum spc_ns_kind kind, const char *word, struct run_ns *ret,
                     struct spc_err *err);
// Resolve the targets and open their namespaces.
int spc_run_ns_open(struct run_plan *plan, struct spc_err *err);

// --display (display.c)
int spc_run_display(const struct run_plan *plan, struct spc_err *err);
