#include "peer.h"
#include <cblas.h>

typedef float lanes __attribute__((vector_size(64), aligned(4)));

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
float peer_read(const float *x, size_t n) {
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    for (size_t i = 0; i < n; i += 64) {
        __builtin_prefetch(x + i + 1024);
        __builtin_prefetch(x + i + 1040);
        __builtin_prefetch(x + i + 1056);
        __builtin_prefetch(x + i + 1072);
        a += *(const lanes *)(x + i);
        b += *(const lanes *)(x + i + 16);
        c += *(const lanes *)(x + i + 32);
        d += *(const lanes *)(x + i + 48);
    }
    a += b + c + d;
    float sum = 0;
    for (int i = 0; i < 16; i++) sum += a[i];
    return sum;
}

void peer_sgemm(const float *x, const float *queries, float *out, int rows, int dimension, int batch) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, rows, dimension, 1, queries, dimension, x, dimension,
                0, out, rows);
}
