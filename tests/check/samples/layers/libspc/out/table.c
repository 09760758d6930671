#include <spc/buf.h>
