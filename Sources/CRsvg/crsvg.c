#include "crsvg.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of the public headers of librsvg 2.46 and later, GLib 2 and cairo 1: as much as is used here.
struct error {
    uint32_t domain;
    int code;
    char *message;
};
struct rectangle {
    double x, y, width, height;
};
enum { FORMAT_RGB24 = 1, STATUS_SUCCESS = 0, STATUS_WRITE_ERROR = 11 };
typedef int (*write_function)(void *to, const unsigned char *bytes, unsigned int count);

static void *(*rsvg_handle_new_from_data)(const uint8_t *, size_t, struct error **);
static int (*rsvg_handle_render_document)(void *, void *, const struct rectangle *, struct error **);
static void (*g_object_unref)(void *);
static void (*g_error_free)(struct error *);
static void *(*cairo_image_surface_create)(int, int, int);
static int (*cairo_surface_status)(void *);
static void *(*cairo_create)(void *);
static void (*cairo_set_source_rgb)(void *, double, double, double);
static void (*cairo_paint)(void *);
static int (*cairo_status)(void *);
static void (*cairo_destroy)(void *);
static void (*cairo_surface_destroy)(void *);
static int (*cairo_surface_write_to_png_stream)(void *, write_function, void *);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_open;
static char why_not[256];

static int take(void *library, const char *name, void *place) {
    void *function = dlsym(library, name);
    if (!function) snprintf(why_not, sizeof why_not, "the library has no %s", name);
    memcpy(place, &function, sizeof function);
    return function != NULL;
}

static void *opened(const char *name) {
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(why_not, sizeof why_not, "%s", reason ? reason : name);
    }
    return library;
}

// Never closed again: GLib's types cannot be taken back.
static void open_libraries(void) {
    void *rsvg = opened("librsvg-2.so.2");
    void *cairo = rsvg ? opened("libcairo.so.2") : NULL;
    void *object = cairo ? opened("libgobject-2.0.so.0") : NULL;
    void *glib = object ? opened("libglib-2.0.so.0") : NULL;
    is_open = glib && take(rsvg, "rsvg_handle_new_from_data", &rsvg_handle_new_from_data) &&
              take(rsvg, "rsvg_handle_render_document", &rsvg_handle_render_document) &&
              take(object, "g_object_unref", &g_object_unref) && take(glib, "g_error_free", &g_error_free) &&
              take(cairo, "cairo_image_surface_create", &cairo_image_surface_create) &&
              take(cairo, "cairo_surface_status", &cairo_surface_status) &&
              take(cairo, "cairo_create", &cairo_create) &&
              take(cairo, "cairo_set_source_rgb", &cairo_set_source_rgb) && take(cairo, "cairo_paint", &cairo_paint) &&
              take(cairo, "cairo_status", &cairo_status) && take(cairo, "cairo_destroy", &cairo_destroy) &&
              take(cairo, "cairo_surface_destroy", &cairo_surface_destroy) &&
              take(cairo, "cairo_surface_write_to_png_stream", &cairo_surface_write_to_png_stream);
}

struct buffer {
    uint8_t *bytes;
    size_t length, capacity;
};

static int append(void *to, const unsigned char *bytes, unsigned int count) {
    struct buffer *buffer = to;
    if (count > buffer->capacity - buffer->length) {
        size_t capacity = (buffer->length + count) * 2;
        uint8_t *grown = realloc(buffer->bytes, capacity);
        if (!grown) return STATUS_WRITE_ERROR;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->length, bytes, count);
    buffer->length += count;
    return STATUS_SUCCESS;
}

static void say(struct error *error, const char *otherwise, char *message, size_t size) {
    snprintf(message, size, "%s", error && error->message ? error->message : otherwise);
    if (error) g_error_free(error);
}

enum crsvg_result crsvg_render(const uint8_t *svg, size_t svg_length, int32_t width, int32_t height, uint8_t **png,
                               size_t *png_length, char *message, size_t message_size) {
    pthread_once(&once, open_libraries);
    if (!is_open) {
        snprintf(message, message_size, "%s", why_not);
        return CRSVG_UNAVAILABLE;
    }
    struct error *error = NULL;
    void *handle = rsvg_handle_new_from_data(svg, svg_length, &error);
    if (!handle) {
        say(error, "no SVG", message, message_size);
        return CRSVG_UNREADABLE;
    }
    enum crsvg_result result = CRSVG_OK;
    void *surface = cairo_image_surface_create(FORMAT_RGB24, width, height);
    if (cairo_surface_status(surface) != STATUS_SUCCESS) {
        snprintf(message, message_size, "no memory for %d × %d pixels", width, height);
        result = CRSVG_NO_MEMORY;
    } else {
        void *context = cairo_create(surface);
        cairo_set_source_rgb(context, 1, 1, 1);
        cairo_paint(context);
        struct rectangle page = {0, 0, width, height};
        struct buffer file = {NULL, 0, 0};
        if (!rsvg_handle_render_document(handle, context, &page, &error)) {
            say(error, "not drawn", message, message_size);
            result = CRSVG_UNREADABLE;
        } else if (cairo_status(context) != STATUS_SUCCESS ||
                   cairo_surface_write_to_png_stream(surface, append, &file) != STATUS_SUCCESS) {
            snprintf(message, message_size, "the file cannot be written");
            free(file.bytes);
            result = CRSVG_NO_MEMORY;
        } else {
            *png = file.bytes;
            *png_length = file.length;
        }
        cairo_destroy(context);
    }
    cairo_surface_destroy(surface);
    g_object_unref(handle);
    return result;
}
