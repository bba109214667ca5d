"""The vectors that words begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedkit.neural.layers.embedding import PADDING, UNKNOWN
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["InitialVectors", "initial_vectors", "number_words"]


@dataclass(frozen=True)
class InitialVectors:
    """Vectors of the words of a network.

    Attributes
    ----------
    table : ndarray of float32, (n_words, size)
        Of padding, unknown words and the words of the texts.
    kept : ndarray of float32, (n_kept, size)
        Of words that no text taught, which are never trained.
    n_found : int
        Words of the table whose vectors were given.
    """

    table: np.ndarray
    kept: np.ndarray
    n_found: int


def number_words(
    words: Sequence[str],
    counts: np.ndarray,
    min_count: int,
    max_vocab: int | None,
    others: KeyedVectors | None = None,
) -> tuple[dict[str, int], int]:
    """Number the words that get a vector.

    Parameters
    ----------
    words : sequence of str, (n_words,)
        The most frequent first.
    counts : ndarray of int, (n_words,)
    min_count : int
    max_vocab : int, optional
    others : KeyedVectors, optional
        Whose words get numbers behind those.

    Returns
    -------
    numbers : dict
        From word to number, behind those of padding and unknown words.
    n_words : int
        Numbers before those of `others`.

    Examples
    --------
    >>> number_words(["the", "cat", "dax"], np.array([3, 2, 1]), 2, None, KeyedVectors(["dax", "cat"], np.eye(2)))
    ({'the': 2, 'cat': 3, 'dax': 4}, 4)
    """
    known = [word for word, count in zip(words, counts.tolist(), strict=True) if count >= min_count][:max_vocab]
    numbers = {word: number for number, word in enumerate(known, start=UNKNOWN + 1)}
    n_words = len(numbers) + UNKNOWN + 1
    for word in others.index_to_key if others is not None else ():
        numbers.setdefault(word, len(numbers) + UNKNOWN + 1)
    return numbers, n_words


def initial_vectors(
    numbers: Mapping[str, int], n_words: int, vectors: KeyedVectors, random: np.random.Generator
) -> InitialVectors:
    """Look up the vectors of words; others are drawn with the spread of those found (Kim 2014, section 4.3).

    Parameters
    ----------
    numbers, n_words
        As `number_words` gives them.
    vectors : KeyedVectors
    random : numpy.random.Generator

    Returns
    -------
    InitialVectors

    Examples
    --------
    >>> vectors = KeyedVectors(["cat"], [[3.0, 4.0]])
    >>> found = initial_vectors({"cat": 2, "dax": 3}, 4, vectors, np.random.default_rng(1))
    >>> found.table[2].tolist(), found.n_found, found.table.shape, found.kept.shape
    ([3.0, 4.0], 1, (4, 2), (0, 2))
    """
    rows = np.full(len(numbers) + UNKNOWN + 1, -1)
    for word, number in numbers.items():
        rows[number] = vectors.key_to_index.get(word, -1)
    in_table = np.flatnonzero(rows[:n_words] >= 0)
    source = vectors.vectors[rows[in_table]] if len(in_table) else vectors.vectors
    # A uniform distribution over [-a, a] has the variance a² / 3.
    bound = np.sqrt(3.0 * source.var()) if source.size else 0.0
    table = random.uniform(-bound, bound, (n_words, vectors.vector_size)).astype(np.float32)
    table[PADDING] = 0.0
    table[in_table] = vectors.vectors[rows[in_table]]
    return InitialVectors(table, vectors.vectors[rows[n_words:]], len(in_table))
