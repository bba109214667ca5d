/* GloVe's step: weighted least squares on log counts with AdaGrad (Pennington, Socher and Manning 2014, section 3
 * and 4.2), for one tile of the co-occurrence matrix.
 *
 * For a pair (i, j) with count x, let e = w_i.c_j + b_i + b'_j - log x and f = min(1, (x / x_max)^alpha). The cost
 * is f e^2, its gradient with respect to w_i is 2 f e c_j, and the 2 is part of the learning rate by custom. AdaGrad
 * (Duchi, Hazan and Singer 2011) keeps for each parameter G, the sum of its squared gradients from 1 on:
 *
 *     w -= rate g / sqrt(G),  G += g^2
 *
 * Compiled once per instruction set; simd.h says how.
 */
#include <math.h>

#include "glove_step.h"
#include "simd.h"

enum {
    BATCH = 64,  /* pairs whose weights are computed together */
    AHEAD = 4,   /* pairs between asking for a row and using it */
    TAIL = 16,   /* floats at the end of a vector, where the biases stand */
    CHAINS = 4,  /* independent sums in a dot product */
};

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(p) __builtin_prefetch((p), 1, 3)
#else
#define PREFETCH(p) ((void)(p))
#endif

INLINE vf load(const float *p) { vf x; memcpy(&x, p, sizeof x); return x; }
INLINE void store(float *p, vf x) { memcpy(p, &x, sizeof x); }

/* 1 / sqrt(x), to some 14 bits or better: AdaGrad's step needs no more. */
INLINE vf inverse_root(vf x)
{
#if LANES == 16 && defined(__AVX512F__)
    return (vf)_mm512_rsqrt14_ps((__m512)x);
#elif LANES == 8 && defined(__AVX__)
    vf y = (vf)_mm256_rsqrt_ps((__m256)x);
    return y * (1.5f - 0.5f * x * y * y);
#elif LANES == 4 && defined(__SSE2__)
    vf y = (vf)_mm_rsqrt_ps((__m128)x);
    return y * (1.5f - 0.5f * x * y * y);
#elif LANES > 1
    for (int lane = 0; lane < LANES; lane++)
        x[lane] = 1.0f / sqrtf(x[lane]);
    return x;
#else
    return 1.0f / sqrtf(x);
#endif
}

INLINE float dot(const float *a, const float *b, int64_t n)
{
    vf sum[CHAINS];
    for (int s = 0; s < CHAINS; s++)
        sum[s] = SPLAT(0.0f);
    int64_t k = 0;
    for (; k + CHAINS * LANES <= n; k += CHAINS * LANES)
        for (int s = 0; s < CHAINS; s++)
            sum[s] += load(a + k + s * LANES) * load(b + k + s * LANES);
    for (; k < n; k += LANES)
        sum[0] += load(a + k) * load(b + k);
    return horizontal_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* One AdaGrad step of LANES parameters at x, whose sums are at g. */
INLINE vf adagrad(vf x, float *g, vf gradient, vf rate)
{
    vf sum = load(g);
    store(g, sum + gradient * gradient);
    return x - rate * gradient * inverse_root(sum);
}

/* f(x) e is `slope`. */
INLINE void update(float *word, float *context, int64_t stride, float slope, float rate)
{
    /* The 1 beside each bias is no parameter. */
    static const float word_free[TAIL] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    static const float context_free[TAIL] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
    const vf e = SPLAT(slope), r = SPLAT(rate);
    const int64_t body = stride - TAIL;
    for (int64_t k = 0; k < body; k += LANES) {
        vf w = load(word + k), c = load(context + k);
        store(word + k, adagrad(w, word + stride + k, e * c, r));
        store(context + k, adagrad(c, context + stride + k, e * w, r));
    }
    for (int64_t k = 0; k < TAIL; k += LANES) {
        float *wk = word + body + k, *ck = context + body + k;
        vf w = load(wk), c = load(ck);
        store(wk, adagrad(w, wk + stride, e * c * load(word_free + k), r));
        store(ck, adagrad(c, ck + stride, e * w * load(context_free + k), r));
    }
}

INLINE void prefetch_row(const float *row, int64_t stride)
{
    for (int64_t k = 0; k < 2 * stride; k += 16)
        PREFETCH(row + k);
}

/* weight[p] = f(x) of each pair. */
INLINE void weigh(const glove_model *model, const glove_pair *pairs, int n, float *weight)
{
    float exponent[BATCH] = {0};
    for (int p = 0; p < n; p++)
        exponent[p] = model->alpha * (pairs[p].log_count - model->log_x_max);
    for (int p = 0; p < BATCH; p += LANES) {
        vf x = load(exponent + p), zero = SPLAT(0.0f);
        store(weight + p, vector_exp(SELECT(x > zero, zero, x)));
    }
}

double FOR_VARIANT(glove_tile)(const glove_model *model, const glove_pair *pairs, int64_t n_pairs, float *word,
                               float *context)
{
    const int64_t stride = model->stride;
    double loss = 0;
    for (int64_t first = 0; first < n_pairs; first += BATCH) {
        const int n = (int)(n_pairs - first < BATCH ? n_pairs - first : BATCH);
        float weight[BATCH];
        double batch_loss = 0;
        weigh(model, pairs + first, n, weight);
        for (int64_t p = first; p < first + n; p++) {
            if (p + AHEAD < n_pairs) {
                prefetch_row(word + pairs[p + AHEAD].row * 2 * stride, stride);
                prefetch_row(context + pairs[p + AHEAD].column * 2 * stride, stride);
            }
            float *w = word + pairs[p].row * 2 * stride, *c = context + pairs[p].column * 2 * stride;
            const float error = dot(w, c, stride) - pairs[p].log_count;
            const float slope = weight[p - first] * error;
            batch_loss += (double)slope * error;
            update(w, c, stride, slope, model->learning_rate);
        }
        loss += batch_loss;
    }
    return loss;
}
