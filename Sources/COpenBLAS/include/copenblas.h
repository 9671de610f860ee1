// BLAS and LAPACK, and the one product they lack.
#include <cblas.h>
#include <lapacke.h>
#include <stddef.h>
#include <stdint.h>

/// out[r] = row r of codes · query, in integers, for `count` rows of `stride` bytes, a multiple of 32, and a query of as
/// many words. No sum may leave 32 bits.
void cournot_dots_int8(const int8_t *codes, const int16_t *query, size_t count, size_t stride, int32_t *out);
