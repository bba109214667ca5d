"""Which terms become features, and in which columns."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy.sparse import csr_matrix

from embedkit.errors import ParameterError

__all__ = ["bounds_of_frequency", "choose_terms", "given_vocabulary"]


def bounds_of_frequency(min_df: float, max_df: float, n_documents: int) -> tuple[float, float]:
    """Return the least and the most documents that a term may be in: whole numbers count them, others are shares."""
    least, most = (bound if isinstance(bound, Integral) else bound * n_documents for bound in (min_df, max_df))
    return least, most


def choose_terms(
    table: Any, least: float, most: float, max_features: int | None, *, binary: bool, dtype: DTypeLike
) -> np.ndarray:
    """Return the numbers of the terms that become features, in order of the terms.

    Parameters
    ----------
    table : TermCounts or TermTable
        Terms and their frequencies.
    least, most : float
        Documents that a term has to be, and may be, in.
    max_features : int or None
        The most frequent terms that are kept.
    binary : bool
        Whether a document counts a term once.
    dtype : numpy dtype
        Of the matrix to come. Which of the terms of the same frequency are kept is up to numpy's sort of numbers of
        the type in which scipy sums such a matrix, as it is in scikit-learn.
    """
    kept = (table.document_frequency >= least) & (table.document_frequency <= most)
    order = table.sort(kept)
    if max_features is None or len(order) <= max_features:
        return order
    frequency = table.document_frequency if binary or np.dtype(dtype) == bool else table.term_frequency
    summed = csr_matrix((1, 1), dtype=dtype).sum(axis=0).dtype
    chosen = np.zeros(len(order), bool)
    chosen[(-frequency[order].astype(summed)).argsort()[:max_features]] = True
    return order[chosen]


def given_vocabulary(given: Mapping[Any, int] | Iterable[Any]) -> dict[Any, int]:
    """Return the columns of terms that a caller chose: as he says, or in their order; a set is sorted.

    Raises
    ------
    ParameterError
        If there are none, if a term or a column is there twice, or if a column is left out.
    """
    if isinstance(given, Mapping):
        columns = set(given.values())
        if len(columns) != len(given):
            raise ParameterError("vocabulary: several terms have the same column, expected one for each")
        missing = set(range(len(given))) - columns
        if missing:
            raise ParameterError(
                f"vocabulary: none of {len(given)} terms has column {min(missing)}, expected one for each column"
            )
        vocabulary = dict(given)
    else:
        terms = sorted(given) if isinstance(given, set) else list(given)
        vocabulary = {term: column for column, term in enumerate(terms)}
        if len(vocabulary) != len(terms):
            twice = next(term for column, term in enumerate(terms) if vocabulary[term] != column)
            raise ParameterError(f"vocabulary: {twice!r} is there more than once, expected different terms")
    if not vocabulary:
        raise ParameterError("vocabulary: it has no terms, expected one or more; or None to learn it")
    return vocabulary
