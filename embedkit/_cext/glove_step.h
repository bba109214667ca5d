/* What the driver (glove.pyx) and the compiled steps (glove_step.c) share. */
#ifndef EMBEDKIT_GLOVE_STEP_H
#define EMBEDKIT_GLOVE_STEP_H

#include <stdint.h>

/* One cell of the co-occurrence matrix, by its place in a tile. */
typedef struct {
    uint16_t row;
    uint16_t column;
    float log_count;
} glove_pair;

/* A model in training. A row of either matrix is `stride` floats of a vector and, behind them, `stride` floats of its
 * AdaGrad sums; stride is a multiple of 16. The last two floats of a word's vector are its bias and 1, those of a
 * context's vector are 1 and its bias, so that one dot product is w.c + b + b'. */
typedef struct {
    int64_t stride;
    float learning_rate;
    float log_x_max;
    float alpha;
} glove_model;

/* Train on the pairs of a tile, whose rows begin at `word` and `context`; returns the sum of f(x) (w.c + b + b' -
 * log x)^2 before each step. */
typedef double (*glove_tile)(const glove_model *model, const glove_pair *pairs, int64_t n_pairs, float *word,
                             float *context);

double glove_tile_baseline(const glove_model *, const glove_pair *, int64_t, float *, float *);
double glove_tile_avx2(const glove_model *, const glove_pair *, int64_t, float *, float *);
double glove_tile_avx512(const glove_model *, const glove_pair *, int64_t, float *, float *);

#endif
