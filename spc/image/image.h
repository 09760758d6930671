// SPDX-License-Identifier: BSD-2-Clause
// What the launcher needs of images: from a name or a source to descriptors and a config.
#pragma once

#include "manifest.h"
#include "store.h"

enum spc_image_form {
    SPC_FORM_LAYERS, // directories for overlayfs
    SPC_FORM_EROFS,  // one file: mount it
    SPC_FORM_DIR,    // one directory that is not ours: a root file system as it lies there
};

struct spc_image {
    enum spc_image_form form;
    char *name;   // as in the store, or as typed
    char *id;     // 12 digits, or NULL for a plain directory
    char *digest; // "sha256:...", or NULL
    int *layers;  // read-only directory descriptors, topmost first, as lowerdir= has them
    size_t layer_count;
    int file;                       // EROFS, else SPC_NOFD
    bool has_user_xattr;            // the store was made without privileges: mount with userxattr
    struct spc_image_config config; // empty where the image has none
};

#define SPC_IMAGE_NONE                                                                             \
    {                                                                                              \
        .file = SPC_NOFD                                                                           \
    }

// `ref`: a name, ID prefix or digest in the store below `root` (NULL: /var/lib/spc); else a source
// as `spc image import` takes it, which is then imported under its own name - except an EROFS file
// and a root file system directory, which are used where they are.
// -ENOENT with SPC_EXIT_TARGET when it is neither.
//
// Call it in the mount namespace that will use it: overlayfs refuses a lower directory that was
// opened in another one. While a descriptor of `layers` or `file` is open (in any process), its
// content cannot be removed from the store: each holds a shared flock(2).
int spc_image_open(const char *root, const char *ref, struct spc_image *ret, struct spc_err *err);
void spc_image_free(struct spc_image *image);
#define spc_auto_image SPC_CLEANUP(spc_image_free)

// Manifest and config of an image of the store.
int spc_image_load(struct spc_store *store, const struct spc_image_record *record,
                   struct spc_manifest *ret_manifest, struct spc_image_config *ret_config,
                   struct spc_err *err);
