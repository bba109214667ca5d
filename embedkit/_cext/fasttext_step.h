/* What the driver (fasttext.pyx) and the compiled steps (fasttext_step.c) share. */
#ifndef EMBEDKIT_FASTTEXT_STEP_H
#define EMBEDKIT_FASTTEXT_STEP_H

#include <stdint.h>

#include "sampling.h"

enum { FASTTEXT_SOFTMAX, FASTTEXT_HS, FASTTEXT_NS, FASTTEXT_OVA };

/* A model in training: borrowed arrays and settings, the same for all threads. */
typedef struct {
    const int32_t *row;         /* input rows of all lines, one behind the other */
    const int64_t *row_start;   /* (n_lines + 1,) where those of a line begin */
    const int32_t *label;       /* labels of all lines, ascending within a line */
    const int64_t *label_start; /* (n_lines + 1,) */
    const float *weight;        /* (n_lines,) by which the gradient of a line is multiplied */
    float *input;               /* (n_rows, stride) vectors of words and n-grams */
    float *output;              /* (n_labels, stride) of labels, or of the inner nodes of a tree over them */
    int64_t stride;             /* floats from one row to the next, a multiple of 16; the padding stays zero */
    int64_t n_labels;
    int loss;
    int negative;
    const alias_column *noise;  /* (n_labels,) for negative sampling */
    const int64_t *path_start;  /* (n_labels + 1,) where a label's path begins, for hierarchical softmax */
    const int32_t *path_node;
    const float *path_bit;      /* 1: the right child */
    uint64_t label_key;         /* random streams of this epoch */
    uint64_t noise_key;
} fasttext_model;

/* What one thread owns, aligned to 64 bytes. */
typedef struct {
    float *hidden;   /* (stride) mean of a line's rows */
    float *gradient; /* (stride) what is added to each of them */
    float *error;    /* (n_labels, padded to 16) */
    double loss;     /* sum over the lines, each by its weight */
    double weight;   /* of those lines */
} fasttext_worker;

/* Train on the lines order[begin] to order[stop - 1]; the rate of the line at place p is rate - slope * p. */
typedef void (*fasttext_job)(const fasttext_model *model, fasttext_worker *worker, const int64_t *order, int64_t begin,
                             int64_t stop, double rate, double slope);

void fasttext_job_baseline(const fasttext_model *, fasttext_worker *, const int64_t *, int64_t, int64_t, double, double);
void fasttext_job_avx2(const fasttext_model *, fasttext_worker *, const int64_t *, int64_t, int64_t, double, double);
void fasttext_job_avx512(const fasttext_model *, fasttext_worker *, const int64_t *, int64_t, int64_t, double, double);

#endif
