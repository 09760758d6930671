#include <spc/table.h>
#include "probes/events.h"
#include "tools/systrace/record.h"
