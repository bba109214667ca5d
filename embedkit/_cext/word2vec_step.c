/* Skip-gram and CBOW with negative sampling or hierarchical softmax: the work of one thread on one job.
 *
 * Notation. For one centre word, R is the matrix of the input rows that take part and T that of the output
 * rows. With negative sampling T holds the centre word's output vector (label 1) and those of the drawn
 * negatives (label 0); with hierarchical softmax it holds the inner nodes on the centre word's path (label
 * 1 - bit). The negatives are drawn once for a centre word and shared by its whole window (Ji, Satish, Li
 * and Dubey 2016), so that a window is three small dense products:
 *
 *     X = R T'                     logits
 *     G = rate * weight * (label - sigmoid(X))
 *     R += G T,  T += G' R         both from the old values
 *
 * Skip-gram: R holds the context words' vectors. CBOW: R is one row, the mean or the sum of the context
 * words' vectors, and what it gains is added to each of them.
 *
 * A word that stands twice in a window, or is drawn twice among the negatives, is one row of weight 2; a
 * negative that equals the centre word has weight 0 (word2vec's rule). So no two rows of a step share
 * memory, and a step is the exact gradient of its window's loss.
 *
 * A window of more than 12 words is several steps: gradients of hundreds of pairs, all from the old
 * values, would add up to more than the learning rate allows.
 *
 * The products treat R and T alike. One of the two is held in registers, the other streams past it; the
 * number of rows held is a compile-time constant.
 *
 * Threads update the shared matrices without locks (Hogwild: Recht, Re, Wright and Niu 2011). The races
 * are all in this file and are accepted: a lost update costs less than a lock. The nodes next to the root of
 * the Huffman tree, which all paths share, are the exception: see merge_hot_rows.
 */
#include <math.h>

#include "simd.h"
#include "word2vec_step.h"

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address, 1, 3)
#define UNROLL _Pragma("GCC unroll 32")
#else
#define PREFETCH(address) ((void)0)
#define UNROLL
#endif

enum {
    MAX_HELD = WORD2VEC_ROWS, /* rows of registers: 2 x 12 and a few more fit the 32 of AVX-512 */
    MERGE_EVERY = 64,  /* centre words between two merges of the copied rows */
    HOT_ROWS = 256,    /* rows of the most frequent words are in the cache anyway */
};

/* ---- one window --------------------------------------------------------------------------------- */

/* The rows of R or of T that take part in a step. */
typedef struct {
    float *const *row;
    const float *weight;
    int n;
} row_set;

/* Logits of `rows` (1 or 2) streamed rows with all that are held: logits[r * held + h]. */
INLINE void logits_of(float *const *streamed, const int rows, float *const *held, const int n_held, int64_t blocks,
                      float *logits)
{
    vf sum[2 * MAX_HELD];
    UNROLL for (int i = 0; i < rows * n_held; i++)
        sum[i] = SPLAT(0.0f);
    for (int64_t k = 0; k < blocks; k++) {
        vf a = ((const vf *)streamed[0])[k];
        vf b = rows == 2 ? ((const vf *)streamed[1])[k] : a;
        UNROLL for (int h = 0; h < n_held; h++) {
            vf t = ((const vf *)held[h])[k];
            sum[h] += a * t;
            if (rows == 2)
                sum[n_held + h] += b * t;
        }
    }
    horizontal_sums(sum, rows * n_held, logits);
}

INLINE void all_logits(const row_set *streamed, const row_set *held, const int n_held, int64_t blocks, float *logits)
{
    int s = 0;
    for (; s + 2 <= streamed->n; s += 2)
        logits_of(streamed->row + s, 2, held->row, n_held, blocks, logits + s * n_held);
    if (s < streamed->n)
        logits_of(streamed->row + s, 1, held->row, n_held, blocks, logits + s * n_held);
}

/* Both updates, one register's width of all rows at a time: every row is read and written once. */
INLINE void update(const row_set *streamed, const row_set *held, const int n_held, int64_t blocks,
                   const float *gradient)
{
    for (int64_t k = 0; k < blocks; k++) {
        vf old[MAX_HELD], fresh[MAX_HELD];
        UNROLL for (int h = 0; h < n_held; h++)
            fresh[h] = old[h] = ((const vf *)held->row[h])[k];
        const float *g = gradient;
        for (int s = 0; s < streamed->n; s++, g += n_held) {
            vf *place = (vf *)streamed->row[s] + k;
            vf before = *place, after = before;
            UNROLL for (int h = 0; h < n_held; h++) {
                after += old[h] * g[h];
                fresh[h] += before * g[h];
            }
            *place = after;
        }
        UNROLL for (int h = 0; h < n_held; h++)
            ((vf *)held->row[h])[k] = fresh[h];
    }
}

#define FOR_EACH_COUNT(CASE) \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)

/* Logits become -rate * sigmoid(x), the gradient for label 0. The buffer is padded to a whole register. */
INLINE void sigmoid_sweep(float *x, int n, float rate)
{
    for (int i = 0; i < n; i += LANES) {
        vf *place = (vf *)(x + i);
        *place = SPLAT(-rate) / (1.0f + vector_exp(-*place));
    }
}

/* Sum of -weight * log-likelihood over the window. log(1 + exp(-|x|)) is summed as the logarithm of a
 * float64 product, whose factors lie between 1 and 2: folded every 256 factors it can't overflow. */
static double window_loss(const float *logits, const row_set *streamed, const row_set *held, const float *label,
                          int outputs_held, float *tail)
{
    for (int i = 0; i < streamed->n * held->n; i += LANES) {
        vf x = *(const vf *)(logits + i);
        *(vf *)(tail + i) = vector_exp(SELECT(x < 0.0f, x, -x));
    }
    double loss = 0.0, product = 1.0;
    int factors = 0;
    for (int s = 0; s < streamed->n; s++)
        for (int h = 0; h < held->n; h++, logits++, tail++) {
            double wrong = label[outputs_held ? h : s] > 0.5f ? -*logits : *logits;
            float weight = streamed->weight[s] * held->weight[h];
            loss += weight * (wrong < 0 ? 0 : wrong); /* not a number stays one */
            for (; weight > 0; weight--) {
                product *= 1.0 + *tail;
                if (++factors % 256 == 0) {
                    loss += log(product);
                    product = 1.0;
                }
            }
        }
    return loss + log(product);
}

/* One step on at most MAX_HELD input rows and the output rows, in place. */
INLINE void step(word2vec_worker *worker, const row_set *inputs, const row_set *outputs, int all_ones, int64_t stride,
                 float rate, int measure)
{
    const int outputs_held = outputs->n <= MAX_HELD;
    const row_set *held = outputs_held ? outputs : inputs, *streamed = outputs_held ? inputs : outputs;
    const int64_t blocks = stride / LANES;
    const float *label = worker->label;
    float *error = worker->error;
    switch (held->n) {
#define CASE(n)                                           \
    case n:                                               \
        all_logits(streamed, held, n, blocks, error);     \
        break;
        FOR_EACH_COUNT(CASE)
#undef CASE
    }
    if (measure)
        worker->loss += window_loss(error, streamed, held, label, outputs_held, worker->tail);
    sigmoid_sweep(error, streamed->n * held->n, rate);
    float *g = error;
    for (int s = 0; s < streamed->n; s++, g += held->n) {
        if (outputs_held)
            for (int h = 0; h < held->n; h++)
                g[h] += rate * label[h];
        else
            for (int h = 0; h < held->n; h++)
                g[h] += rate * label[s];
        if (!all_ones)
            for (int h = 0; h < held->n; h++)
                g[h] *= streamed->weight[s] * held->weight[h];
    }
    switch (held->n) {
#define CASE(n)                                     \
    case n:                                         \
        update(streamed, held, n, blocks, error);   \
        break;
        FOR_EACH_COUNT(CASE)
#undef CASE
    }
}

/* CBOW: one hidden row stands for the window; what it gains is given to each of its words. */
INLINE void step_cbow(const word2vec_model *model, word2vec_worker *worker, const int32_t *word, int n,
                      const row_set *outputs, int all_ones, float rate, int measure)
{
    const int64_t blocks = model->stride / LANES;
    const float share = 1.0f / (float)n, scale = model->mean ? share : 1.0f;
    vf *hidden = (vf *)worker->hidden, *before = (vf *)worker->before;
    for (int64_t k = 0; k < blocks; k++) {
        vf sum = SPLAT(0.0f);
        for (int c = 0; c < n; c++)
            sum += ((const vf *)(model->input + word[c] * model->stride))[k];
        hidden[k] = before[k] = sum * scale;
    }
    float *row[1] = {worker->hidden};
    const float weight[1] = {1.0f};
    const row_set one = {row, weight, 1};
    step(worker, &one, outputs, all_ones, model->stride, rate, measure);
    /* As word2vec and gensim do: with the mean each word takes the whole gain, with the sum its share. */
    const float part = model->mean ? 1.0f : share;
    for (int64_t k = 0; k < blocks; k++) {
        vf gain = (hidden[k] - before[k]) * part;
        for (int c = 0; c < n; c++)
            ((vf *)(model->input + word[c] * model->stride))[k] += gain;
    }
}

/* ---- which rows take part ----------------------------------------------------------------------- */

/* The place of `word` among the n seen, or n. */
INLINE int place_of(int32_t word, const int32_t *seen, int n)
{
    int place = 0;
    while (place < n && seen[place] != word)
        place++;
    return place;
}

/* Words of a window as input rows, a repeated word once with its number as weight. */
INLINE int input_rows(const word2vec_model *model, word2vec_worker *worker, const int32_t *word, int n)
{
    int rows = 0;
    for (int i = 0; i < n; i++) {
        int place = place_of(word[i], worker->seen, rows);
        if (place < rows) {
            worker->input_weight[place] += 1.0f;
            continue;
        }
        worker->seen[rows] = word[i];
        worker->input_row[rows] = model->input + word[i] * model->stride;
        worker->input_weight[rows++] = 1.0f;
    }
    return rows;
}

/* Skip-gram: the words of the window themselves are the input rows. */
INLINE void step_skipgram(const word2vec_model *model, word2vec_worker *worker, const int32_t *word, int n,
                          const row_set *outputs, int all_ones, float rate, int measure)
{
    for (int c = 0; c < n; c += MAX_HELD) {
        const int pairs = n - c < MAX_HELD ? n - c : MAX_HELD;
        const row_set inputs = {worker->input_row, worker->input_weight, input_rows(model, worker, word + c, pairs)};
        step(worker, &inputs, outputs, all_ones && inputs.n == pairs, model->stride, rate, measure);
    }
}

/* The centre word and its negatives as output rows; a negative that is the centre word counts for nothing. */
INLINE int sampled_rows(const word2vec_model *model, word2vec_worker *worker, int32_t centre, const int32_t *negative)
{
    int rows = 0;
    worker->seen[0] = centre;
    worker->output_row[0] = model->output + centre * model->stride;
    worker->output_weight[rows++] = 1.0f;
    for (int o = 0; o < model->negative; o++) {
        int place = place_of(negative[o], worker->seen, rows);
        if (place < rows) {
            worker->output_weight[place] += place > 0;
            continue;
        }
        worker->seen[rows] = negative[o];
        worker->output_row[rows] = model->output + negative[o] * model->stride;
        worker->output_weight[rows++] = 1.0f;
    }
    return rows;
}

/* The inner nodes from the root to the centre word as output rows. */
INLINE int path_rows(const word2vec_model *model, word2vec_worker *worker, int32_t centre)
{
    const int64_t begin = model->path_start[centre];
    const int rows = (int)(model->path_start[centre + 1] - begin);
    for (int o = 0; o < rows; o++) {
        const int32_t node = model->path_node[begin + o];
        const int hot = node < model->n_hot;
        worker->output_row[o] = (hot ? worker->hot : model->output) + node * model->stride;
        worker->label[o] = model->path_label[begin + o];
        if (hot)
            worker->hot_touched[node] = 1;
    }
    return rows;
}

/* Give what this thread changed in its copies of the nodes next to the root to all, and copy them afresh.
 *
 * Those few rows are in almost every path: threads that wrote them at each step would wait for each other's
 * cache lines most of the time. The change is divided by the number of threads, so that several that move a
 * row the same way do not overshoot together. */
INLINE void merge_hot_rows(const word2vec_model *model, word2vec_worker *worker)
{
    const int64_t blocks = model->stride / LANES;
    for (int row = 0; row < model->n_hot; row++) {
        vf *shared = (vf *)(model->output + row * model->stride);
        vf *mine = (vf *)(worker->hot + row * model->stride), *before = (vf *)(worker->hot_before + row * model->stride);
        if (worker->hot_touched[row])
            for (int64_t k = 0; k < blocks; k++)
                shared[k] += (mine[k] - before[k]) * model->hot_share;
        for (int64_t k = 0; k < blocks; k++)
            mine[k] = before[k] = shared[k];
        worker->hot_touched[row] = 0;
    }
}

/* ---- the job ------------------------------------------------------------------------------------ */

/* Whether the token at `position` survives subsampling; its draw is left in *draw. */
INLINE int survives(const word2vec_model *model, int64_t position, uint64_t *draw)
{
    *draw = draw_at(model->window_key, (uint64_t)position);
    return (uint32_t)(*draw >> 32) <= model->keep[model->ids[position]];
}

/* Fill worker->word and worker->draw with the surviving tokens of [start, stop) and with as many before and
 * after as a window can reach in the same document. The centres are [*first, *last) of the buffer, which
 * begins at *begin; returns its end. */
INLINE int64_t collect(const word2vec_model *model, word2vec_worker *worker, int64_t start, int64_t stop,
                       int64_t *begin, int64_t *first, int64_t *last)
{
    const int32_t *ids = model->ids;
    uint64_t draw;
    int64_t at = model->window;
    for (int64_t p = start - 1; p >= 0 && at > 0 && ids[p] != DOCUMENT_END; p--)
        if (survives(model, p, &draw))
            worker->word[--at] = ids[p];
    *begin = at;
    *first = at = model->window;
    for (int64_t p = start; p < stop; p++) {
        if (ids[p] == DOCUMENT_END) {
            worker->word[at++] = DOCUMENT_END;
        } else if (survives(model, p, &draw)) {
            worker->word[at] = ids[p];
            worker->draw[at++] = draw;
        }
    }
    *last = at;
    for (int64_t p = stop; p < model->n_ids && at < *last + model->window && ids[p] != DOCUMENT_END; p++)
        if (survives(model, p, &draw))
            worker->word[at++] = ids[p];
    return at;
}

/* Draw the negatives of all centres of the job at once, so that the look-ups overlap. */
INLINE void draw_negatives(const word2vec_model *model, word2vec_worker *worker, int64_t first, int64_t last)
{
    int32_t *negative = worker->negative;
    for (int64_t i = first; i < last; i++) {
        uint64_t state = worker->draw[i] ^ model->noise_key;
        if (worker->word[i] != DOCUMENT_END)
            for (int o = 0; o < model->negative; o++)
                negative[o] = alias_draw(model->noise, model->n_words, &state);
        negative += model->negative;
    }
}

INLINE void prefetch_row(const float *matrix, int64_t stride, int32_t row)
{
    if (row >= HOT_ROWS)
        for (int64_t k = 0; k < stride; k += 16)
            PREFETCH(matrix + row * stride + k);
}

/* Ask for what the next centre word will touch for the first time: its outputs, and the word that enters
 * the window. This more than doubles the speed: rows of rare words come from main memory. */
INLINE void prefetch_next(const word2vec_model *model, const word2vec_worker *worker, int64_t next, int64_t first,
                          int64_t end)
{
    const int32_t centre = worker->word[next];
    if (centre == DOCUMENT_END)
        return;
    if (model->noise) {
        const int32_t *negative = worker->negative + (next - first) * model->negative;
        prefetch_row(model->output, model->stride, centre);
        for (int o = 0; o < model->negative; o++)
            prefetch_row(model->output, model->stride, negative[o]);
    } else {
        for (int64_t p = model->path_start[centre]; p < model->path_start[centre + 1]; p++)
            prefetch_row(model->output, model->stride, model->path_node[p]);
        /* The path itself has to be there before its rows can be asked for. */
        const int32_t after = next + 1 < end ? worker->word[next + 1] : DOCUMENT_END;
        if (after != DOCUMENT_END) {
            PREFETCH(model->path_node + model->path_start[after]);
            PREFETCH(model->path_label + model->path_start[after]);
        }
    }
    if (next + model->window < end)
        prefetch_row(model->input, model->stride, worker->word[next + model->window]);
}

void FOR_VARIANT(word2vec_job)(const word2vec_model *model, word2vec_worker *worker, int64_t start, int64_t stop,
                               float learning_rate)
{
    int64_t begin, first, last;
    const int64_t end = collect(model, worker, start, stop, &begin, &first, &last);
    const int32_t *word = worker->word;
    if (model->noise)
        draw_negatives(model, worker, first, last);
    merge_hot_rows(model, worker);
    for (int64_t i = first; i < last; i++) {
        if (i + 1 < last)
            prefetch_next(model, worker, i + 1, first, end);
        if (word[i] == DOCUMENT_END)
            continue;
        const uint64_t draw = worker->draw[i];
        const int64_t radius =
            model->shrink ? 1 + (int64_t)(((draw & 0xFFFFFFFFu) * (uint64_t)model->window) >> 32) : model->window;
        int pairs = 0;
        for (int64_t j = i - 1; j >= begin && j >= i - radius && word[j] != DOCUMENT_END; j--)
            worker->context[pairs++] = word[j];
        for (int64_t j = i + 1; j < end && j <= i + radius && word[j] != DOCUMENT_END; j++)
            worker->context[pairs++] = word[j];
        if (++worker->centres % MERGE_EVERY == 0)
            merge_hot_rows(model, worker);
        if (pairs == 0)
            continue;
        const row_set outputs = {
            worker->output_row, worker->output_weight,
            model->noise ? sampled_rows(model, worker, word[i], worker->negative + (i - first) * model->negative)
                         : path_rows(model, worker, word[i])};
        const int outputs_once = !model->noise || outputs.n == 1 + model->negative;
        const int measure = (draw & model->measure_mask) == 0;
        worker->pairs += model->cbow ? 1 : pairs;
        if (measure)
            worker->measured += model->cbow ? 1 : pairs;
        if (model->cbow)
            step_cbow(model, worker, worker->context, pairs, &outputs, outputs_once, learning_rate, measure);
        else
            step_skipgram(model, worker, worker->context, pairs, &outputs, outputs_once, learning_rate, measure);
    }
    merge_hot_rows(model, worker);
}
