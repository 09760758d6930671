// SPDX-License-Identifier: BSD-2-Clause
// The smallest EROFS image: an empty root directory, to find out whether one can be mounted.
#pragma once

#include <stdint.h>

#define DOCTOR_EROFS_SIZE 4096

void doctor_erofs_make(uint8_t ret[DOCTOR_EROFS_SIZE]);
