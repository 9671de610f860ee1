#include "include/csimdjson.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>

namespace {

using simdjson::dom::parser;

/// A parser needs some 14 bytes for each byte of input: what a thread may keep is bounded.
constexpr size_t keep_at_most = 256 * 1024;

struct thread_parser {
    std::unique_ptr<parser> dom;
    std::unique_ptr<uint8_t[]> input;  // simdjson reads up to SIMDJSON_PADDING bytes past the end
    size_t capacity = 0;

    bool reserve(size_t count) {
        if (dom && count <= capacity) return true;
        size_t wanted = count < 4096 ? 4096 : count;
        dom.reset(new (std::nothrow) parser());
        input.reset(new (std::nothrow) uint8_t[wanted + simdjson::SIMDJSON_PADDING]());
        // simdjson counts the document itself as a level.
        if (!dom || !input || dom->allocate(wanted, CSIMDJSON_DEPTH_LIMIT + 2)) {
            release();
            return false;
        }
        capacity = wanted;
        return true;
    }

    void release() {
        dom.reset();
        input.reset();
        capacity = 0;
    }
};

thread_local thread_parser local;

int code_of(simdjson::error_code error) {
    switch (error) {
    case simdjson::SUCCESS: return CSIMDJSON_OK;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY: return CSIMDJSON_TOO_LARGE;
    case simdjson::MEMALLOC: return CSIMDJSON_OUT_OF_MEMORY;
    default: return CSIMDJSON_MALFORMED;
    }
}

}  // namespace

csimdjson_document csimdjson_parse(const uint8_t *bytes, size_t count, size_t maximum_depth) {
    csimdjson_document result = {CSIMDJSON_OK, nullptr, 0, nullptr, 0};
    if (count > 0xFFFFFF00u) {
        result.code = CSIMDJSON_TOO_LARGE;
        return result;
    }
    if (!local.reserve(count)) {
        result.code = CSIMDJSON_OUT_OF_MEMORY;
        return result;
    }
    if (count > 0) std::memcpy(local.input.get(), bytes, count);
    std::memset(local.input.get() + count, 0, simdjson::SIMDJSON_PADDING);

    auto parsed = local.dom->parse(local.input.get(), count, false);
    result.code = code_of(parsed.error());
    if (result.code != CSIMDJSON_OK) return result;

    // One walk finds the depth and how much of the string buffer is in use.
    const uint64_t *tape = local.dom->doc.tape.get();
    const uint8_t *strings = local.dom->doc.string_buf.get();
    constexpr uint64_t payload = 0x00FFFFFFFFFFFFFFull;
    size_t end = tape[0] & payload;
    size_t depth = 0, last_string = SIZE_MAX;
    for (size_t i = 1; i < end; i++) {
        switch (tape[i] >> 56) {
        case '[':
        case '{':
            if (++depth > maximum_depth) {
                result.code = CSIMDJSON_TOO_DEEP;
                return result;
            }
            break;
        case ']':
        case '}': depth--; break;
        case '"': last_string = tape[i] & payload; break;
        case 'l':
        case 'u':
        case 'd': i++; break;
        default: break;
        }
    }
    if (last_string != SIZE_MAX) {
        uint32_t length;
        std::memcpy(&length, strings + last_string, sizeof length);
        result.strings_count = last_string + sizeof length + length;
    }
    result.tape = tape;
    result.tape_count = end;
    result.strings = strings;
    return result;
}

void csimdjson_trim(void) {
    if (local.capacity > keep_at_most) local.release();
}
