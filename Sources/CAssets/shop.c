#include "shop.h"

// In C23, and in clang before it was.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char html[] = {
#embed "../../web/shop/index.html"
};

static const unsigned char css[] = {
#embed "../../web/shop/shop.css"
};

static const unsigned char js[] = {
#embed "../../web/shop/shop.js"
};

static const unsigned char icon[] = {
#embed "../../web/shop/icon.svg"
};

const unsigned char *cassets_shop_html(long *length) {
    *length = sizeof html;
    return html;
}

const unsigned char *cassets_shop_css(long *length) {
    *length = sizeof css;
    return css;
}

const unsigned char *cassets_shop_js(long *length) {
    *length = sizeof js;
    return js;
}

const unsigned char *cassets_shop_icon(long *length) {
    *length = sizeof icon;
    return icon;
}
