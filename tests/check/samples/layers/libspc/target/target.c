#include <spc/buf.h>
#include <spc/table.h>
