#include "copenblas.h"

#include <math.h>
#include <string.h>

// Plain loops without branches, which the compiler turns into vectors of the processor that is there: a copy for each
// kind, chosen once by the loader.
#if defined(__x86_64__)
#define EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EACH_PROCESSOR
#endif

// eˣ to two units in the last place for |x| < 87, and held to that range: 2ⁿ times a polynomial over half of log 2
// (Cephes, Moshier 1989).
static inline __attribute__((always_inline)) float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 87.0f ? 87.0f : x;
    // Adding 1.5 · 2²³ leaves the nearest whole number in the lowest bits.
    const float shifted = x * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

EACH_PROCESSOR
void cournot_gelu(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        // erf by Abramowitz & Stegun 7.1.26, to 1.5e-7.
        const float size = fabsf(x[i]);
        const float y = size * 0.70710678f;
        const float t = 1.0f / (1.0f + 0.3275911f * y);
        const float p =
            ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
        x[i] = 0.5f * (x[i] + size * (1.0f - p * exponential(-y * y)));
    }
}

EACH_PROCESSOR
void cournot_softmax(float *x, size_t rows, size_t count, size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        float largest = row[0];
        for (size_t j = 1; j < count; j++) largest = row[j] > largest ? row[j] : largest;
        float sum = 0;
        {
#pragma clang fp reassociate(on)
            for (size_t j = 0; j < count; j++) {
                const float e = exponential(row[j] - largest);
                row[j] = e;
                sum += e;
            }
        }
        const float scale = 1.0f / sum;
        for (size_t j = 0; j < count; j++) row[j] *= scale;
    }
}

EACH_PROCESSOR
void cournot_add_norm(
    float *x, const float *added, const float *gain, const float *bias, size_t rows, size_t width, float epsilon) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * width;
        const float *other = added + r * width;
        float sum = 0;
        for (size_t j = 0; j < width; j++) {
            row[j] += other[j];
            sum += row[j];
        }
        const float mean = sum / (float)width;
        float square = 0;
        for (size_t j = 0; j < width; j++) {
            row[j] -= mean;
            square += row[j] * row[j];
        }
        const float scale = 1.0f / sqrtf(square / (float)width + epsilon);
        for (size_t j = 0; j < width; j++) row[j] = row[j] * scale * gain[j] + bias[j];
    }
}
