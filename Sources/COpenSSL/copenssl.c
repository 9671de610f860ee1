#include "include/copenssl.h"
