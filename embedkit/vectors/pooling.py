"""Word vectors pooled into document vectors."""

import numpy as np

from embedkit.errors import ParameterError

__all__ = ["mean_vectors"]


def mean_vectors(ids: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Mean of the word vectors of each document.

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
    >>> import numpy as np
    >>> vectors = np.array([[1, 0], [0, 1]], np.float32)
    >>> mean_vectors(np.array([0, 1, -1, -1, 0, -1]), vectors)
    array([[0.5, 0.5],
           [0. , 0. ],
           [1. , 0. ]], dtype=float32)
    """
    from scipy.sparse import csr_array

    ends = np.flatnonzero(ids < 0)
    if len(ids) and ids[-1] >= 0:
        raise ParameterError("the ids do not end with -1, the mark behind each document")
    starts = np.concatenate([[0], ends - np.arange(len(ends))])
    lengths = np.maximum(np.diff(starts), 1)
    words = ids[ids >= 0]
    shares = np.repeat((1 / lengths).astype(np.float32), np.diff(starts))
    documents = csr_array((shares, words, starts), shape=(len(ends), len(vectors)))
    return documents @ vectors
