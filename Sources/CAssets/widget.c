#include "assets.h"

// In C23, and in clang before it was.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char js[] = {
#embed "../../web/widget/widget.js"
};

const unsigned char *cassets_widget_js(long *length) {
    *length = sizeof js;
    return js;
}
