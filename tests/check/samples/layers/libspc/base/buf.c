#include <spc/buf.h>
#include <spc/target.h>
#include "../target/target_priv.h"
