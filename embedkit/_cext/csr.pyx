"""Rows of sparse matrices: their product with a dense matrix, and their weighting.

The product takes rows of about equal work, which threads take as they become free. A row is summed by one thread in
one order, so the result does not depend on the number of threads. The work itself is in csr_multiply.c, compiled once
per instruction set; processor.pyx picks.
"""

from cython.parallel cimport prange
from libc.math cimport fabs, sqrt
from libc.stdint cimport int32_t, int64_t

import numpy as np

from embedkit._cext.processor import variant

ctypedef fused real:
    float
    double

ctypedef fused index:
    int32_t
    int64_t

cdef extern from "csr_multiply.h" nogil:
    ctypedef void (*csr_rows_float)(
        const int64_t *, const int32_t *, const float *, const float *, float *, int64_t, int64_t, int64_t
    ) noexcept nogil
    ctypedef void (*csr_rows_double)(
        const int64_t *, const int32_t *, const double *, const double *, double *, int64_t, int64_t, int64_t
    ) noexcept nogil

cdef extern from * nogil:
    """
    #include "csr_multiply.h"
    #ifdef HAVE_VARIANT_AVX512
    #define PICK_AVX512(name) if (variant == 2) return name##_avx512;
    #else
    #define PICK_AVX512(name)
    #endif
    #ifdef HAVE_VARIANT_AVX2
    #define PICK_AVX2(name) if (variant == 1) return name##_avx2;
    #else
    #define PICK_AVX2(name)
    #endif
    #define PICK(name) { PICK_AVX512(name) PICK_AVX2(name) return name##_baseline; }
    static csr_rows_float float_rows_of_variant(int variant) PICK(csr_rows_float)
    static csr_rows_double double_rows_of_variant(int variant) PICK(csr_rows_double)
    """
    csr_rows_float float_rows_of_variant(int variant)
    csr_rows_double double_rows_of_variant(int variant)

cdef enum:
    # Nonzeros to a job, a row counting as some more: below a millisecond of work.
    JOB = 1 << 15
    ROW_COST = 8

JOB_NONZEROS = JOB


def multiply(
    const int64_t[::1] indptr,
    const int32_t[::1] indices,
    const real[::1] data,
    const real[:, ::1] X,
    real[:, ::1] out,
    *,
    int n_threads,
):
    """Product of a CSR matrix and a dense one.

    Parameters
    ----------
    indptr : (n_rows + 1,) int64, IN
    indices : (nnz,) int32, IN
        Rows of `X`, in any order.
    data : (nnz,) float32 or float64, IN
    X : (n_columns, width) of the same type, IN
    out : (n_rows, width) of the same type, OUT
        Shares no memory with `X`.
    n_threads : int
    """
    cdef int64_t n_rows = indptr.shape[0] - 1, width = X.shape[1]
    if n_rows == 0 or width == 0:
        return
    work = np.asarray(indptr) + ROW_COST * np.arange(n_rows + 1)
    cuts = np.searchsorted(work, np.arange(0, work[n_rows], JOB))
    cdef const int64_t[::1] cut = np.append(cuts, n_rows).astype(np.int64)
    cdef int64_t j, n_jobs = cut.shape[0] - 1
    cdef csr_rows_float float_rows
    cdef csr_rows_double double_rows
    if real is float:
        float_rows = float_rows_of_variant(variant())
        for j in prange(n_jobs, schedule="dynamic", chunksize=1, num_threads=n_threads, nogil=True):
            float_rows(&indptr[0], &indices[0], &data[0], &X[0, 0], &out[0, 0], width, cut[j], cut[j + 1])
    else:
        double_rows = double_rows_of_variant(variant())
        for j in prange(n_jobs, schedule="dynamic", chunksize=1, num_threads=n_threads, nogil=True):
            double_rows(&indptr[0], &indices[0], &data[0], &X[0, 0], &out[0, 0], width, cut[j], cut[j + 1])


NO_NORM, L1, L2, MAX = range(4)


def weigh_rows(
    const index[::1] indptr not None,
    const index[::1] indices not None,
    real[::1] data not None,
    const real[::1] weights,
    int norm,
    int64_t first,
    int64_t last,
):
    """Multiply columns by weights, then scale each row to length 1; of rows from `first` to before `last`.

    Parameters
    ----------
    indptr : (n_rows + 1,) int32 or int64, IN
    indices : (nnz,) of the same type, IN
    data : (nnz,) float32 or float64, IN and OUT
    weights : (n_columns,) of the same type, IN, or None
    norm : int
        `NO_NORM`, `L1` (sum of absolute values), `L2` (Euclidean) or `MAX`; rows of zeros stay. Sums are float64.
    """
    cdef int64_t row, i
    cdef double size, x
    with nogil:
        for row in range(first, last):
            if weights is not None:
                for i in range(indptr[row], indptr[row + 1]):
                    data[i] *= weights[indices[i]]
            if norm == 0:
                continue
            size = 0
            for i in range(indptr[row], indptr[row + 1]):
                x = data[i]
                size = size + x * x if norm == 2 else size + fabs(x) if norm == 1 else max(size, fabs(x))
            if norm == 2:
                size = sqrt(size)
            if size != 0:
                for i in range(indptr[row], indptr[row + 1]):
                    data[i] = <real>(data[i] / size)
