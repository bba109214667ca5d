"""Driver of the GloVe kernels: pairs sorted into tiles, and tiles trained in rounds without any shared row.

The co-occurrence matrix is cut into n_blocks x n_blocks tiles. Word i stands in block i % n_blocks, at row
i // n_blocks of it, so that frequent and rare words, and with them the pairs, are spread evenly over the tiles. A
round is the n_blocks tiles (a, (a + shift) % n_blocks): no two of them share a word or a context, so threads train
them side by side without meeting on a row (stratified stochastic gradient descent: Gemulla, Nijkamp, Haas and
Sismanis 2011, section 4). What is learned does not depend on the number of threads, and a tile's rows stay in cache.

Tile (a, b) is stored at number ((b - a) % n_blocks) * n_blocks + a, so that a round lies in one piece. A pair is 8
bytes: two places in a tile, and the logarithm of the count.
"""

from cython.parallel cimport prange
from libc.math cimport log
from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t

import numpy as np

from embedkit._cext.processor import variant

cdef extern from "sampling.h" nogil:
    uint64_t splitmix64(uint64_t *state)
    uint64_t draw_at(uint64_t key, uint64_t position)

cdef extern from "glove_step.h" nogil:
    ctypedef struct glove_pair:
        uint16_t row
        uint16_t column
        float log_count
    ctypedef struct glove_model:
        int64_t stride
        float learning_rate
        float log_x_max
        float alpha
    ctypedef double (*glove_tile)(
        const glove_model *, const glove_pair *, int64_t, float *, float *) noexcept nogil

cdef extern from * nogil:
    """
    #include "glove_step.h"
    static glove_tile tile_of_variant(int variant)
    {
    #ifdef HAVE_VARIANT_AVX512
        if (variant == 2) return glove_tile_avx512;
    #endif
    #ifdef HAVE_VARIANT_AVX2
        if (variant == 1) return glove_tile_avx2;
    #endif
        return glove_tile_baseline;
    }
    """
    glove_tile tile_of_variant(int variant)

PAIR = np.dtype([("row", np.uint16), ("column", np.uint16), ("log_count", np.float32)])
MOST_ROWS = 1 << 16


cdef inline int64_t tile_of(int64_t a, int64_t b, int64_t n_blocks) noexcept nogil:
    return ((b - a) if b >= a else (b - a + n_blocks)) * n_blocks + a


cdef inline int64_t first_of_block(int64_t a, int64_t first_row, int64_t n_blocks) noexcept nogil:
    """The first row from `first_row` on, relative to it, that stands in block a."""
    return (a - first_row % n_blocks + n_blocks) % n_blocks


cdef void count_block(
    int64_t a, int64_t first_row, int64_t n_rows, const int64_t *indptr, const int32_t *indices, int64_t n_blocks,
    int64_t *sizes,
) noexcept nogil:
    """Count the pairs in the tiles (a, b) for all b."""
    cdef int64_t p, i = first_of_block(a, first_row, n_blocks)
    while i < n_rows:
        for p in range(indptr[i], indptr[i + 1]):
            sizes[tile_of(a, <uint32_t> indices[p] % <uint32_t> n_blocks, n_blocks)] += 1
        i += n_blocks


cdef void fill_block(
    int64_t a, int64_t first_row, int64_t n_rows, const int64_t *indptr, const int32_t *indices, const float *counts,
    int64_t n_blocks, int64_t *ends, glove_pair *pairs,
) noexcept nogil:
    """Append to the tiles (a, b) for all b."""
    cdef uint32_t column, blocks = <uint32_t> n_blocks
    cdef int64_t p, tile, i = first_of_block(a, first_row, n_blocks)
    while i < n_rows:
        for p in range(indptr[i], indptr[i + 1]):
            column = <uint32_t> indices[p]
            tile = tile_of(a, column % blocks, n_blocks)
            pairs[ends[tile]].row = <uint16_t> ((first_row + i) // n_blocks)
            pairs[ends[tile]].column = <uint16_t> (column // blocks)
            pairs[ends[tile]].log_count = <float> log(counts[p])
            ends[tile] += 1
        i += n_blocks


def count_tiles(
    int64_t first_row, const int64_t[::1] indptr, const int32_t[::1] indices, int64_t n_blocks, int64_t[::1] sizes,
    int n_threads,
):
    """Add to `sizes`, (n_blocks ** 2,), how many pairs of some rows fall into each tile.

    Parameters
    ----------
    first_row : int
        Of the rows.
    indptr : (n_rows + 1,) int64, IN
    indices : (nnz,) int32, IN
        Columns, ascending within a row.
    """
    cdef int64_t a, n_rows = indptr.shape[0] - 1
    if indices.shape[0] == 0:
        return
    for a in prange(n_blocks, nogil=True, schedule="dynamic", num_threads=n_threads):
        count_block(a, first_row, n_rows, &indptr[0], &indices[0], n_blocks, &sizes[0])


def fill_tiles(
    int64_t first_row, const int64_t[::1] indptr, const int32_t[::1] indices, const float[::1] counts,
    int64_t n_blocks, int64_t[::1] ends, pairs, int n_threads,
):
    """Put the pairs of some rows at the ends of their tiles.

    Parameters
    ----------
    first_row, indptr, indices
        As for `count_tiles`.
    counts : (nnz,) float32, IN
        Above 0.
    ends : (n_blocks ** 2,) int64, IN and OUT
        Where the next pair of each tile goes in `pairs`.
    pairs : (n_pairs,) PAIR, OUT
    """
    cdef glove_pair[::1] out = pairs
    cdef int64_t a, n_rows = indptr.shape[0] - 1
    if indices.shape[0] == 0:
        return
    for a in prange(n_blocks, nogil=True, schedule="dynamic", num_threads=n_threads):
        fill_block(a, first_row, n_rows, &indptr[0], &indices[0], &counts[0], n_blocks, &ends[0], &out[0])


cdef void shuffle(glove_pair *pairs, int64_t n, uint64_t state) noexcept nogil:
    """Fisher and Yates; the order depends on n and the state alone."""
    cdef int64_t i, j
    cdef glove_pair pair
    for i in range(n - 1, 0, -1):
        j = <int64_t> (((splitmix64(&state) >> 32) * <uint64_t> (i + 1)) >> 32)
        pair = pairs[i]
        pairs[i] = pairs[j]
        pairs[j] = pair


def shuffle_tiles(pairs, const int64_t[::1] starts, uint64_t seed, int n_threads):
    """Bring the pairs of each tile into a random order; tile t is pairs[starts[t]:starts[t + 1]]."""
    cdef glove_pair[::1] out = pairs
    cdef int64_t t, n_tiles = starts.shape[0] - 1
    for t in prange(n_tiles, nogil=True, schedule="dynamic", chunksize=16, num_threads=n_threads):
        if starts[t + 1] - starts[t] > 1:
            shuffle(&out[starts[t]], starts[t + 1] - starts[t], draw_at(seed, t))


def train_tiles(
    pairs,
    const int64_t[::1] starts,
    const int64_t[::1] block_rows,
    int64_t shift,
    int64_t first,
    int64_t stop,
    float[:, ::1] words,
    float[:, ::1] contexts,
    double[::1] losses,
    *,
    double x_max,
    double alpha,
    double learning_rate,
):
    """Train on some tiles of a round, one after the other; threads of the caller take others meanwhile.

    Parameters
    ----------
    pairs : (n_pairs,) PAIR, IN
    starts : (n_blocks ** 2 + 1,) int64, IN
        Where each tile begins.
    block_rows : (n_blocks,) int64, IN
        Row of the matrices where each block begins.
    shift : int
        Which round: from 0 to n_blocks - 1.
    first, stop : int
        Which tiles of the round.
    words, contexts : (n_words, 2 * stride) float32, IN and OUT
        Vectors, biases and AdaGrad sums, as glove_step.h says.
    losses : (n_blocks,) float64, OUT
        Sum over the pairs of each tile of f(x) (w.c + b + b' - log x)^2, each before its step.
    """
    cdef const glove_pair[::1] all_pairs = pairs
    cdef glove_model model
    cdef int64_t n_blocks = block_rows.shape[0], a, b, t
    cdef glove_tile run = tile_of_variant(variant())
    model.stride = words.shape[1] // 2
    model.learning_rate = learning_rate
    model.log_x_max = log(x_max)
    model.alpha = alpha
    with nogil:
        for a in range(first, stop):
            b = (a + shift) % n_blocks
            t = shift * n_blocks + a
            losses[a] = 0
            if starts[t + 1] > starts[t]:
                losses[a] = run(&model, &all_pairs[starts[t]], starts[t + 1] - starts[t],
                                &words[block_rows[a], 0], &contexts[block_rows[b], 0])
