// What search is held against: the machine's memory and OpenBLAS, without us.
#include <stddef.h>

/// Sums n floats, n a multiple of 64, as fast as one core can read them.
float peer_read(const float *x, size_t n);

/// out[q * rows + r] = x row r · query q, all three row-major.
void peer_sgemm(const float *x, const float *queries, float *out, int rows, int dimension, int batch);
