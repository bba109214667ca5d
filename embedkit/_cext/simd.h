/* One register of floats, written once for every instruction set.
 *
 * A kernel file that includes this header is compiled once per instruction set, with VECTOR_BYTES
 * (16, 32 or 64) and VARIANT (the suffix of its public symbols) given on the command line. Arithmetic
 * uses the vector types of GCC and Clang; any other compiler gets registers of one float.
 */
#ifndef EMBEDKIT_SIMD_H
#define EMBEDKIT_SIMD_H

#include <stdint.h>
#include <string.h>

#ifndef VECTOR_BYTES
#define VECTOR_BYTES 16
#endif
#ifndef VARIANT
#define VARIANT baseline
#endif
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define FOR_VARIANT(name) PASTE(name, VARIANT)

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
typedef float vf __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(VECTOR_BYTES)));
#define LANES (VECTOR_BYTES / 4)
#define SPLAT(x) ((x) - (vf){0})
#define AS_INT(x) ((vi)(x))
#define AS_FLOAT(x) ((vf)(x))
#define SELECT(mask, a, b) ((vf)(((vi)(mask) & (vi)(a)) | (~(vi)(mask) & (vi)(b))))
#else
#define INLINE static __inline
typedef float vf;
typedef int32_t vi;
#define LANES 1
#define SPLAT(x) (x)
static __inline vi AS_INT(vf x) { vi y; memcpy(&y, &x, 4); return y; }
static __inline vf AS_FLOAT(vi x) { vf y; memcpy(&y, &x, 4); return y; }
#define SELECT(mask, a, b) ((mask) ? (a) : (b))
#endif

#if defined(__AVX512F__) || defined(__AVX__) || defined(__SSE2__)
#include <immintrin.h>
#endif

/* Sum of the lanes. */
INLINE float horizontal_sum(vf x)
{
#if LANES == 16 && defined(__AVX512F__)
    return _mm512_reduce_add_ps((__m512)x);
#elif LANES == 8 && defined(__AVX__)
    __m128 half = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
#elif LANES == 4 && defined(__SSE2__)
    __m128 half = _mm_add_ps((__m128)x, _mm_movehl_ps((__m128)x, (__m128)x));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
#elif LANES > 1
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += x[lane];
    return sum;
#else
    return x;
#endif
}

/* Sums of the lanes of `n` registers, four at a time where the processor has a way: a third of the work of
 * one after the other. */
INLINE void horizontal_sums(const vf *x, const int n, float *sums)
{
    int i = 0;
#if LANES >= 8 && defined(__AVX__)
    for (; i + 4 <= n; i += 4) {
        __m256 half[4];
        for (int j = 0; j < 4; j++) {
#if LANES == 16
            __m512 whole = (__m512)x[i + j];
            half[j] = _mm256_add_ps(_mm512_castps512_ps256(whole), _mm512_extractf32x8_ps(whole, 1));
#else
            half[j] = (__m256)x[i + j];
#endif
        }
        __m256 quarter = _mm256_hadd_ps(_mm256_hadd_ps(half[0], half[1]), _mm256_hadd_ps(half[2], half[3]));
        _mm_storeu_ps(sums + i, _mm_add_ps(_mm256_castps256_ps128(quarter), _mm256_extractf128_ps(quarter, 1)));
    }
#elif LANES == 4 && defined(__SSE2__)
    for (; i + 4 <= n; i += 4) {
        __m128 a = (__m128)x[i], b = (__m128)x[i + 1], c = (__m128)x[i + 2], d = (__m128)x[i + 3];
        _MM_TRANSPOSE4_PS(a, b, c, d);
        _mm_storeu_ps(sums + i, _mm_add_ps(_mm_add_ps(a, b), _mm_add_ps(c, d)));
    }
#endif
    for (; i < n; i++)
        sums[i] = horizontal_sum(x[i]);
}

/* exp(x) for every lane, to 2 units in the last place for |x| <= 87; beyond that x is clamped.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) is a polynomial fitted by Cephes' authors (expf.c), and
 * 2^n is made by writing n into the exponent bits. */
INLINE vf vector_exp(vf x)
{
    const vf low = SPLAT(-87.0f), high = SPLAT(87.0f);
    x = SELECT(x < low, low, x);
    x = SELECT(x > high, high, x);
    /* Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the mantissa. */
    const vf magic = SPLAT(12582912.0f);
    vf shifted = x * 1.44269504088896341f + magic;
    vf n = shifted - magic;
    vf r = x - n * 0.693359375f + n * 2.12194440e-4f;
    vf p = SPLAT(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return AS_FLOAT(AS_INT(p) + (AS_INT(shifted) << 23)); /* the bits beyond n fall off */
}

#endif
