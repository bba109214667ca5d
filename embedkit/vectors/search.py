"""Exact nearest-neighbour search by cosine, over a matrix that may be larger than memory.

Scores are computed a tile at a time: a block of queries against a block of rows, one matrix product each. A tile
that is not the first sorts nothing but the scores that beat the worst of the `k` found so far. Of equal scores the
lower row wins.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

QUERY_BLOCK = 128
ROW_BLOCK = 2**16  # with QUERY_BLOCK queries, a tile of 32 MiB
BLOCK_VALUES = 2**20  # 8 MiB of float64
MUL_EPSILON = 1e-6  # keeps 3CosMul from dividing by zero; the value of Levy and Goldberg (2014)

Real = TypeVar("Real", np.float32, np.float64)


def top_k(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the indices of the `k` largest scores, best first, ties by index.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Without NaN.
    k : int
        At most n are returned.

    Returns
    -------
    ndarray of intp, shape (min(k, n),)

    Examples
    --------
    >>> top_k(np.array([1, 3, 2, 3], dtype=np.float32), 3).tolist()
    [1, 3, 2]
    """
    n = len(scores)
    if k <= 0:
        return np.empty(0, dtype=np.intp)
    if k >= n:
        chosen = np.arange(n)
    else:
        threshold = np.partition(scores, n - k)[n - k]
        above = np.flatnonzero(scores > threshold)
        chosen = np.concatenate([above, np.flatnonzero(scores == threshold)[: k - len(above)]])
    return chosen[np.lexsort((chosen, -scores[chosen]))]


def row_norms(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the Euclidean length of each row, computed in float64 a block at a time.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)

    Returns
    -------
    ndarray of float32, shape (n,)
        Infinite where float32 cannot hold it.

    Examples
    --------
    >>> row_norms(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist()
    [5.0, 0.0]
    """
    norms = np.empty(len(vectors), dtype=np.float32)
    rows = max(1, BLOCK_VALUES // vectors.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(vectors), rows):
            block = vectors[start : start + rows].astype(np.float64)
            norms[start : start + rows] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return norms


def unit_rows(vectors: NDArray[Real]) -> NDArray[Real]:
    """Bring vectors to unit length; those without a direction (zero, NaN, infinity) become zero.

    Parameters
    ----------
    vectors : ndarray of float32 or float64, shape (n, d) or (d,)

    Returns
    -------
    ndarray of the same type and shape
        Computed in float64 a block at a time.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    unit = np.empty_like(vectors)
    lines, target = np.atleast_2d(vectors), np.atleast_2d(unit)
    rows = max(1, BLOCK_VALUES // lines.shape[1])
    for start in range(0, len(lines), rows):
        block = lines[start : start + rows].astype(np.float64)
        scale = np.abs(block).max(axis=1, keepdims=True)
        usable = (scale > 0) & np.isfinite(scale)
        # The largest number becomes 1 first, so that no square overflows or vanishes.
        scaled = np.divide(block, scale, out=np.zeros_like(block), where=usable)
        norm = np.sqrt(np.square(scaled).sum(axis=1, keepdims=True))
        target[start : start + rows] = np.divide(scaled, norm, out=scaled, where=usable)
    return unit


def cos_mul(positive: Iterable[NDArray[np.float32]], negative: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return 3CosMul: the product of the positive cosines over that of the negative ones, each shifted to 0 to 1.

    Parameters
    ----------
    positive, negative : iterables of ndarray of float32
        The cosines of all words with one of the given words each; all of one shape.

    Returns
    -------
    ndarray of float32, of that shape

    References
    ----------
    Levy and Goldberg (2014), Linguistic regularities in sparse and explicit word representations, equation 4.

    Examples
    --------
    >>> cos_mul([np.array([1, 0], dtype=np.float32), np.array([0, 0], dtype=np.float32)], []).tolist()
    [0.5, 0.25]
    """
    scores: Any = np.float32(1)
    for similarity in positive:
        scores = scores * ((similarity + 1) / 2)
    for similarity in negative:
        scores = scores / ((similarity + 1) / 2 + MUL_EPSILON)
    return np.asarray(scores)


def cosines(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], divisors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the cosine of each query with each row.

    Parameters
    ----------
    queries : ndarray of float32, shape (n_queries, d) or (d,)
        Of unit length, or zero.
    vectors : ndarray of float32, shape (n, d)
    divisors : ndarray of float32, shape (n,)
        Length of each row; infinite for rows whose cosine shall be 0 whatever they hold.

    Returns
    -------
    ndarray of float32, shape (n_queries, n) or (n,)
        From -1 to 1.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scores = queries @ vectors.T if queries.ndim == 2 else vectors @ queries
        scores /= divisors
    # Products with rows that hold infinity or NaN, or overflow, are the only ones that are not finite.
    if not np.isfinite(divisors).all():
        np.copyto(scores, 0, where=np.isinf(divisors))
    return np.clip(scores, -1, 1, out=scores)


def nearest_rows(
    queries: NDArray[np.float32],
    vectors: NDArray[np.float32],
    divisors: NDArray[np.float32],
    k: int,
    excluded: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find the `k` rows of the highest cosine for each query.

    Parameters
    ----------
    queries, vectors, divisors
        As `cosines` takes them; two-dimensional queries.
    k : int
        At most n rows are found, n - 1 where one of them is excluded for any query.
    excluded : ndarray of intp, shape (n_queries,), optional
        One row for each query that is never among the found.

    Returns
    -------
    indices : ndarray of intp, shape (n_queries, k)
    similarities : ndarray of float32, shape (n_queries, k)
        Descending in each line.
    """
    n = len(vectors)
    k = min(k, n if excluded is None or (excluded >= n).all() else n - 1)
    indices = np.zeros((len(queries), max(k, 0)), dtype=np.intp)
    similarities = np.full(indices.shape, -np.inf, dtype=np.float32)
    if indices.size == 0:
        return indices, similarities
    for start in range(0, len(queries), QUERY_BLOCK):
        lines = slice(start, start + QUERY_BLOCK)
        for first in range(0, n, ROW_BLOCK):
            rows = slice(first, first + ROW_BLOCK)
            tile = cosines(queries[lines], vectors[rows], divisors[rows])
            if excluded is not None:
                inside = np.flatnonzero((excluded[lines] >= first) & (excluded[lines] < first + tile.shape[1]))
                tile[inside, excluded[lines][inside] - first] = -np.inf
            _merge(indices[lines], similarities[lines], tile, first)
    return indices, similarities


def _merge(indices: NDArray[np.intp], similarities: NDArray[np.float32], tile: NDArray[np.float32], first: int) -> None:
    """Take into the best so far what a tile of scores has to add; its first column is row `first`."""
    k = indices.shape[1]
    for line, scores in enumerate(tile):
        better = np.flatnonzero(scores > similarities[line, -1])
        if len(better):
            found = np.concatenate([similarities[line], scores[better]])
            rows = np.concatenate([indices[line], better + first])
            # Earlier rows come first in `found`, so that ties by position are ties by row.
            best = top_k(found, k)
            similarities[line], indices[line] = found[best], rows[best]
