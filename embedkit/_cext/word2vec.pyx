"""Driver of the word2vec kernels: one range of the corpus, trained by all threads.

A job is JOB consecutive positions of the id stream; threads take jobs in order, each as it becomes free.
What a job trains on depends on the seed, the epoch and the position alone (sampling.h), and its learning
rate on its place in the whole training, so one thread gives the same bytes however the caller cuts the
corpus into ranges, and more threads see the same examples in another order.

The work of a job is in word2vec_step.c, compiled once per instruction set; processor.pyx picks.
Loss and input are two axes: the caller chooses negative sampling by passing a noise table, hierarchical
softmax by passing the paths of a Huffman tree, and skip-gram or CBOW by a flag.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

import numpy as np

from embedkit._cext.processor import variant

cdef extern from "sampling.h" nogil:
    ctypedef struct alias_column:
        pass
    uint64_t draw_at(uint64_t key, uint64_t position)

cdef extern from "word2vec_step.h" nogil:
    enum:
        WORD2VEC_ROWS
    ctypedef struct word2vec_model:
        const int32_t *ids
        int64_t n_ids
        float *input
        float *output
        int64_t stride
        const uint32_t *keep
        const alias_column *noise
        int64_t n_words
        const int64_t *path_start
        const int32_t *path_node
        const float *path_label
        int n_hot
        float hot_share
        int window
        int negative
        int cbow
        int mean
        int shrink
        uint64_t measure_mask
        uint64_t window_key
        uint64_t noise_key
    ctypedef struct word2vec_worker:
        int32_t *word
        uint64_t *draw
        int32_t *negative
        int32_t *context
        int32_t *seen
        float **input_row
        float **output_row
        float *input_weight
        float *output_weight
        float *label
        float *error
        float *tail
        float *hidden
        float *before
        float *hot
        float *hot_before
        uint8_t *hot_touched
        double loss
        int64_t measured
        int64_t pairs
        int64_t centres
    ctypedef void (*word2vec_job)(
        const word2vec_model *, word2vec_worker *, int64_t, int64_t, float) noexcept nogil

cdef extern from * nogil:
    """
    #include "word2vec_step.h"
    static word2vec_job job_of_variant(int variant)
    {
    #ifdef HAVE_VARIANT_AVX512
        if (variant == 2) return word2vec_job_avx512;
    #endif
    #ifdef HAVE_VARIANT_AVX2
        if (variant == 1) return word2vec_job_avx2;
    #endif
        return variant == 0 ? word2vec_job_baseline : 0;
    }
    """
    word2vec_job job_of_variant(int variant)

cdef enum:
    # Positions of the id stream to a job: less than a millisecond of work.
    JOB = 1024
    # Rows start at multiples of 64 bytes, the width of a cache line and of the widest register.
    ROW_FLOATS = 16
    # The loss is measured on every centre word of a small corpus, on one in 16 of a larger one.
    MEASURE_ALL = 1 << 20
    MEASURE_ONE_IN = 16
    # Nodes at the root of the Huffman tree that each of several threads copies: about five levels.
    HOT_NODES = 31

JOB_POSITIONS = JOB


cdef inline char *take(char **place, size_t n_bytes) noexcept nogil:
    """The next `n_bytes` of a room, and 64-byte alignment for what comes after them."""
    cdef char *here = place[0]
    place[0] = here + (n_bytes + 63) // 64 * 64
    return here


cdef size_t lay_out(char *room, const word2vec_model *model, size_t outputs, word2vec_worker *worker) noexcept nogil:
    """Place a worker's buffers in its room; returns how many bytes they take."""
    cdef size_t tokens = JOB + 2 * <size_t> model.window
    cdef size_t rows = WORD2VEC_ROWS
    cdef size_t errors = rows * outputs + ROW_FLOATS
    cdef char *place = room
    worker.word = <int32_t *> take(&place, tokens * sizeof(int32_t))
    worker.draw = <uint64_t *> take(&place, tokens * sizeof(uint64_t))
    worker.negative = <int32_t *> take(&place, JOB * <size_t> model.negative * sizeof(int32_t))
    worker.context = <int32_t *> take(&place, 2 * <size_t> model.window * sizeof(int32_t))
    worker.seen = <int32_t *> take(&place, (rows + outputs) * sizeof(int32_t))
    worker.input_row = <float **> take(&place, rows * sizeof(float *))
    worker.output_row = <float **> take(&place, outputs * sizeof(float *))
    worker.input_weight = <float *> take(&place, rows * sizeof(float))
    worker.output_weight = <float *> take(&place, outputs * sizeof(float))
    worker.label = <float *> take(&place, outputs * sizeof(float))
    worker.error = <float *> take(&place, errors * sizeof(float))
    worker.tail = <float *> take(&place, errors * sizeof(float))
    worker.hidden = <float *> take(&place, model.stride * sizeof(float))
    worker.before = <float *> take(&place, model.stride * sizeof(float))
    worker.hot = <float *> take(&place, model.n_hot * model.stride * sizeof(float))
    worker.hot_before = <float *> take(&place, model.n_hot * model.stride * sizeof(float))
    worker.hot_touched = <uint8_t *> take(&place, model.n_hot)
    return place - room


def train_range(
    const int32_t[::1] ids,
    int64_t first_job,
    int64_t n_jobs,
    float[:, ::1] input_vectors,
    float[:, ::1] output_vectors,
    const uint32_t[::1] keep,
    const uint32_t[:, ::1] noise,
    paths,
    *,
    bint cbow,
    int window,
    bint shrink,
    bint mean,
    int negative,
    double start_rate,
    double end_rate,
    double done,
    double total,
    uint64_t seed,
    int n_threads,
):
    """Train on jobs `first_job` to `first_job + n_jobs` of the corpus.

    Parameters
    ----------
    ids : (n_ids,) int32, IN
        Word ids, DOCUMENT_END after each document.
    first_job, n_jobs : int
        Which of the ceil(n_ids / JOB_POSITIONS) jobs.
    input_vectors, output_vectors : float32, IN and OUT
        As embedkit.models.matrices.padded_matrix makes them: (n_words, stride) and, for hierarchical softmax,
        (n_words - 1, stride).
    keep : (n_words,) uint32, IN
        From embedkit._cext.sampling.keep_thresholds.
    noise : (n_words, 2) uint32 or None, IN
        From embedkit._cext.sampling.alias_table: negative sampling. None: hierarchical softmax along `paths`.
    paths : tuple or None, IN
        From embedkit._cext.huffman.huffman_paths.
    cbow, window, shrink, mean, negative
        See embedkit.models.word2vec.
    start_rate, end_rate : float
        Learning rate at the beginning and at the end of the whole training, linear between.
    done, total : float
        Positions trained before this epoch, and in the whole training.
    seed : int
        Of this epoch.
    n_threads : int

    Returns
    -------
    loss : float
        Sum over the measured pairs; those of one centre word in 16, or of all if there are few.
    measured : int
        How many were measured.
    pairs : int
        Pairs trained: (centre, context word) for skip-gram, (centre, window) for CBOW.
    centres : int
        Centre words that survived subsampling.
    """
    cdef word2vec_model model
    cdef int64_t[::1] path_start
    cdef int32_t[::1] path_node
    cdef float[::1] path_label
    cdef int outputs = 1 + negative
    memset(&model, 0, sizeof(model))
    model.ids = &ids[0]
    model.n_ids = ids.shape[0]
    model.input = &input_vectors[0, 0]
    model.output = &output_vectors[0, 0]
    model.stride = input_vectors.shape[1]
    model.keep = &keep[0]
    model.n_words = input_vectors.shape[0]
    model.window = window
    model.negative = negative
    model.cbow = cbow
    model.mean = mean
    model.shrink = shrink
    model.measure_mask = 0 if model.n_ids < MEASURE_ALL else MEASURE_ONE_IN - 1
    model.window_key = draw_at(seed, 0)
    model.noise_key = draw_at(seed, 1)
    if noise is not None:
        model.noise = <const alias_column *> &noise[0, 0]
    else:
        path_start, path_node, path_label = paths
        model.path_start = &path_start[0]
        model.path_node = &path_node[0]
        model.path_label = &path_label[0]
        outputs = int(np.diff(paths[0]).max())
        if n_threads > 1:
            model.n_hot = <int> min(HOT_NODES, output_vectors.shape[0])
            model.hot_share = 1.0 / n_threads

    # Every worker has its own room, a page apart at least, so that no two share a cache line.
    cdef word2vec_worker plan
    cdef size_t size = lay_out(NULL, &model, outputs, &plan) + 2 * 64 + sizeof(word2vec_worker)
    rooms = np.zeros((n_threads, size // 4096 * 4096 + 8192), np.uint8)
    starts = np.array([(room.ctypes.data + 63) // 64 * 64 for room in rooms], np.uintp)
    cdef uintptr_t[::1] place = starts
    cdef int t
    cdef word2vec_worker *worker
    cdef size_t head = (sizeof(word2vec_worker) + 63) // 64 * 64
    for t in range(n_threads):
        worker = <word2vec_worker *> place[t]
        lay_out(<char *> place[t] + head, &model, outputs, worker)
        worker.label[0] = 1.0
        if noise is None:
            for o in range(outputs):
                worker.output_weight[o] = 1.0

    cdef word2vec_job run = job_of_variant(variant())
    cdef int64_t j, begin, end, n_ids = model.n_ids
    cdef double slope = (start_rate - end_rate) / total
    for j in prange(first_job, first_job + n_jobs, schedule="dynamic", chunksize=1, num_threads=n_threads, nogil=True):
        begin = j * JOB
        end = begin + JOB if begin + JOB < n_ids else n_ids
        run(&model, <word2vec_worker *> place[threadid()], begin, end, <float> (start_rate - slope * (done + begin)))

    loss, measured, pairs, centres = 0.0, 0, 0, 0
    for t in range(n_threads):
        worker = <word2vec_worker *> place[t]
        loss += worker.loss
        measured += worker.measured
        pairs += worker.pairs
        centres += worker.centres
    return loss, measured, pairs, centres
