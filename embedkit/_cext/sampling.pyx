"""Tables for drawing words: noise by Walker's alias method, survival of frequent words.

The draws themselves are inlined into the training kernels (sampling.h).
"""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

import numpy as np

cdef extern from "sampling.h" nogil:
    ctypedef struct alias_column:
        pass
    int32_t alias_draw(const alias_column *table, int64_t n, uint64_t *state)


def alias_table(double[::1] weights):
    """Walker's alias table, by Vose's method (1991): (n, 2) uint32, thresholds and aliases.

    Parameters
    ----------
    weights : (n,) float64, IN
        Not negative, at least one above 0; n below 2**31.
    """
    cdef int64_t n = weights.shape[0], i, small = 0, large = 0, s, b
    cdef double total = 0.0
    table = np.empty((n, 2), np.uint32)
    stack = np.empty((2, n), np.int64)
    scaled = np.empty(n)
    cdef uint32_t[:, ::1] column = table
    cdef int64_t[:, ::1] todo = stack
    cdef double[::1] share = scaled
    with nogil:
        for i in range(n):
            total += weights[i]
        for i in range(n):
            share[i] = weights[i] * n / total
            column[i, 0] = 0xFFFFFFFFU
            column[i, 1] = <uint32_t> i
            if share[i] < 1.0:
                todo[0, small] = i
                small += 1
            else:
                todo[1, large] = i
                large += 1
        while small > 0 and large > 0:
            small -= 1
            s = todo[0, small]
            b = todo[1, large - 1]
            column[s, 0] = <uint32_t> (share[s] * 4294967295.0)
            column[s, 1] = <uint32_t> b
            share[b] -= 1.0 - share[s]
            if share[b] < 1.0:
                large -= 1
                todo[0, small] = b
                small += 1
    return table


def draw_noise(uint32_t[:, ::1] table, int64_t n, uint64_t seed):
    """`n` draws from an alias table, as training draws them: (n,) int32. For tests of the sampler."""
    drawn = np.empty(n, np.int32)
    cdef int32_t[::1] out = drawn
    cdef int64_t i
    cdef uint64_t state = seed
    with nogil:
        for i in range(n):
            out[i] = alias_draw(<const alias_column *> &table[0, 0], table.shape[0], &state)
    return drawn


def keep_thresholds(int64_t[::1] counts, double sample):
    """Survival of each word's tokens as a 32-bit threshold: (n_words,) uint32.

    A word of relative frequency f is kept with probability sqrt(t/f) + t/f, word2vec's form of Mikolov,
    Sutskever, Chen, Corrado and Dean (2013), section 2.3; `sample` is t, 0 keeps everything.
    """
    cdef int64_t n = counts.shape[0], i
    cdef double total = 0.0, ratio, probability
    thresholds = np.empty(n, np.uint32)
    cdef uint32_t[::1] out = thresholds
    with nogil:
        for i in range(n):
            total += counts[i]
        for i in range(n):
            out[i] = 0xFFFFFFFFU
            if sample > 0.0 and counts[i] > 0:
                ratio = sample * total / counts[i]
                probability = sqrt(ratio) + ratio
                if probability < 1.0:
                    out[i] = <uint32_t> (probability * 4294967295.0)
    return thresholds
