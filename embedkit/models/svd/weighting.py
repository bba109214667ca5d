"""Counts of word pairs become weights: pointwise mutual information and plainer measures, on the nonzeros alone."""

import itertools
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from embedkit.checks import check_choice, check_number
from embedkit.errors import InputError
from embedkit.models.svd.sparse import finite_csr

__all__ = [
    "WEIGHTINGS",
    "check_counts",
    "check_weighting",
    "context_distribution",
    "pointwise_mutual_information",
    "weigh",
]

WEIGHTINGS = ("ppmi", "pmi", "log", "count")

# Nonzeros worked on at a time: temporary arrays of a few megabytes.
NONZEROS = 1 << 18
# Information that is zero on paper comes out as some 1e-15, a difference of logarithms.
ROUNDING = 1e-12


def check_weighting(weighting: object, shift: object, context_smoothing: object) -> None:
    """Raise ParameterError unless the three can weigh counts."""
    check_choice("weighting", weighting, WEIGHTINGS)
    check_number("shift", shift, 0.0, strict=True)
    check_number("context_smoothing", context_smoothing, 0.0)


def weigh(
    counts: Any,
    weighting: str = "ppmi",
    *,
    shift: float = 1.0,
    context_smoothing: float = 0.75,
    dtype: Any = np.float32,
) -> csr_array:
    """Weights of a matrix of counts.

    Parameters
    ----------
    counts : sparse matrix, (n_words, n_contexts)
        Not negative; not changed.
    weighting : {"ppmi", "pmi", "log", "count"}
        Positive pointwise mutual information, or that of all pairs that were seen; log(1 + count); the counts.
    shift : float
        log(shift) is taken from the mutual information, as if `shift` noise words stood against each pair.
    context_smoothing : float
        Contexts count to this power.
    dtype : dtype
        Of the result, float32 or float64.

    Returns
    -------
    csr_array, (n_words, n_contexts)
        Without stored zeros.

    Raises
    ------
    ParameterError
        If a parameter cannot work.
    InputError
        If a count is negative or no finite number.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> weigh(csr_array([[0, 8], [2, 2]]), context_smoothing=1).toarray().round(2)
    array([[0.  , 0.18],
           [1.1 , 0.  ]], dtype=float32)
    """
    check_weighting(weighting, shift, context_smoothing)
    matrix = check_counts(counts)
    if weighting in ("ppmi", "pmi"):
        share = context_distribution(matrix, context_smoothing)
        return pointwise_mutual_information(matrix, share, shift=shift, positive=weighting == "ppmi", dtype=dtype)
    data = matrix.data.astype(dtype)
    if weighting == "log":
        np.log1p(data, out=data)
    weights = csr_array((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)
    weights.eliminate_zeros()
    return weights


def check_counts(counts: Any) -> csr_array:
    """A matrix of counts in CSR format; InputError where one is negative."""
    matrix = finite_csr(counts, name="the matrix of counts")
    least = matrix.data.min(initial=0)
    if least < 0:
        raise InputError(f"the matrix of counts holds {least:g}: expected counts, 0 or more")
    return matrix


def context_distribution(counts: csr_array, smoothing: float) -> np.ndarray:
    """Probabilities of the contexts: their counts to a power, normalised.

    Returns
    -------
    ndarray of float64, (n_contexts,)
        Zero for a context that was never seen, whatever the power.
    """
    sums = counts.sum(axis=0, dtype=np.float64)
    seen = sums > 0
    powers = np.zeros_like(sums)
    # Relative counts: a large power of a large count leaves the range of numbers.
    powers[seen] = (sums[seen] / sums.max(initial=1.0)) ** smoothing
    return powers / powers.sum() if seen.any() else powers


def pointwise_mutual_information(
    counts: csr_array, context_share: np.ndarray, *, shift: float, positive: bool, dtype: Any
) -> csr_array:
    """log(P(context given word) / (P(context) shift)) at the nonzeros of a matrix of counts.

    Parameters
    ----------
    counts : csr_array, (n_words, n_contexts)
    context_share : ndarray of float64, (n_contexts,)
        P(context); a context of probability zero is left out.
    shift : float
    positive : bool
        Leave out what is negative.
    dtype : dtype
        Of the result.

    Returns
    -------
    csr_array
        Without stored zeros. Pairs that were never seen, whose information would be minus infinity, are zero
        as in the literature.
    """
    n_words, indptr = counts.shape[0], counts.indptr
    with np.errstate(divide="ignore"):
        log_word = np.log(counts.sum(axis=1, dtype=np.float64))
        log_context = np.log(context_share) + np.log(shift)
    data, indices = np.empty(counts.nnz, dtype), np.empty(counts.nnz, counts.indices.dtype)
    ends = np.zeros_like(indptr)
    filled = 0
    cuts = np.append(np.searchsorted(indptr[:-1], np.arange(0, counts.nnz, NONZEROS)), n_words)
    for first, stop in itertools.pairwise(np.unique(cuts)):
        start = indptr[first]
        part = slice(start, indptr[stop])
        lengths = np.diff(indptr[first : stop + 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            information = np.log(counts.data[part], dtype=np.float64)
            information -= np.repeat(log_word[first:stop], lengths)
            information -= log_context[counts.indices[part]]
        strength = information if positive else np.abs(information)
        kept = (strength > ROUNDING) & np.isfinite(information)
        before = np.concatenate([[0], np.cumsum(kept)])
        n_kept = before[-1]
        data[filled : filled + n_kept] = information[kept]
        indices[filled : filled + n_kept] = counts.indices[part][kept]
        ends[first + 1 : stop + 1] = filled + before[indptr[first + 1 : stop + 1] - start]
        filled += n_kept
    # Gives the memory behind the last entry back; a slice would hold it.
    data.resize(filled, refcheck=False)
    indices.resize(filled, refcheck=False)
    return csr_array((data, indices, ends), shape=counts.shape)
