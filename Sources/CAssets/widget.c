#include "assets.h"

static const unsigned char js[] = {
#embed "../../web/widget/widget.js"
};

const unsigned char *cassets_widget_js(long *length) {
    *length = sizeof js;
    return js;
}
