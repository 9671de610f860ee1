// The door to librsvg and cairo, which are opened when the first picture is asked for and never before: whoever asks for
// none neither waits for them nor holds their memory, and a machine without them lacks nothing else.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum crsvg_result {
    CRSVG_OK = 0,
    /// A library cannot be opened, or lacks a function.
    CRSVG_UNAVAILABLE = 1,
    /// What was given is no SVG that can be drawn.
    CRSVG_UNREADABLE = 2,
    /// There is no memory for the picture.
    CRSVG_NO_MEMORY = 3,
};

/// A PNG of `width` × `height` pixels, on white, of an SVG that is stretched to fill it. From any thread.
///
/// On success `*png` and `*png_length` are the file, to be given to `free`. Otherwise `message`, of `message_size` bytes,
/// says why, ended by a zero.
enum crsvg_result crsvg_render(const uint8_t *svg, size_t svg_length, int32_t width, int32_t height, uint8_t **png,
                               size_t *png_length, char *message, size_t message_size);
