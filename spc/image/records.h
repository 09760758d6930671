// SPDX-License-Identifier: BSD-2-Clause
// The record kinds that the image verbs print.
#pragma once

#include <spc/field.h>

extern const struct spc_record_kind spc_image_kind_record;  // struct spc_image_record
extern const struct spc_record_kind spc_history_kind;       // verb_history.c
extern const struct spc_record_kind spc_image_details_kind; // verb_inspect.c
extern const struct spc_record_kind spc_verify_kind;        // verb_verify.c
