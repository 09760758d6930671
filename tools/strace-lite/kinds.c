// SPDX-License-Identifier: BSD-2-Clause
#include "kinds.h"

#include <assert.h>

#include "decode.h"
#include "flags.h"

#define NONE      NULL
#define SET(name) &flags_##name

const struct kind strace_kinds[] = {
#define X(name, when, show, set, is_there)                                                         \
    [KIND_##name] = {#name, WHEN_##when, show, set, is_there},
    STRACE_KINDS(X)
#undef X
};
static_assert(SPC_ARRAY_SIZE(strace_kinds) == _KIND_MAX, "a row for every kind");
