// simdjson's DOM parser as Swift can call it: one parser a thread, kept warm between calls.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMDJSON_OK = 0,
    CSIMDJSON_TOO_DEEP = 1,
    CSIMDJSON_MALFORMED = 2,
    CSIMDJSON_TOO_LARGE = 3,
    CSIMDJSON_OUT_OF_MEMORY = 4,
};

/// What a parse left behind. `tape` and `strings` belong to the calling thread's parser and live
/// until its next call here.
///
/// The tape is simdjson's: a word is a type letter in the top byte and a payload in the other
/// seven; `l`, `u` and `d` are followed by one word of value. A string's payload is an offset
/// in `strings`, where four bytes of length stand before its UTF-8.
typedef struct {
    int code;
    const uint64_t *tape;
    size_t tape_count;
    const uint8_t *strings;
    size_t strings_count;
} csimdjson_document;

/// The deepest nesting that can be asked for.
enum { CSIMDJSON_DEPTH_LIMIT = 512 };

/// Parses `count` bytes as one JSON text of at most `maximum_depth` nested arrays and objects.
csimdjson_document csimdjson_parse(const uint8_t *bytes, size_t count, size_t maximum_depth);

/// Gives back the memory of an unusually large document; cheap after a small one.
void csimdjson_trim(void);

#ifdef __cplusplus
}
#endif
