#include <spc/sink.h>
#include <spc/table.h>
