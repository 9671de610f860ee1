// Files that the binary carries with it.
#pragma once
#include <stddef.h>

/// docs/openapi.json, without a terminating zero.
extern const unsigned char *const cassets_openapi;
/// Its length in bytes.
extern const size_t cassets_openapi_length;
