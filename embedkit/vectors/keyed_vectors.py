"""KeyedVectors: the mapping from word to vector, and the questions one asks of it."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedkit.checks import check_choice, check_integer
from embedkit.errors import ParameterError
from embedkit.vectors import search
from embedkit.vectors.checks import Item, Vector, are_words, as_items, as_queries, as_vector, as_weights, as_words
from embedkit.vectors.formats.stored import StoredVectors
from embedkit.vectors.search import unit_rows
from embedkit.vectors.word_matrix import Floats, WordMatrix

__all__ = ["KeyedVectors"]

METHODS = ("add", "mul")


class KeyedVectors(WordMatrix):
    """Words and their vectors.

    Parameters
    ----------
    words : sequence of str
        No word twice. By custom in order of descending frequency.
    vectors : array-like, shape (n_words, vector_size)
        Kept without a copy if it is a float32 matrix in C order; do not change it afterwards.
    counts : array-like of int, shape (n_words,), optional
        How often each word came in the training text.
    allow_nonfinite : bool, default False
        Take vectors that hold NaN or infinity. They count as zero vectors in every question.

    Raises
    ------
    ParameterError
        If sizes do not match, a word comes twice, or a vector holds NaN or infinity; the message names the word.

    Notes
    -----
    Similarity is the cosine. A zero vector has the similarity 0 to everything. Vectors handed out are read-only: change
    them with `add`.

    Examples
    --------
    >>> vectors = KeyedVectors(["north", "south", "up"], [[1, 0], [-1, 0], [0.8, 0.6]])
    >>> vectors
    <KeyedVectors: 3 words, 2 dimensions>
    >>> vectors["south"].tolist()
    [-1.0, 0.0]
    >>> [(word, round(similarity, 2)) for word, similarity in vectors.most_similar("north")]
    [('up', 0.8), ('south', -1.0)]
    """

    def normalized(self) -> Self:
        """Return the same words with vectors of unit length, a copy in memory.

        No question needs it: similarities are divided by the lengths anyway. Zero vectors stay zero.

        Returns
        -------
        KeyedVectors

        Examples
        --------
        >>> KeyedVectors(["up"], [[3, 4]]).normalized()["up"].tolist()
        [0.6000000238418579, 0.800000011920929]
        """
        normalized = type(self).__new__(type(self))
        normalized._adopt(StoredVectors(self.index_to_key, unit_rows(self.vectors), self.counts))
        return normalized

    # One or two words

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words, from -1 to 1.

        Parameters
        ----------
        a, b : str

        Returns
        -------
        float

        Raises
        ------
        MissingWordError
            If a word is missing.

        Examples
        --------
        >>> round(KeyedVectors(["north", "up"], [[1, 0], [0.8, 0.6]]).similarity("north", "up"), 6)
        0.8
        """
        return float(_clipped(self._unit_of(a) @ self._unit_of(b)))

    def similarities(self, query: str | Vector, words: Iterable[str] | None = None) -> Floats:
        """Return the cosine of a word or vector with each word.

        Parameters
        ----------
        query : str or array-like, shape (vector_size,)
        words : iterable of str, optional
            Default: all words, in the order of `index_to_key`.

        Returns
        -------
        ndarray of float32, shape (n_words,)

        Examples
        --------
        >>> KeyedVectors(["north", "up"], [[1, 0], [0.8, 0.6]]).similarities("north").tolist()
        [1.0, 0.800000011920929]
        """
        vector = self._vector_of(query)
        if words is None:
            return self._cosines(vector, slice(None))
        rows = self.vectors[self._indices(as_words(words))].astype(np.float64)
        return _clipped(unit_rows(rows) @ unit_rows(vector)).astype(np.float32)

    def distances(self, query: str | Vector, words: Iterable[str] | None = None) -> Floats:
        """Return 1 - the cosine of a word or vector with each word; see `similarities`.

        Examples
        --------
        >>> KeyedVectors(["north", "south"], [[1, 0], [-1, 0]]).distances("north").tolist()
        [0.0, 2.0]
        """
        return 1 - self.similarities(query, words)

    def rank(self, a: str, b: str) -> int:
        """Return the rank of `b` among the words that are most similar to `a`, from 1.

        Parameters
        ----------
        a, b : str

        Returns
        -------
        int
            One more than the number of words, `a` left out, that are more similar to `a` than `b` is.

        Examples
        --------
        >>> KeyedVectors(["north", "south", "up"], [[1, 0], [-1, 0], [0.8, 0.6]]).rank("north", "south")
        2
        """
        similarities = self.similarities(a)
        closer = similarities > similarities[self._index(b)]
        closer[self._index(a)] = False
        return int(np.count_nonzero(closer)) + 1

    # Sets of words

    def mean_vector(
        self,
        words: Sequence[str | Vector],
        weights: ArrayLike | None = None,
        *,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = False,
    ) -> Floats:
        """Return the weighted mean of words: the sum of weight x vector, divided by the sum of the absolute weights.

        Parameters
        ----------
        words : sequence of str or vectors
        weights : array-like, shape (len(words),), optional
            Negative ones point away from the word. Default: 1 each.
        pre_normalize : bool, default True
            Bring the vectors of words to unit length first. Vectors that are given stay as they are.
        post_normalize : bool, default False
            Bring the mean to unit length.
        ignore_missing : bool, default False
            Leave missing words out.

        Returns
        -------
        ndarray of float32, shape (vector_size,)
            Zero if the weights are all zero.

        Raises
        ------
        MissingWordError
            If a word is missing.
        ParameterError
            If there is no word, or not one weight for each.

        Examples
        --------
        >>> KeyedVectors(["north", "east"], [[2, 0], [0, 1]]).mean_vector(["north", "east"]).tolist()
        [0.5, 0.5]
        """
        words = [words] if isinstance(words, str) else list(words)
        factors = as_weights(weights, len(words))
        if ignore_missing:
            kept = [not isinstance(word, str) or word in self for word in words]
            words, factors = [word for word, keep in zip(words, kept, strict=True) if keep], factors[kept]
        if len(words) == 0:
            raise ParameterError("no word to take the mean of, expected at least one that has a vector")
        mean = self._mean(words, factors, pre_normalize)
        return (unit_rows(mean) if post_normalize else mean).astype(np.float32)

    def n_similarity(self, a: Sequence[str], b: Sequence[str]) -> float:
        """Return the cosine of the mean vectors of two sets of words.

        Parameters
        ----------
        a, b : sequence of str
            The means are of the vectors as they are, not of unit vectors.

        Returns
        -------
        float

        Examples
        --------
        >>> vectors = KeyedVectors(["north", "south", "up"], [[1, 0], [-1, 0], [0.8, 0.6]])
        >>> round(vectors.n_similarity(["north", "up"], ["south", "up"]), 2)
        0.0
        """
        means = [self.mean_vector(as_words(words), pre_normalize=False).astype(np.float64) for words in (a, b)]
        return float(_clipped(unit_rows(means[0]) @ unit_rows(means[1])))

    def doesnt_match(self, words: Sequence[str]) -> str:
        """Return the word that is least similar to the mean of all.

        Parameters
        ----------
        words : sequence of str

        Returns
        -------
        str

        Raises
        ------
        MissingWordError
            If a word is missing.

        Examples
        --------
        >>> KeyedVectors(["north", "up", "south"], [[1, 0], [0.8, 0.6], [-1, 0]]).doesnt_match(["up", "south", "north"])
        'south'
        """
        words = as_words(words)
        mean = self.mean_vector(words, post_normalize=True)
        return words[int(np.argmin(self.similarities(mean, words)))]

    # Neighbours

    def most_similar(
        self,
        positive: Item | Sequence[Item] | None = None,
        negative: Item | Sequence[Item] | None = None,
        topn: int = 10,
        *,
        method: Literal["add", "mul"] = "add",
        restrict_vocab: int | None = None,
    ) -> list[tuple[str, float]]:
        """Find the words most similar to `positive` and least similar to `negative`.

        "man is to king as woman is to ?" is ``most_similar(["king", "woman"], ["man"])``.

        Parameters
        ----------
        positive, negative : str, vector, (word or vector, weight) or a list of those, optional
            Words count with their unit vectors, vectors as they are. A weight stands for the 1 of a positive item and
            the -1 of a negative one; with method "mul" it must be left out.
        topn : int, default 10
            Words to return at most.
        method : "add" or "mul", default "add"
            3CosAdd, the cosine with the weighted mean of the items; or 3CosMul, the product of the cosines with the
            positive items divided by that with the negative ones, each shifted to 0 to 1.
        restrict_vocab : int, optional
            Look only among the first words, the most frequent ones by custom.

        Returns
        -------
        list of (word, similarity)
            Best first, without the words that were given.

        Raises
        ------
        MissingWordError
            If a word is missing.
        ParameterError
            If no item is given, or a parameter is not one of those above.

        References
        ----------
        Levy and Goldberg (2014), Linguistic regularities in sparse and explicit word representations, sections 3 and 6.

        Examples
        --------
        >>> words = ["king", "man", "queen", "woman"]
        >>> vectors = KeyedVectors(words, [[1, 1], [0.1, 1], [1, -1], [0.1, -1]])
        >>> vectors.most_similar(positive=["king", "woman"], negative=["man"], topn=1)[0][0]
        'queen'
        """
        check_choice("method", method, METHODS)
        topn, rows = check_integer("topn", topn, 0), self._restricted(restrict_vocab)
        pairs = [*as_items(positive, 1.0), *as_items(negative, -1.0)]
        if not pairs:
            raise ParameterError("neither positive nor negative given, expected at least one word or vector")
        given = [self._index(item) for item, _ in pairs if isinstance(item, str)]
        if method == "add":
            weights = as_weights([weight for _, weight in pairs], len(pairs))
            mean = self._mean([item for item, _ in pairs], weights, pre_normalize=True)
            scores = self._cosines(mean, rows)
        else:
            scores = self._multiplied(pairs, rows)
        return self._best(scores, topn, given)

    def similar_by_vector(
        self, vector: ArrayLike, topn: int = 10, *, restrict_vocab: int | None = None
    ) -> list[tuple[str, float]]:
        """Find the words most similar to a vector, none left out.

        Parameters
        ----------
        vector : array-like, shape (vector_size,)
        topn : int, default 10
        restrict_vocab : int, optional
            Look only among the first words.

        Returns
        -------
        list of (word, similarity)

        Examples
        --------
        >>> KeyedVectors(["north", "south"], [[1, 0], [-1, 0]]).similar_by_vector([2, 0], topn=1)
        [('north', 1.0)]
        """
        topn, rows = check_integer("topn", topn, 0), self._restricted(restrict_vocab)
        return self._best(self._cosines(as_vector(vector, self.vector_size), rows), topn, [])

    def nearest(
        self, queries: Sequence[str] | NDArray[Any], k: int = 10, *, restrict_vocab: int | None = None
    ) -> tuple[NDArray[np.intp], Floats]:
        """Find the rows most similar to each of many queries, in blocks of one matrix product each.

        Parameters
        ----------
        queries : sequence of str, or array-like of shape (n_queries, vector_size)
            A query that is a word is not among its own neighbours.
        k : int, default 10
            Neighbours of each query; fewer, but as many for each, if there are fewer words.
        restrict_vocab : int, optional
            Look only among the first words.

        Returns
        -------
        indices : ndarray of intp, shape (n_queries, k)
            Rows, best first; ``index_to_key`` has their words.
        similarities : ndarray of float32, shape (n_queries, k)

        Raises
        ------
        MissingWordError
            If a word is missing.

        Examples
        --------
        >>> vectors = KeyedVectors(["north", "south", "up"], [[1, 0], [-1, 0], [0.8, 0.6]])
        >>> indices, similarities = vectors.nearest(["north", "south"], k=1)
        >>> [vectors.index_to_key[index] for index in indices[:, 0]]
        ['up', 'up']
        """
        k, rows = check_integer("k", k, 0), self._restricted(restrict_vocab)
        excluded = None
        if are_words(queries):
            excluded = self._indices([queries] if isinstance(queries, str) else queries)
            matrix = self.vectors[excluded]
        else:
            matrix = as_queries(queries, self.vector_size)
        return search.nearest_rows(unit_rows(matrix), self.vectors[rows], self._divisors[rows], k, excluded)

    def _unit_of(self, word: str) -> NDArray[np.float64]:
        """Unit vector of a word."""
        return unit_rows(self[word].astype(np.float64))

    def _vector_of(self, item: str | Vector) -> NDArray[np.float64]:
        """Vector of a word, or the vector that was given."""
        return self[item].astype(np.float64) if isinstance(item, str) else as_vector(item, self.vector_size)

    def _cosines(self, vector: NDArray[np.float64], rows: slice) -> Floats:
        """Cosine of a vector with the words of some rows."""
        return search.cosines(unit_rows(vector).astype(np.float32), self.vectors[rows], self._divisors[rows])

    def _mean(
        self, items: Sequence[str | Vector], weights: NDArray[np.float64], pre_normalize: bool
    ) -> NDArray[np.float64]:
        """Weighted mean of words and vectors."""
        total = np.zeros(self.vector_size)
        for item, weight in zip(items, weights, strict=True):
            vector = self._unit_of(item) if pre_normalize and isinstance(item, str) else self._vector_of(item)
            total += weight * vector
        weight_sum = np.abs(weights).sum()
        return total / weight_sum if weight_sum > 0 else total

    def _multiplied(self, pairs: list[tuple[str | Vector, float]], rows: slice) -> Floats:
        """3CosMul of every word."""
        if any(abs(weight) != 1 for _, weight in pairs):
            raise ParameterError("method='mul' takes no weights; leave them out or use method='add'")
        positive, negative = (
            [self._cosines(self._vector_of(item), rows) for item, weight in pairs if weight * sign > 0]
            for sign in (1, -1)
        )
        return search.cos_mul(positive, negative)

    def _restricted(self, restrict_vocab: int | None) -> slice:
        """Rows to search."""
        return slice(None if restrict_vocab is None else check_integer("restrict_vocab", restrict_vocab, 1))

    def _best(self, scores: Floats, topn: int, excluded: list[int]) -> list[tuple[str, float]]:
        """Words of the highest scores."""
        inside = [index for index in excluded if index < len(scores)]
        scores[inside] = -np.inf
        best = search.top_k(scores, min(topn, len(scores) - len(set(inside))))
        return [(self.index_to_key[index], float(scores[index])) for index in best]


def _clipped(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosines without what rounding added beyond 1."""
    return np.clip(cosines, -1, 1)
