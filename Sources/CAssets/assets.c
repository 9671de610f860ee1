#include "assets.h"

// In C23, and in clang before it was.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../docs/openapi.json"
};
const unsigned char *const cassets_openapi = openapi;
const size_t cassets_openapi_length = sizeof openapi;
