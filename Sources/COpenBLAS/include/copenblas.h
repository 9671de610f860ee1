// BLAS and LAPACK, and the loops they lack.
#include <cblas.h>
#include <lapacke.h>
#include <stddef.h>
#include <stdint.h>

/// out[r] = row r of codes · query, in integers, for `count` rows of `stride` bytes, a multiple of 32, and a query of as
/// many words. No sum may leave 32 bits.
void cournot_dots_int8(const int8_t *codes, const int16_t *query, size_t count, size_t stride, int32_t *out);

/// x · Φ(x) in place, Φ being the normal distribution, to 2e-7 of |x|.
void cournot_gelu(float *x, size_t count);

/// Each row of `count` ≥ 1 numbers, `stride` apart, becomes eˣ over its sum.
void cournot_softmax(float *x, size_t rows, size_t count, size_t stride);

/// x = gain · (x + added − mean) / √(variance + epsilon) + bias, row by row of `width` numbers.
void cournot_add_norm(
    float *x, const float *added, const float *gain, const float *bias, size_t rows, size_t width, float epsilon);
