// SPDX-License-Identifier: BSD-2-Clause
// Reading JSON that somebody else wrote: bounded in size and depth, and typed getters that take a
// missing member or a wrong type for "not known". Writing is json_writer.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spc/own.h>

// A value, or a whole document. Borrowed from its document unless it came from spc_jdoc_read() or
// spc_jdoc_parse(). Every getter takes NULL for "no such value".
struct spc_jdoc;

// Deeper nesting is refused: no engine writes more than a dozen levels.
#define SPC_JSON_DEPTH 32

// Read a file below `rootfd` as spc_read_in_root() does (-EFBIG, -EINVAL, -EISDIR, ...) and parse
// it. -EBADMSG: no JSON, cut off, or nested too deeply.
int spc_jdoc_read(int rootfd, const char *path, size_t max, struct spc_jdoc **ret);
int spc_jdoc_parse(const char *data, size_t len, struct spc_jdoc **ret);
void spc_jdoc_free(struct spc_jdoc *doc);
SPC_DEFINE_CLEANUP(struct spc_jdoc *, spc_jdoc_free)
#define spc_auto_jdoc SPC_CLEANUP(spc_jdoc_free_p)

// Call `each` for every element of a top-level array, one in memory at a time: for files that hold
// a whole store. Ends at the first element that is damaged (-EBADMSG) or for which `each` says so
// by a value other than 0, which is returned.
int spc_jdoc_each(const char *data, size_t len, int (*each)(const struct spc_jdoc *item, void *arg),
                  void *arg);

// Member of an object; NULL when there is none or `doc` is no object.
const struct spc_jdoc *spc_jdoc_get(const struct spc_jdoc *doc, const char *key);
// Element of an array, or NULL.
const struct spc_jdoc *spc_jdoc_at(const struct spc_jdoc *doc, size_t index);

// How many elements an array has; 0 for anything else.
size_t spc_jdoc_len(const struct spc_jdoc *doc);
// Call `each` for every member of an object until it returns other than 0, which is returned.
int spc_jdoc_members(const struct spc_jdoc *doc,
                     int (*each)(const char *key, const struct spc_jdoc *value, void *arg),
                     void *arg);
// As spc_jdoc_str(), but an empty string is one (an argument of a command may be empty).
const char *spc_jdoc_text(const struct spc_jdoc *doc);

// The string, or NULL for any other type, for an empty one, and for one with a NUL inside (nobody
// may be shown the first half of a name).
const char *spc_jdoc_str(const struct spc_jdoc *doc);
const char *spc_jdoc_get_str(const struct spc_jdoc *doc, const char *key);
// 0 unless it is an integer from 0 to INT64_MAX, or a string of digits (runc writes start times
// so).
uint64_t spc_jdoc_get_u64(const struct spc_jdoc *doc, const char *key);
bool spc_jdoc_get_bool(const struct spc_jdoc *doc, const char *key);
