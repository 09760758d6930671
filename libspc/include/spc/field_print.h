// SPDX-License-Identifier: BSD-2-Clause
// One field of one record, as text or as JSON. The only place that switches over enum spc_type.
#pragma once

#include <spc/buf.h>
#include <spc/field.h>
#include <spc/json_writer.h>

// Escaped for a terminal; "-" for what is not known.
void spc_field_text(const struct spc_field *field, const void *record, struct spc_buf *out);
void spc_field_json(const struct spc_field *field, const void *record, struct spc_json *json);
// The whole record as one object with its "kind" key in front.
void spc_record_json(const struct spc_record_kind *kind, const void *record, struct spc_json *json);
