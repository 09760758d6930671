// SPDX-License-Identifier: BSD-2-Clause
// The store of images: a directory of content named by its digest.
//
//   ROOT/images/lock              held shared by every writer, exclusively by whoever sweeps
//              /blobs/HEX         manifests, configs, layers as they came, EROFS files
//              /layers/HEX[.dev]  "fs": the layer unpacked for overlayfs; "info": what it costs
//              /refs/NAME         the images: one small JSON record each
//              /tmp/XXXXXX        what an import is making
//
// Whatever has its final name is complete: an import makes everything in tmp, syncs the blobs,
// renames, and writes the ref last. A layer that a power failure may have cut short is found by
// its info and compared with its blob before it is used. What a dead import left in tmp, and
// content that no ref leads to, is swept by the next writer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/buf.h>
#include <spc/own.h>
#include <spc/progress.h>

#include "digest.h"

#define SPC_STORE_ROOT "/var/lib/spc"

enum spc_image_kind { SPC_IMAGE_LAYERS, SPC_IMAGE_EROFS, _SPC_IMAGE_KIND_MAX };
const char *spc_image_kind_name(enum spc_image_kind kind);

// One image of the store: the content of a ref.
struct spc_image_record {
    char *name;
    enum spc_image_kind kind;
    const char *kind_name;
    struct spc_digest manifest; // or of the EROFS file
    struct spc_digest config;   // empty for EROFS
    char *id;                   // first 12 digits of the config's (EROFS: the file's) digest
    char *digest;               // "sha256:..." of the manifest or the file
    char *source;               // where it came from, as typed
    uint64_t layers, size;      // size: unpacked bytes
    uint64_t created_ns, imported_ns;
    uint64_t age_ns;  // since `created`, at the time of reading
    bool has_devices; // unpacked with --devices
};

struct spc_image_records {
    struct spc_image_record *items;
    size_t count;
};

void spc_image_record_free(struct spc_image_record *record);
void spc_image_records_free(struct spc_image_records *list);
#define spc_auto_record  SPC_CLEANUP(spc_image_record_free)
#define spc_auto_records SPC_CLEANUP(spc_image_records_free)

struct spc_store {
    char *path; // of ROOT/images, for messages
    int dir, blobs, layers, refs, tmp;
    int lock; // held shared; SPC_NOFD for a reader that may not
};

// Without `write`, a store that does not exist is -ENOENT. With it, the store is made, left-overs
// are swept if no other writer is at work, and the shared lock is held until spc_store_free().
int spc_store_open(const char *root, bool write, struct spc_store **ret, struct spc_err *err);
void spc_store_free(struct spc_store *store);
SPC_DEFINE_CLEANUP(struct spc_store *, spc_store_free)
#define spc_auto_store SPC_CLEANUP(spc_store_free_p)

// All images, sorted by name. A damaged record is an error that names it.
int spc_store_list(struct spc_store *store, struct spc_image_records *ret, struct spc_err *err);
// By name, "NAME:latest", ID prefix of at least 4 digits, or digest.
int spc_store_find(struct spc_store *store, const char *ref, struct spc_image_record *ret,
                   struct spc_err *err);
// Write or replace the ref of record->name. The content must be committed.
int spc_store_set_ref(struct spc_store *store, const struct spc_image_record *record,
                      struct spc_err *err);
int spc_store_remove_ref(struct spc_store *store, const char *name, struct spc_err *err);
// Remove what no ref leads to. Does nothing while another writer is at work or a layer is in use.
// *ret_bytes (may be NULL): freed.
int spc_store_sweep(struct spc_store *store, uint64_t *ret_bytes, struct spc_err *err);

bool spc_store_has_blob(struct spc_store *store, const struct spc_digest *digest);
// Read-only descriptor of a blob, or -ENOENT.
int spc_store_open_blob(struct spc_store *store, const struct spc_digest *digest,
                        struct spc_err *err);
// The name of a layer's directory.
void spc_layer_key(const struct spc_digest *diff_id, bool has_devices, char ret[static 80]);

// Content in the making, below tmp.
struct spc_stage {
    struct spc_store *store;       // borrowed
    struct spc_progress *progress; // borrowed, told of every byte copied or unpacked; or NULL
    char name[16];
    int dir, blobs, layers;
};

int spc_stage_begin(struct spc_store *store, struct spc_stage *ret, struct spc_err *err);
// Sync everything, then give it its final names. What another import brought in the meantime stays.
int spc_stage_commit(struct spc_stage *stage, struct spc_err *err);
// Removes what was not committed.
void spc_stage_end(struct spc_stage *stage);
#define spc_auto_stage SPC_CLEANUP(spc_stage_end)
#define SPC_STAGE_NONE                                                                             \
    {                                                                                              \
        .dir = SPC_NOFD, .blobs = SPC_NOFD, .layers = SPC_NOFD                                     \
    }

// Open a blob that is staged or already in the store.
int spc_stage_open_blob(struct spc_stage *stage, const struct spc_digest *digest,
                        struct spc_err *err);
// Stage bytes from memory.
int spc_stage_add(struct spc_stage *stage, const void *data, size_t len, struct spc_digest *ret,
                  struct spc_err *err);
// Stage all of `fd` (from its start). *want, unless NULL, is what its digest must be.
int spc_stage_copy(struct spc_stage *stage, int fd, const struct spc_digest *want,
                   struct spc_digest *ret, uint64_t *ret_size, struct spc_err *err);
