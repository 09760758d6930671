// SPDX-License-Identifier: BSD-2-Clause
// Streaming JSON (RFC 8259) into a buffer; takes care of commas, quotes and escaping.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <spc/buf.h>

// Nesting is limited to what the bit mask holds; deeper levels set buf->failed.
struct spc_json {
    struct spc_buf *buf;
    uint64_t has_items; // bit n: level n already holds an item
    unsigned depth;     // at most 63
};

// In all of these `key` is NULL for an array element or the top value.
void spc_json_object(struct spc_json *json, const char *key);
void spc_json_object_end(struct spc_json *json);
void spc_json_array(struct spc_json *json, const char *key);
void spc_json_array_end(struct spc_json *json);
void spc_json_str(struct spc_json *json, const char *key, const char *value); // NULL: null
void spc_json_strn(struct spc_json *json, const char *key, const char *value, size_t len);
void spc_json_i64(struct spc_json *json, const char *key, int64_t value);
void spc_json_u64(struct spc_json *json, const char *key, uint64_t value);
void spc_json_double(struct spc_json *json, const char *key, double value);
void spc_json_bool(struct spc_json *json, const char *key, bool value);
void spc_json_null(struct spc_json *json, const char *key);
// A value that is JSON already; NULL: null.
void spc_json_raw(struct spc_json *json, const char *key, const char *value);
