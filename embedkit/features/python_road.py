"""Terms counted in Python: slower than the kernel, for analyzers, tokenizers and patterns that it does not know.

The table of terms has the methods of the kernel's, so that what follows need not know which of them counted.
"""

import re
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy.sparse import csr_matrix

__all__ = [
    "PythonCounts",
    "TermTable",
    "char_n_grams",
    "char_wb_n_grams",
    "count_known_terms",
    "word_n_grams",
]

WHITE_SPACE = re.compile(r"\s\s+")

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def word_n_grams(words: Iterable[Any], ngram_range: tuple[int, int]) -> list[Any]:
    """Return the n-grams of words, the shorter ones first; the words of one are joined by spaces.

    Examples
    --------
    >>> from embedkit.features.python_road import word_n_grams
    >>> word_n_grams(["a", "red", "fox"], (1, 2))
    ['a', 'red', 'fox', 'a red', 'red fox']
    """
    words = list(words)
    least, most = ngram_range
    if most == 1:
        return words  # also for least < 1, as in scikit-learn
    terms: list[Any] = []
    for n in range(least, min(most, len(words)) + 1):
        # Single words are taken as they are: those of a caller's tokenizer need not be strings.
        terms += words if n == 1 else [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    return terms


def char_n_grams(text: str, ngram_range: tuple[int, int]) -> list[str]:
    """Return the n-grams of the characters of a text, in which each run of white space is one space."""
    return _slices(WHITE_SPACE.sub(" ", text), *ngram_range)


def char_wb_n_grams(text: str, ngram_range: tuple[int, int]) -> list[str]:
    """Return the n-grams of the characters of each word with a space at either end; short words once, as a whole.

    Examples
    --------
    >>> from embedkit.features.python_road import char_wb_n_grams
    >>> char_wb_n_grams("a fox", (4, 5))
    [' a ', ' fox', 'fox ', ' fox ']
    """
    least, most = ngram_range
    terms: list[str] = []
    for word in text.split():
        terms += _slices(f" {word} ", min(least, len(word) + 2), most)
    return terms


def _slices(text: str, least: int, most: int) -> list[str]:
    """Every piece of `least` to `most` characters."""
    lengths = range(least, min(most, len(text)) + 1)
    return [text[start : start + n] for n in lengths for start in range(len(text) - n + 1)]


class TermTable:
    """Terms by number, and how often they occur.

    Parameters
    ----------
    numbers : dict
        Terms and their numbers, from 0 on, in order.
    n_documents : int
    document_frequency, term_frequency : ndarray of int64, (n_terms,)
        Documents that have the term, and its occurrences in all of them.
    """

    def __init__(
        self,
        numbers: dict[Any, int],
        n_documents: int,
        document_frequency: np.ndarray,
        term_frequency: np.ndarray,
    ) -> None:
        self.numbers = numbers
        self.n_documents = n_documents
        self.document_frequency = document_frequency
        self.term_frequency = term_frequency

    def sort(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Return the numbers of the terms, or of those that are kept, in order of the terms."""
        names = list(self.numbers)
        numbers = range(len(names)) if kept is None else np.flatnonzero(kept).tolist()
        return np.array(sorted(numbers, key=names.__getitem__), np.int64)

    def terms(self, numbers: np.ndarray) -> list[Any]:
        """Return the terms with these numbers."""
        names = list(self.numbers)
        return [names[number] for number in numbers.tolist()]


class PythonCounts(TermTable):
    """The terms of documents, counted.

    Parameters
    ----------
    documents : iterable of iterables
        Terms of each document; anything that a dict can hold.
    """

    def __init__(self, documents: Iterable[Iterable[Hashable]]) -> None:
        numbers: dict[Any, int] = {}
        self._rows = _count(documents, numbers, grow=True)
        data, indices, indptr = self._rows
        n_terms = len(numbers)
        term_frequency = np.bincount(indices, data, n_terms).astype(np.int64)
        super().__init__(numbers, len(indptr) - 1, np.bincount(indices, minlength=n_terms), term_frequency)

    def matrix(self, columns: np.ndarray, n_columns: int, dtype: DTypeLike) -> Arrays:
        """Return data, indices and indptr of the counts; terms with column -1 are left out."""
        data, indices, indptr = self._rows
        indices = columns[indices]
        kept = indices >= 0
        indptr = np.concatenate([[0], np.cumsum(kept)])[indptr]
        return _sorted_rows(data[kept], indices[kept], indptr, n_columns, dtype)


def count_known_terms(
    documents: Iterable[Iterable[Hashable]], vocabulary: Mapping[Any, int], dtype: DTypeLike
) -> Arrays:
    """Count the terms of a vocabulary in documents.

    Parameters
    ----------
    documents : iterable of iterables
        Terms of each document.
    vocabulary : mapping
        Terms and their columns.
    dtype : numpy dtype
        Of the counts.

    Returns
    -------
    data, indices, indptr : ndarrays
        Rows of a CSR matrix, indices in order.
    """
    data, indices, indptr = _count(documents, vocabulary, grow=False)
    return _sorted_rows(data, indices, indptr, len(vocabulary), dtype)


def _count(documents: Iterable[Iterable[Hashable]], numbers: Any, *, grow: bool) -> Arrays:
    """Counts and numbers of the terms, document by document; an unknown term gets a number if the table may grow."""
    values, indices, indptr = array("q"), array("q"), [0]
    for document in documents:
        row = Counter(document)
        if grow:
            indices.extend([numbers.setdefault(term, len(numbers)) for term in row])
            values.extend(row.values())
        else:
            known = [(numbers[term], count) for term, count in row.items() if term in numbers]
            indices.extend([number for number, _ in known])
            values.extend([count for _, count in known])
        indptr.append(len(indices))
    return _int64(values), _int64(indices), np.array(indptr, np.int64)


def _int64(values: Sequence[int]) -> np.ndarray:
    return np.array(values, np.int64)


def _sorted_rows(data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, n_columns: int, dtype: DTypeLike) -> Arrays:
    matrix = csr_matrix((data.astype(dtype), indices, indptr), shape=(len(indptr) - 1, n_columns))
    matrix.sort_indices()
    return matrix.data, matrix.indices, matrix.indptr
