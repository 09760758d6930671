// needs <stddef.h>
#pragma once
size_t spc_alone(void);
