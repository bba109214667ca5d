"""Word vectors pooled into document vectors.

Documents are given as ids, the rows of their words in the matrix of vectors, with -1 behind the last word of each
document: what `embedkit.text.encoding.encode_corpus` makes with ``keep_empty=True``.
"""

import numpy as np

from embedkit._cext import csr
from embedkit.errors import ParameterError

__all__ = ["common_component", "document_lengths", "max_vectors", "mean_vectors", "min_vectors", "sum_vectors"]

# Words whose vectors are gathered at a time: 25 MB of them at 100 dimensions.
GATHERED = 1 << 16


def document_lengths(ids: np.ndarray) -> np.ndarray:
    """Number of words of each document.

    Parameters
    ----------
    ids : ndarray of int32, (n_ids,)
        With -1 after the last word of each document.

    Returns
    -------
    ndarray of int64, (n_documents,)

    Raises
    ------
    ParameterError
        If the last document has no end.

    Examples
    --------
    >>> document_lengths(np.array([0, 1, -1, -1, 0, -1])).tolist()
    [2, 0, 1]
    """
    return np.diff(_documents(ids)[0])


def sum_vectors(
    ids: np.ndarray, vectors: np.ndarray, weights: np.ndarray | None = None, *, n_threads: int = 1
) -> np.ndarray:
    """Sum of the word vectors of each document, each times the weight of its word.

    Parameters
    ----------
    ids : ndarray of int32, (n_ids,)
        Rows of `vectors`, with -1 after the last word of each document.
    vectors : ndarray of float32, (n_words, vector_size)
    weights : ndarray of float, (n_words,), optional
        Default: 1 for each word.
    n_threads : int, default=1
        The result does not depend on them.

    Returns
    -------
    ndarray of float32, (n_documents, vector_size)
        Zeros for a document without words.

    Raises
    ------
    ParameterError
        If the last document has no end.

    Examples
    --------
    >>> vectors = np.array([[1, 0], [0, 1]], np.float32)
    >>> sum_vectors(np.array([0, 1, 1, -1, -1]), vectors, np.array([1.0, 0.5]))
    array([[1., 1.],
           [0., 0.]], dtype=float32)
    """
    starts, words = _documents(ids)
    each = np.ones(len(words)) if weights is None else weights[words]
    return _weighted(starts, words, each, vectors, n_threads)


def mean_vectors(
    ids: np.ndarray, vectors: np.ndarray, weights: np.ndarray | None = None, *, n_threads: int = 1
) -> np.ndarray:
    """Mean of the word vectors of each document, weighted if there are weights.

    Parameters
    ----------
    ids : ndarray of int32, (n_ids,)
        Rows of `vectors`, with -1 after the last word of each document.
    vectors : ndarray of float32, (n_words, vector_size)
    weights : ndarray of float, (n_words,), optional
        0 or more. The sum of weighted vectors is divided by the sum of the weights.
    n_threads : int, default=1
        The result does not depend on them.

    Returns
    -------
    ndarray of float32, (n_documents, vector_size)
        Zeros for a document without words, or whose weights are all 0.

    Raises
    ------
    ParameterError
        If the last document has no end.

    Examples
    --------
    >>> vectors = np.array([[1, 0], [0, 1]], np.float32)
    >>> mean_vectors(np.array([0, 1, -1, -1, 0, -1]), vectors)
    array([[0.5, 0.5],
           [0. , 0. ],
           [1. , 0. ]], dtype=float32)
    """
    starts, words = _documents(ids)
    lengths = np.diff(starts)
    each = np.ones(len(words)) if weights is None else weights[words]
    totals = np.bincount(np.repeat(np.arange(len(lengths)), lengths), each, len(lengths))
    shares = each / np.repeat(np.where(totals > 0, totals, 1.0), lengths)
    return _weighted(starts, words, shares, vectors, n_threads)


def max_vectors(ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Largest number in each dimension, over the words of each document.

    Parameters
    ----------
    ids : ndarray of int32, (n_ids,)
        Rows of `vectors`, with -1 after the last word of each document.
    vectors : ndarray of float32, (n_words, vector_size)

    Returns
    -------
    ndarray of float32, (n_documents, vector_size)
        Zeros for a document without words.

    Raises
    ------
    ParameterError
        If the last document has no end.

    Examples
    --------
    >>> vectors = np.array([[1, -4], [2, -5]], np.float32)
    >>> max_vectors(np.array([0, 1, -1, 1, -1]), vectors)
    array([[ 2., -4.],
           [ 2., -5.]], dtype=float32)
    """
    return _extreme(np.maximum, ids, vectors)


def min_vectors(ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Smallest number in each dimension, over the words of each document; see `max_vectors`.

    Examples
    --------
    >>> vectors = np.array([[1, -4], [2, -5]], np.float32)
    >>> min_vectors(np.array([0, 1, -1, 0, -1]), vectors)
    array([[ 1., -5.],
           [ 1., -4.]], dtype=float32)
    """
    return _extreme(np.minimum, ids, vectors)


def common_component(vectors: np.ndarray) -> np.ndarray:
    """Direction that the vectors have most in common: their first right singular vector, without centring.

    Parameters
    ----------
    vectors : ndarray of float, (n_documents, vector_size)

    Returns
    -------
    ndarray of float32, (vector_size,)
        Of length 1; its largest number is above 0. Zeros if all vectors are zero.

    References
    ----------
    Arora, Liang and Ma (2017), A simple but tough-to-beat baseline for sentence embeddings, algorithm 1.

    Examples
    --------
    >>> common_component(np.array([[3, 4], [6, 8], [3, 4]])).round(2)
    array([0.6, 0.8], dtype=float32)
    """
    products = np.zeros((vectors.shape[1], vectors.shape[1]))
    for start in range(0, len(vectors), GATHERED):
        part = vectors[start : start + GATHERED].astype(np.float64)
        products += part.T @ part
    if not products.any():
        return np.zeros(vectors.shape[1], np.float32)
    direction = np.linalg.eigh(products)[1][:, -1]
    return (direction * np.sign(direction[np.abs(direction).argmax()])).astype(np.float32)


def _documents(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each document starts among the words, with the end of the last one, and the words."""
    ends = np.flatnonzero(ids < 0)
    if len(ids) and ids[-1] >= 0:
        raise ParameterError("the ids do not end with -1, the mark behind each document")
    return np.concatenate([[0], ends - np.arange(len(ends))]), ids[ids >= 0].astype(np.int32, copy=False)


def _weighted(
    starts: np.ndarray, words: np.ndarray, weights: np.ndarray, vectors: np.ndarray, n_threads: int
) -> np.ndarray:
    """Sum of each document's vectors, every occurrence of a word with a weight of its own."""
    pooled = np.zeros((len(starts) - 1, vectors.shape[1]), np.float32)
    matrix = np.ascontiguousarray(vectors, np.float32)
    csr.multiply(starts.astype(np.int64), words, weights.astype(np.float32), matrix, pooled, n_threads=n_threads)
    return pooled


def _extreme(reduce: np.ufunc, ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Reduce each dimension over the words of each document, as many documents at a time as memory is spent on."""
    starts, words = _documents(ids)
    pooled = np.zeros((len(starts) - 1, vectors.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(starts))
    # Behind each other in `words`: what is empty between two documents has no words.
    begins, stops = starts[filled], starts[filled + 1]
    first = 0
    while first < len(filled):
        last = max(first + 1, int(np.searchsorted(stops, begins[first] + GATHERED, side="right")))
        gathered = vectors[words[begins[first] : stops[last - 1]]]
        pooled[filled[first:last]] = reduce.reduceat(gathered, begins[first:last] - begins[first], axis=0)
        first = last
    return pooled
