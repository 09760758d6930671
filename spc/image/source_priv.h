// SPDX-License-Identifier: BSD-2-Clause
// The kinds of sources, for source.c.
#pragma once

#include "source.h"

// An archive (docker-archive, OCI layout) from a stream into stage/archive; sets source->dir.
int spc_source_unpack_archive(struct spc_source *source, int fd, struct spc_stage *stage,
                              struct spc_err *err);
int spc_source_engine(struct spc_source *source, const char *engine, const char *name,
                      struct spc_stage *stage, struct spc_err *err);
int spc_source_registry(struct spc_source *source, const char *name, struct spc_stage *stage,
                        struct spc_err *err);
