#include "include/csimdjson.h"
#include <simdjson.h>

int csimdjson_version_major(void) { return simdjson::SIMDJSON_VERSION_MAJOR; }
