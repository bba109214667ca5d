/* GloVe's step: weighted least squares on log counts with AdaGrad (Pennington, Socher and Manning 2014, sections 3
 * and 4.2), for the pairs of one tile of the co-occurrence matrix.
 *
 * For a pair (i, j) with count x, let e = w_i.c_j + b_i + b'_j - log x and f = min(1, (x / x_max)^alpha). The cost
 * is f e^2; its gradient with respect to w_i is f e c_j, the 2 being left to the learning rate. AdaGrad (Duchi, Hazan
 * and Singer 2011) divides by the root of all squared steps before; the sum G begins at 1:
 *
 *     step = rate g,  w -= step / sqrt(G),  G += step^2
 *
 * Biases step at rate 1. That squared steps are summed rather than squared gradients, and that the rate is not that of
 * the biases, is what the authors' program does, as its output for a single pair shows; both matter for the speed of
 * learning.
 *
 * Compiled once per instruction set; simd.h says how.
 */
#include <math.h>

#include "glove_step.h"
#include "simd.h"

enum {
    BATCH = 64,  /* pairs whose weights are computed together */
    AHEAD = 8,   /* pairs between asking for a row and using it */
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
INLINE vf adagrad(vf x, float *g, vf step)
{
    vf sum = load(g);
    store(g, sum + step * step);
    return x - step * inverse_root(sum);
}

/* Learning rates of the last floats of a row: the biases have one of their own, the 1 beside each has none. */
typedef struct {
    float word[TAIL], context[TAIL];
} tail_rates;

INLINE tail_rates rates_of_tail(float rate)
{
    tail_rates rates;
    for (int k = 0; k < TAIL; k++)
        rates.word[k] = rates.context[k] = rate;
    rates.word[TAIL - 2] = rates.context[TAIL - 1] = 1.0f;
    rates.word[TAIL - 1] = rates.context[TAIL - 2] = 0.0f;
    return rates;
}

/* One step of a pair of rows; `slope` is f(x) e. */
INLINE void update(const glove_model *model, const tail_rates *rates, float *word, float *context, float slope)
{
    const vf e = SPLAT(model->learning_rate * slope);
    const int64_t stride = model->stride, body = stride - TAIL;
    for (int64_t k = 0; k < body; k += LANES) {
        vf w = load(word + k), c = load(context + k);
        store(word + k, adagrad(w, word + stride + k, e * c));
        store(context + k, adagrad(c, context + stride + k, e * w));
    }
    for (int64_t k = 0; k < TAIL; k += LANES) {
        float *wk = word + body + k, *ck = context + body + k;
        vf w = load(wk), c = load(ck);
        store(wk, adagrad(w, wk + stride, slope * load(rates->word + k) * c));
        store(ck, adagrad(c, ck + stride, slope * load(rates->context + k) * w));
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
    const tail_rates rates = rates_of_tail(model->learning_rate);
    double loss = 0;
    for (int64_t first = 0; first < n_pairs; first += BATCH) {
        const int n = (int)(n_pairs - first < BATCH ? n_pairs - first : BATCH);
        float weight[BATCH];
        weigh(model, pairs + first, n, weight);
        for (int64_t p = first; p < first + n; p++) {
            if (p + AHEAD < n_pairs) {
                prefetch_row(word + pairs[p + AHEAD].row * 2 * stride, stride);
                prefetch_row(context + pairs[p + AHEAD].column * 2 * stride, stride);
            }
            float *w = word + pairs[p].row * 2 * stride, *c = context + pairs[p].column * 2 * stride;
            const float error = dot(w, c, stride) - pairs[p].log_count;
            const float slope = weight[p - first] * error;
            loss += (double)slope * error;
            update(model, &rates, w, c, slope);
        }
    }
    return loss;
}
