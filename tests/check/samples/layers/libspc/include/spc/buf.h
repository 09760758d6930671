#include <spc/lost.h>
