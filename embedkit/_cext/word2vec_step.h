/* What the driver (word2vec.pyx) and the compiled steps (word2vec_step.c) share. */
#ifndef EMBEDKIT_WORD2VEC_STEP_H
#define EMBEDKIT_WORD2VEC_STEP_H

#include <stdint.h>

#include "sampling.h"

enum {
    DOCUMENT_END = -1,
    WORD2VEC_ROWS = 12, /* input rows that one step takes at most */
};

/* A model in training: borrowed arrays and settings, the same for all threads. */
typedef struct {
    const int32_t *ids;        /* (n_ids,) word ids; DOCUMENT_END after each document */
    int64_t n_ids;
    float *input;              /* (n_words, stride) vectors of the words */
    float *output;             /* (n_words, stride) of the words as targets, or (n_words - 1, stride) of inner nodes */
    int64_t stride;            /* floats from one row to the next, a multiple of 16; the padding stays zero */
    const uint32_t *keep;      /* (n_words,) a token survives if its 32-bit draw is at most this */
    const alias_column *noise; /* (n_words,) noise distribution; NULL for hierarchical softmax */
    int64_t n_words;
    const int64_t *path_start; /* (n_words + 1,) where a word's path begins in path_node and path_label */
    const int32_t *path_node;
    const float *path_label;   /* 1 - the bit of the Huffman code */
    int n_hot;                 /* the first inner nodes, of which each thread trains a copy; 0 if there is one thread */
    float hot_share;           /* 1 / threads */
    int window;
    int negative;
    int cbow;                  /* 0: skip-gram; 1: continuous bag of words */
    int mean;                  /* CBOW: mean of the context vectors, else their sum */
    int shrink;                /* draw each window's radius from 1..window */
    uint64_t measure_mask;     /* the loss is measured on centre words whose draw has none of these bits */
    uint64_t window_key;       /* random streams of this epoch */
    uint64_t noise_key;
} word2vec_model;

/* What one thread owns; the driver allocates it for the longest job, aligned to 64 bytes. */
typedef struct {
    int32_t *word;        /* (job + 2 window) surviving tokens of a job and their neighbours */
    uint64_t *draw;       /* (job + 2 window) the random draw of each */
    int32_t *negative;    /* (job x negative) the negatives of each centre word */
    int32_t *context;     /* (2 window) words of one window */
    int32_t *seen;        /* (WORD2VEC_ROWS + outputs) */
    float **input_row;    /* (WORD2VEC_ROWS) */
    float **output_row;   /* (outputs) */
    float *input_weight;  /* (WORD2VEC_ROWS) how many times a row counts */
    float *output_weight; /* (outputs) */
    float *label;         /* (outputs) */
    float *error;         /* (WORD2VEC_ROWS x outputs, and 16 more) logits, then gradients times learning rate */
    float *tail;          /* like error */
    float *hidden;        /* (stride) */
    float *before;        /* (stride) */
    float *hot;           /* (n_hot, stride) this thread's copy of the first rows of output */
    float *hot_before;    /* (n_hot, stride) what they were when they were copied */
    uint8_t *hot_touched; /* (n_hot) */
    double loss;          /* sum over the measured pairs */
    int64_t measured;     /* pairs in `loss` */
    int64_t pairs;        /* pairs trained: (centre, context) for skip-gram, (centre, window) for CBOW */
    int64_t centres;      /* centre words trained */
} word2vec_worker;

/* Train on the centre words at positions [start, stop) of model->ids. */
typedef void (*word2vec_job)(const word2vec_model *model, word2vec_worker *worker, int64_t start, int64_t stop,
                             float learning_rate);

void word2vec_job_baseline(const word2vec_model *, word2vec_worker *, int64_t, int64_t, float);
void word2vec_job_avx2(const word2vec_model *, word2vec_worker *, int64_t, int64_t, float);
void word2vec_job_avx512(const word2vec_model *, word2vec_worker *, int64_t, int64_t, float);

#endif
