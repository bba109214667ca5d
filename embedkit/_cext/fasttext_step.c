/* The fastText classifier: the work of one thread on some lines (Joulin, Grave, Bojanowski and Mikolov 2016).
 *
 * Notation. A line has n input rows r (of its words and n-grams, as often as they occur); h is their mean and
 * T the output matrix. With x = T h, what a line adds is the gradient of its loss times the rate:
 *
 *     g = rate * weight * (target - p)      p = softmax(x), or sigmoid(x) for each label or node by itself
 *     d = T' g / n,   T += g h',   each r += d
 *
 * Softmax takes all x from the old T. The others go through their labels or nodes one after the other, so that a
 * label that is drawn twice meets its own update.
 *
 * Time goes into fetching rows of rare n-grams from main memory. They are asked for some rows ahead, and those of
 * the next line while the present one is written.
 *
 * Threads update the shared matrices without locks (Hogwild: Recht, Re, Wright and Niu 2011). The races are all in
 * this file and are accepted: a lost update costs less than a lock.
 */
#include <math.h>

#include "fasttext_step.h"
#include "simd.h"

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address, 1, 3)
#else
#define PREFETCH(address) ((void)0)
#endif

enum {
    AHEAD = 8,       /* rows between asking for one and adding it up */
    ROW_FLOATS = 16, /* a cache line */
};

INLINE void prefetch_row(const fasttext_model *model, int32_t row)
{
    const float *place = model->input + row * model->stride;
    for (int64_t k = 0; k < model->stride; k += ROW_FLOATS)
        PREFETCH(place + k);
}

/* h = mean of the rows; four at a time, so that h is read and written less often. */
INLINE void average_rows(const fasttext_model *model, const int32_t *row, int64_t n, float *h)
{
    const int64_t stride = model->stride, blocks = stride / LANES;
    vf *sum = (vf *)h;
    for (int64_t k = 0; k < blocks; k++)
        sum[k] = SPLAT(0.0f);
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (int64_t j = i + AHEAD; j < i + AHEAD + 4 && j < n; j++)
            prefetch_row(model, row[j]);
        const vf *a = (const vf *)(model->input + row[i] * stride);
        const vf *b = (const vf *)(model->input + row[i + 1] * stride);
        const vf *c = (const vf *)(model->input + row[i + 2] * stride);
        const vf *d = (const vf *)(model->input + row[i + 3] * stride);
        for (int64_t k = 0; k < blocks; k++)
            sum[k] += (a[k] + b[k]) + (c[k] + d[k]);
    }
    for (; i < n; i++) {
        const vf *a = (const vf *)(model->input + row[i] * stride);
        for (int64_t k = 0; k < blocks; k++)
            sum[k] += a[k];
    }
    for (int64_t k = 0; k < blocks; k++)
        sum[k] *= 1.0f / (float)n;
}

INLINE float dot(const float *a, const float *b, int64_t blocks)
{
    const vf *x = (const vf *)a, *y = (const vf *)b;
    vf even = SPLAT(0.0f), odd = SPLAT(0.0f);
    int64_t k = 0;
    for (; k + 2 <= blocks; k += 2) {
        even += x[k] * y[k];
        odd += x[k + 1] * y[k + 1];
    }
    if (k < blocks)
        even += x[k] * y[k];
    return horizontal_sum(even + odd);
}

/* d += g t, then t += g h: both from the old t. */
INLINE void update_output(float *t, float g, const float *h, float *d, int64_t blocks)
{
    for (int64_t k = 0; k < blocks; k++) {
        const vf before = ((vf *)t)[k];
        ((vf *)d)[k] += before * g;
        ((vf *)t)[k] = before + ((const vf *)h)[k] * g;
    }
}

/* One label or node whose target is 0 or 1, by logistic regression. Returns its loss. */
static double step_logistic(const fasttext_model *model, fasttext_worker *worker, int64_t output, float target,
                            float rate)
{
    const int64_t blocks = model->stride / LANES;
    float *t = model->output + output * model->stride;
    const double x = dot(t, worker->hidden, blocks);
    const double far = exp(-fabs(x)); /* never overflows */
    const double p = x < 0 ? far / (1 + far) : 1 / (1 + far);
    update_output(t, rate * (float)(target - p), worker->hidden, worker->gradient, blocks);
    return log1p(far) + (target > 0.5f ? (x < 0 ? -x : 0) : (x > 0 ? x : 0)) + (x - x);
}

static double step_softmax(const fasttext_model *model, fasttext_worker *worker, int32_t target, float rate)
{
    const int64_t n = model->n_labels, stride = model->stride, blocks = stride / LANES;
    float *x = worker->error;
    float most = -INFINITY;
    for (int64_t o = 0; o < n; o++) {
        x[o] = dot(model->output + o * stride, worker->hidden, blocks);
        most = x[o] > most ? x[o] : most;
    }
    const double of_target = (double)x[target] - most;
    double total = 0;
    for (int64_t o = 0; o < n; o += LANES) {
        const vf e = vector_exp(*(vf *)(x + o) - most);
        *(vf *)(x + o) = e;
        if (o + LANES <= n)
            total += horizontal_sum(e);
        else
            for (int64_t last = o; last < n; last++)
                total += x[last];
    }
    const float scale = (float)(rate / total);
    for (int64_t o = 0; o < n; o++)
        update_output(model->output + o * stride, (o == target ? rate : 0.0f) - scale * x[o], worker->hidden,
                      worker->gradient, blocks);
    return log(total) - of_target;
}

static double step_tree(const fasttext_model *model, fasttext_worker *worker, int32_t target, float rate)
{
    double loss = 0;
    for (int64_t p = model->path_start[target]; p < model->path_start[target + 1]; p++)
        loss += step_logistic(model, worker, model->path_node[p], model->path_bit[p], rate);
    return loss;
}

/* The label, and `negative` others by the noise distribution; where that gives the label itself, none. */
static double step_sampled(const fasttext_model *model, fasttext_worker *worker, int32_t target, uint64_t draw,
                           float rate)
{
    double loss = step_logistic(model, worker, target, 1.0f, rate);
    uint64_t state = draw ^ model->noise_key;
    for (int i = 0; i < model->negative; i++) {
        const int32_t label = alias_draw(model->noise, model->n_labels, &state);
        if (label != target)
            loss += step_logistic(model, worker, label, 0.0f, rate);
    }
    return loss;
}

static double step_each_label(const fasttext_model *model, fasttext_worker *worker, const int32_t *label, int64_t n,
                              float rate)
{
    double loss = 0;
    for (int64_t o = 0, next = 0; o < model->n_labels; o++) {
        const int is_one = next < n && label[next] == o;
        next += is_one;
        loss += step_logistic(model, worker, o, (float)is_one, rate);
    }
    return loss;
}

void FOR_VARIANT(fasttext_job)(const fasttext_model *model, fasttext_worker *worker, const int64_t *order,
                               int64_t begin, int64_t stop, double rate, double slope)
{
    const int64_t stride = model->stride, blocks = stride / LANES;
    for (int64_t p = begin; p < stop; p++) {
        const int64_t line = order[p];
        const int32_t *row = model->row + model->row_start[line], *label = model->label + model->label_start[line];
        const int64_t n = model->row_start[line + 1] - model->row_start[line];
        const int64_t n_labels = model->label_start[line + 1] - model->label_start[line];
        const float weight = model->weight[line], step = (float)(rate - slope * (double)p) * weight;
        const int32_t *coming = NULL;
        int64_t n_coming = 0;
        if (p + 1 < stop) {
            coming = model->row + model->row_start[order[p + 1]];
            n_coming = model->row_start[order[p + 1] + 1] - model->row_start[order[p + 1]];
        }
        if (n == 0 || (n_labels == 0 && model->loss != FASTTEXT_OVA))
            continue;
        average_rows(model, row, n, worker->hidden);
        for (int64_t k = 0; k < stride; k++)
            worker->gradient[k] = 0;

        const uint64_t draw = draw_at(model->label_key, (uint64_t)line);
        double loss;
        if (model->loss == FASTTEXT_OVA) {
            loss = step_each_label(model, worker, label, n_labels, step);
        } else {
            /* One label of several, as likely as each other. */
            const int32_t target = label[((draw & 0xFFFFFFFFu) * (uint64_t)n_labels) >> 32];
            loss = model->loss == FASTTEXT_SOFTMAX ? step_softmax(model, worker, target, step)
                   : model->loss == FASTTEXT_HS    ? step_tree(model, worker, target, step)
                                                   : step_sampled(model, worker, target, draw, step);
        }
        worker->loss += weight * loss;
        worker->weight += weight;

        const float share = 1.0f / (float)n;
        vf *d = (vf *)worker->gradient;
        for (int64_t k = 0; k < blocks; k++)
            d[k] *= share;
        for (int64_t i = 0; i < n; i++) {
            if (i < n_coming)
                prefetch_row(model, coming[i]);
            vf *r = (vf *)(model->input + row[i] * stride);
            for (int64_t k = 0; k < blocks; k++)
                r[k] += d[k];
        }
    }
}
