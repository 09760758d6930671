#pragma once
#include <stddef.h>
size_t spc_good(void);
