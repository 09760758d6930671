// SPDX-License-Identifier: BSD-2-Clause
// --headers-only: cut a frame behind its transport header.
#pragma once

#include "packet.h"

void sniff_headers_cut(struct sniff_packet *packet);
