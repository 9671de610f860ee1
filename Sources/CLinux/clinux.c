#define _GNU_SOURCE
#include "include/clinux.h"

int clinux_accept4(int listener, int flags) { return accept4(listener, 0, 0, flags); }
