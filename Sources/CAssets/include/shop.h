// The demo shop's page, as the binary carries it.
#pragma once
#include <stddef.h>

/// web/shop/index.html; `length` becomes its length in bytes.
const unsigned char *cassets_shop_html(long *length);
/// web/shop/shop.css
const unsigned char *cassets_shop_css(long *length);
/// web/shop/shop.js
const unsigned char *cassets_shop_js(long *length);
/// web/shop/icon.svg
const unsigned char *cassets_shop_icon(long *length);
