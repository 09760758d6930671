#include "probes/events.h"
