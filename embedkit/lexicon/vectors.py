"""A lexicon from word vectors: mutual nearest neighbours that are about as frequent."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedkit.checks import check_flag, check_integer, check_number
from embedkit.errors import ParameterError
from embedkit.lexicon.protocol import Lexicon, check_word, distinct_words, refuse_senses
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["VectorLexicon"]


class VectorLexicon(Lexicon):
    """Words of similar vectors as synonyms, for languages and fields that no dictionary covers.

    A word's synonyms are those of its nearest neighbours that have it among their own nearest neighbours, and are
    neither much rarer nor much more frequent.

    Parameters
    ----------
    vectors : KeyedVectors
    n : int, default 10
        How many nearest neighbours are looked at, on either side.
    min_similarity : float, default 0.5
        The least cosine.
    mutual : bool, default True
        Whether a neighbour must have the word among its own nearest `n`. Without it the words that are near to
        everything come as synonyms of everything.
    frequency_ratio : float or None, default 10.0
        By what factor a neighbour may be more or less frequent; None for any. By the counts of the vectors, or, if
        there are none, by Zipf's law: words are taken to stand in descending order of frequency, and the frequency to
        fall as 1 / rank.

    Raises
    ------
    ParameterError
        If a parameter cannot work.

    Notes
    -----
    Vectors know what words stand in the same places, not what they mean: antonyms ("good" and "bad") and words of one
    kind ("red" and "blue") can come among the synonyms. Where that would turn a label around, take a dictionary.

    A word is looked up as it is, then in lower case. Neighbours are found once and kept, 8 bytes for each; `precompute`
    finds those of many words at once, which is many times as fast as one after another. Parts of speech and senses
    are unknown, and to name one is a ParameterError; antonyms, hypernyms and hyponyms are none.

    Examples
    --------
    >>> words = ["cat", "kitten", "car"]
    >>> lexicon = VectorLexicon(KeyedVectors(words, [[1, 0.1], [1, 0.2], [0, 1]]), n=1)
    >>> lexicon.synonyms("cat"), lexicon.synonyms("car")
    (['kitten'], [])
    """

    def __init__(
        self,
        vectors: KeyedVectors,
        n: int = 10,
        *,
        min_similarity: float = 0.5,
        mutual: bool = True,
        frequency_ratio: float | None = 10.0,
    ) -> None:
        if not isinstance(vectors, KeyedVectors):
            raise ParameterError(f"vectors={vectors!r}: expected KeyedVectors, such as KeyedVectors.load gives")
        self.vectors = vectors
        self.n = check_integer("n", n, 1)
        self.min_similarity = check_number("min_similarity", min_similarity, -1)
        self.mutual = check_flag("mutual", mutual)
        self.frequency_ratio = None if frequency_ratio is None else check_number("frequency_ratio", frequency_ratio, 1)
        # Rows that were not asked for cost no memory: the system gives pages as they are written.
        shape = (len(vectors), min(self.n, max(len(vectors) - 1, 0)))
        self._nearest = np.zeros(shape, dtype=np.int32)
        self._similarities = np.zeros(shape, dtype=np.float32)
        self._known = np.zeros(len(vectors), dtype=bool)

    def __repr__(self) -> str:
        return f"<VectorLexicon: {self.vectors!r}>"

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._row(word) is not None

    def synonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        row = self._row(check_word(word))
        if row is None:
            return []
        self._find(np.array([row]))
        others = self._nearest[row][self._similarities[row] >= self.min_similarity]
        others = others[self._as_frequent(row, others)]
        if self.mutual:
            self._find(others)
            others = others[(self._nearest[others] == row).any(axis=1)]
        keys = self.vectors.index_to_key
        return list(distinct_words((keys[other] for other in others), [word, keys[row]]))

    def precompute(self, words: Iterable[str] | None = None) -> None:
        """Find the neighbours of many words at once; synonyms of those words then cost a look-up.

        Parameters
        ----------
        words : iterable of str, optional
            Words without a vector count for nothing. Default: all that have one.

        Examples
        --------
        >>> lexicon = VectorLexicon(KeyedVectors(["cat", "kitten"], [[1, 0.1], [1, 0.2]]))
        >>> lexicon.precompute(["a", "cat"])
        >>> lexicon.synonyms("cat")
        ['kitten']
        """
        if isinstance(words, str):
            raise ParameterError(f"words={words!r}: expected a sequence of words, met a single str")
        if words is None:
            self._find(np.arange(len(self.vectors)))
            return
        found = (self._row(check_word(word)) for word in words)
        rows = np.array(sorted({row for row in found if row is not None}), dtype=np.intp)
        self._find(rows)
        if self.mutual:
            near = self._nearest[rows][self._similarities[rows] >= self.min_similarity]
            self._find(np.unique(near))

    def antonyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        return super().antonyms(word)

    def hypernym_paths(self, word: str, *, pos: str | None = None, sense: int | None = None) -> list[list[str]]:
        refuse_senses(self, pos, sense)
        return super().hypernym_paths(word)

    def hyponyms(self, word: str, *, pos: str | None = None) -> list[str]:
        refuse_senses(self, pos)
        return super().hyponyms(word)

    def _row(self, word: str) -> int | None:
        """Row of a word as it is, in lower case, or with "_" for its spaces."""
        rows = self.vectors.key_to_index
        for spelling in (word, word.lower(), word.replace(" ", "_"), word.lower().replace(" ", "_")):
            if spelling in rows:
                return rows[spelling]
        return None

    def _find(self, rows: NDArray[Any]) -> None:
        """Find the neighbours of those rows that have not been asked for."""
        fresh = rows[~self._known[rows]]
        if len(fresh) == 0 or self._nearest.shape[1] == 0:
            return
        keys = self.vectors.index_to_key
        indices, similarities = self.vectors.nearest([keys[row] for row in fresh], k=self._nearest.shape[1])
        self._nearest[fresh] = indices
        self._similarities[fresh] = similarities
        self._known[fresh] = True

    def _as_frequent(self, row: int, others: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which rows are about as frequent as one row."""
        if self.frequency_ratio is None:
            return np.ones(len(others), dtype=bool)
        counts = self.vectors.counts
        # Where frequencies are as 1 / rank, their ratio is that of the ranks, turned around; the band has both sides.
        # A word that never came is taken to have come once: 0 is no factor of anything.
        mine = float(row + 1 if counts is None else max(counts[row], 1))
        theirs = others + 1.0 if counts is None else np.maximum(counts[others], 1).astype(np.float64)
        return (theirs <= mine * self.frequency_ratio) & (theirs * self.frequency_ratio >= mine)
