// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#define SPC_VERSION "0.1"
