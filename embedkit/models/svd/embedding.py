"""From counts of word pairs to word vectors: what the estimator and the command line share.

Nothing here needs scikit-learn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedkit.errors import InputError, ParameterError
from embedkit.models.svd.parameters import SVDParameters
from embedkit.models.svd.truncated import SVDProgress, truncated_svd
from embedkit.models.svd.weighting import weigh

__all__ = ["TrainedSVD", "train"]


@dataclass
class TrainedSVD:
    """What a decomposition leaves behind.

    Attributes
    ----------
    vectors : ndarray of float32, (n_words, vector_size)
        U S^p, of the words as rows of the counts; V S^p, of the words as columns; or their sum, as the
        parameters say.
    context_vectors : ndarray of float32, (n_contexts, vector_size)
        V S^p.
    singular_values : ndarray of float64, (vector_size,)
        S, descending.
    residuals : ndarray of float64, (vector_size,)
        See `TruncatedSVDResult`.
    n_products : int
        Vectors multiplied by the weights or their transpose.
    nnz : int
        Nonzero weights.
    seconds : float
    """

    vectors: np.ndarray
    context_vectors: np.ndarray
    singular_values: np.ndarray
    residuals: np.ndarray
    n_products: int
    nnz: int
    seconds: float


def train(
    counts: Any,
    parameters: SVDParameters,
    *,
    n_threads: int = 1,
    seed: int = 0,
    on_progress: Callable[[SVDProgress], None] | None = None,
) -> TrainedSVD:
    """Weigh counts and decompose them.

    Parameters
    ----------
    counts : sparse matrix, (n_words, n_contexts)
        Not changed.
    parameters : SVDParameters
    n_threads : int, default=1
    seed : int, default=0
        Of the first vectors of the iteration.
    on_progress : callable, optional
        Called with an `SVDProgress` now and then.

    Returns
    -------
    TrainedSVD

    Raises
    ------
    ParameterError
        If a parameter cannot work, or there are fewer words than `vector_size`.
    InputError
        If the counts are not counts, or no pair of words has a weight.

    References
    ----------
    Levy and Goldberg (2014), Neural word embedding as implicit matrix factorization, section 4: the shift.
    Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
    embeddings, section 3: smoothing and the power of the singular values.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> counts = csr_array([[0, 5, 8, 1, 0], [5, 0, 7, 0, 1], [8, 7, 0, 2, 1], [1, 0, 2, 0, 6], [0, 1, 1, 6, 0]])
    >>> trained = train(counts, SVDParameters(vector_size=2, weighting="count"))
    >>> trained.singular_values.round(4)
    array([13.9755,  8.6282])
    >>> trained.vectors.shape
    (5, 2)
    """
    parameters.validate()
    started = time.perf_counter()
    words = min(counts.shape)
    if parameters.vector_size > words:
        raise ParameterError(
            f"vector_size={parameters.vector_size}, but there are only {words} words: "
            f"use vector_size={words} or less, more text, or a lower min_count"
        )
    weights = weigh(
        counts, parameters.weighting, shift=parameters.shift, context_smoothing=parameters.context_smoothing
    )
    # Counts that nobody else holds are not needed in memory any longer.
    del counts
    if weights.nnz == 0:
        raise InputError(
            f"no pair of words has a weight above 0 by weighting={parameters.weighting!r} "
            f"with shift={parameters.shift:g}: use more text, a smaller shift, or weighting='log'"
        )
    found = truncated_svd(
        weights, parameters.vector_size, tol=parameters.tol, n_threads=n_threads, seed=seed, on_progress=on_progress
    )
    # 0 to the power 0 is 1, which keeps U and V as they are.
    scale = found.singular_values**parameters.eigenvalue_power
    of_words, of_contexts = ((side * scale).astype(np.float32) for side in (found.U, found.V))
    kept = {"word": of_words, "context": of_contexts}.get(parameters.vectors)
    return TrainedSVD(
        of_words + of_contexts if kept is None else kept,
        of_contexts,
        found.singular_values,
        found.residuals,
        found.n_products,
        weights.nnz,
        time.perf_counter() - started,
    )
