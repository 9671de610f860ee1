#include "copenblas.h"

// Vectors of no processor: the compiler makes PMADDWD of their products on x86, SMLAL on Arm.
typedef int8_t bytes __attribute__((vector_size(32), aligned(1)));
typedef int16_t words __attribute__((vector_size(64), aligned(2)));
typedef int32_t sums __attribute__((vector_size(128)));

// How far ahead memory is asked for, in bytes: about 300 ns of reading. What is asked for is never read, so that it may
// lie beyond the rows.
enum { AHEAD = 4096 };

#if defined(__x86_64__)
// Chosen once, by the loader. SSE2 alone is a third slower; AVX-512 is no faster, since memory decides.
__attribute__((target_clones("avx2", "default")))
#endif
void cournot_dots_int8(const int8_t *codes, const int16_t *query, size_t count, size_t stride, int32_t *out) {
    for (size_t r = 0; r < count; r++) {
        const int8_t *row = codes + r * stride;
        sums sum = {0};
        for (size_t j = 0; j < stride; j += 32) {
            __builtin_prefetch(row + j + AHEAD);
            sum += __builtin_convertvector(*(const bytes *)(row + j), sums) *
                   __builtin_convertvector(*(const words *)(query + j), sums);
        }
        out[r] = __builtin_reduce_add(sum);
    }
}
