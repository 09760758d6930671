// SPDX-License-Identifier: BSD-2-Clause
// Bytes from a target, made harmless for the place they are printed in. Only here.
#pragma once

#include <stddef.h>

#include <spc/buf.h>

// For a terminal or a text file: control characters (C0, DEL, C1), those that reorder text (bidi)
// and bytes that are no valid UTF-8 become \n, \t, \r, \f, \v or \xHH; '\\' becomes "\\\\".
// Everything else stays readable.
void spc_escape_text(struct spc_buf *out, const char *data, size_t len);

// The inside of a JSON string (RFC 8259). Bytes that are no valid UTF-8 become U+FFFD; control
// characters (C0, DEL, C1) become \u00HH, because JSON is printed on terminals, too.
void spc_escape_json(struct spc_buf *out, const char *data, size_t len);

// As strace prints a string: every byte outside printable ASCII as \n \t \" or the shortest octal
// escape; three digits only where an octal digit follows.
void spc_escape_c(struct spc_buf *out, const char *data, size_t len);
