#include <cblas.h>
#include <lapacke.h>

/// Asks for the cache line at an address, which need not be ours: it is never read. Swift has no word for it, and loops
/// over more memory than the caches hold are a third slower without.
static inline void cournot_prefetch(const void *address) { __builtin_prefetch(address); }
