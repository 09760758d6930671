// SPDX-License-Identifier: BSD-2-Clause
// From options to sinks.
#pragma once

#include "options.h"
#include "sink.h"
#include "sink_text.h"

struct sniff_outputs {
    struct sniff_sinks sinks;
    struct sniff_names *names;
};

void sniff_outputs_free(struct sniff_outputs *outputs);

// `command` is the command line, for the capture file.
int sniff_outputs_open(const struct sniff_config *config, const char *filter, const char *command,
                       struct sniff_outputs *ret, struct spc_err *err);
