// Files that the binary carries with it.
#pragma once
#include <stddef.h>

/// docs/openapi.json, without a terminating zero.
extern const unsigned char *const cassets_openapi;
/// Its length in bytes.
extern const size_t cassets_openapi_length;

/// A file of web/console.
typedef struct {
    /// Its path beneath web/console.
    const char *path;
    const unsigned char *bytes;
    long length;
} cassets_file;

/// The file at a place from 0; null behind the last one.
const cassets_file *cassets_console_file(long place);

/// web/widget/widget.js; `length` becomes its length in bytes.
const unsigned char *cassets_widget_js(long *length);
