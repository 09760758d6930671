// SPDX-License-Identifier: BSD-2-Clause
// Records to a stream: an aligned text table, or one JSON object a line, from the same field table.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <spc/err.h>
#include <spc/field.h>
#include <spc/own.h>

enum spc_format { SPC_FORMAT_TEXT, SPC_FORMAT_JSON };

struct spc_table; // rows are kept until spc_table_end() when text has to be aligned

struct spc_table_options {
    enum spc_format format;
    bool is_wide;      // also the fields marked SPC_FIELD_WIDE
    bool has_no_title; // leave out the heading line
    bool is_bold;      // heading in bold; the caller decides (tty, NO_COLOR)
};

int spc_table_begin(FILE *stream, const struct spc_record_kind *kind,
                    const struct spc_table_options *options, struct spc_table **ret,
                    struct spc_err *err);

// `record` is read before the call returns; `indent` puts a row below the one before it (a process
// below its container) and is only visible in text.
int spc_table_row(struct spc_table *table, const void *record, unsigned indent,
                  struct spc_err *err);

// Print what is left. An output that cannot be written (full disk, closed pipe) is an error.
int spc_table_end(struct spc_table *table, struct spc_err *err);
void spc_table_free(struct spc_table *table);
SPC_DEFINE_CLEANUP(struct spc_table *, spc_table_free)
