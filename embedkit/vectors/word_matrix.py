"""Words and their matrix: the mapping, its files, and what is derived from them. KeyedVectors adds the questions."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedkit.errors import FormatError, MissingWordError, ParameterError
from embedkit.vectors import search
from embedkit.vectors.checks import as_array, as_counts, as_matrix, as_words
from embedkit.vectors.formats import registry
from embedkit.vectors.formats.stored import EncodingErrors, StoredVectors, first_nonfinite, logger, shown
from embedkit.vectors.spelling import MissingWord

__all__ = ["WordMatrix"]

Floats = NDArray[np.float32]


class WordMatrix(Mapping[str, Floats]):
    """Words, their vectors and perhaps their counts; see `KeyedVectors`, which users meet, for the parameters."""

    def __init__(
        self,
        words: Iterable[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        keys = as_words(words)
        matrix = as_matrix(vectors, len(keys))
        self._adopt(StoredVectors(keys, matrix, as_counts(counts, len(keys))))
        if len(self.key_to_index) < len(keys):
            again = next(word for index, word in enumerate(keys) if self.key_to_index[word] != index)
            raise ParameterError(f"the word {shown(again)} comes more than once, expected every word once; drop one")
        row = None if allow_nonfinite else first_nonfinite(matrix)
        if row is not None:
            raise ParameterError(
                f"the vector of {shown(keys[row])} (row {row}) holds NaN, infinity or a number beyond float32; "
                "repair it, or pass allow_nonfinite=True to count such vectors as zero"
            )

    def _adopt(self, stored: StoredVectors) -> None:
        """Take words and vectors that are known to be sound, and forget what was derived from older ones."""
        self._words: list[str] | Callable[[], list[str]] = stored.words
        self._vectors = np.asarray(stored.vectors).view()
        self._vectors.flags.writeable = False
        self._counts = stored.counts
        if self._counts is not None:
            self._counts = np.asarray(self._counts).view()
            self._counts.flags.writeable = False
        for name in ("index_to_key", "key_to_index", "norms", "_divisors"):
            self.__dict__.pop(name, None)

    # Files

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,  # noqa: A002
        mmap: bool = False,
        encoding_errors: EncodingErrors = "strict",
        limit: int | None = None,
        allow_nonfinite: bool = False,
    ) -> Self:
        r"""Load vectors that embedkit, word2vec, GloVe, fastText (.vec) or gensim wrote.

        Parameters
        ----------
        path : str or path-like
            A file, decompressed if it ends in .gz, .bz2 or .xz, or a directory in the native format.
        format : str, optional
            "word2vec-binary", "word2vec-text", "glove" or "native"; default: told by the content.
        mmap : bool, default False
            Leave the matrix of the native format in its file, which opens in milliseconds; the other formats are
            read all the same, and a warning is logged.
        encoding_errors : "strict", "replace" or "ignore"
            What to do about words that are not UTF-8.
        limit : int, optional
            Load only the first words.
        allow_nonfinite : bool, default False
            Load vectors that hold NaN or infinity. What is memory-mapped is not looked through.

        Returns
        -------
        KeyedVectors
            Of a word that comes more than once the first vector is kept, and a warning logged.

        Raises
        ------
        FormatError
            If the file is damaged, cut short, or of a foreign kind.
        InputError
            If there is no such file.

        Examples
        --------
        >>> from embedkit import KeyedVectors
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        ...     _ = file.write(b"2 2\nnorth 1 0\nsouth -1 0\n")
        ...     file.flush()
        ...     KeyedVectors.load(file.name)
        <KeyedVectors: 2 words, 2 dimensions>
        """
        stored = registry.read(path, format=format, mmap=mmap, encoding_errors=encoding_errors, limit=limit)
        vectors = cls.__new__(cls)
        vectors._adopt(stored)
        row = None if allow_nonfinite or mmap else first_nonfinite(stored.vectors)
        if row is not None:
            raise FormatError(
                f"{os.fspath(path)}: the vector of {shown(vectors.index_to_key[row])} (word {row + 1}) holds NaN, "
                "infinity or a number beyond float32; repair it, or pass allow_nonfinite=True to count such vectors as "
                "zero"
            )
        return vectors

    def save(self, path: str | os.PathLike[str], *, format: str | None = None) -> list[str]:  # noqa: A002
        """Save words and vectors; the file appears complete or not at all.

        Parameters
        ----------
        path : str or path-like
            The ending names the format: .bin (word2vec-binary), .txt or .vec (word2vec-text), with .gz, .bz2 or .xz
            behind for a compressed file; .embedkit or a slash for a directory in the native format.
        format : str, optional
            "word2vec-binary", "word2vec-text", "glove" or "native": overrules the ending.

        Returns
        -------
        list of str
            What the format could not hold: a sentence each, none if it held all. Each is logged as a warning, too.

        Raises
        ------
        FormatError
            If a word does not fit the format; the native one holds any.
        OutputError
            If the file cannot be written.
        ParameterError
            If ending or format is unknown.

        Examples
        --------
        >>> from embedkit import KeyedVectors
        >>> import pathlib, tempfile
        >>> vectors = KeyedVectors(["north", "south"], [[1, 0], [-1, 0]], counts=[7, 5])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     notes = vectors.save(pathlib.Path(folder) / "poles.embedkit")
        ...     KeyedVectors.load(pathlib.Path(folder) / "poles.embedkit").counts.tolist()
        [7, 5]
        >>> notes
        []
        """
        notes = registry.write(path, self.index_to_key, self.vectors, self.counts, format=format)
        for note in notes:
            logger.warning(note)
        return notes

    # Words and vectors

    @property
    def vectors(self) -> Floats:
        """Matrix of shape (n_words, vector_size), read-only, perhaps a memory map."""
        return self._vectors

    @property
    def counts(self) -> NDArray[np.int64] | None:
        """How often each word came in the training text, shape (n_words,); None if that is unknown."""
        return self._counts

    @property
    def vector_size(self) -> int:
        """Numbers in a vector."""
        return self._vectors.shape[1]

    @cached_property
    def index_to_key(self) -> list[str]:
        """Word of each row."""
        return self._words if isinstance(self._words, list) else self._words()

    @cached_property
    def key_to_index(self) -> dict[str, int]:
        """Row of each word."""
        return {word: index for index, word in enumerate(self.index_to_key)}

    @cached_property
    def norms(self) -> Floats:
        """Euclidean length of each vector, shape (n_words,); computed once, and all that is kept beside the vectors."""
        return search.row_norms(self._vectors)

    @cached_property
    def _divisors(self) -> Floats:
        """Norms to divide by: infinite where there is no direction."""
        usable = (self.norms > 0) & np.isfinite(self.norms)
        return np.where(usable, self.norms, np.float32(np.inf))

    @overload
    def __getitem__(self, key: str) -> Floats: ...
    @overload
    def __getitem__(self, key: Sequence[str] | NDArray[np.str_]) -> Floats: ...
    def __getitem__(self, key: Any) -> Floats:
        """Vector of a word, shape (vector_size,), or matrix of a list of words, shape (len(key), vector_size)."""
        if isinstance(key, (list, tuple, np.ndarray)):
            return self._vectors[self._indices(key)]
        return self._vectors[self._index(key)]

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self.key_to_index

    def __iter__(self) -> Iterator[str]:
        return iter(self.index_to_key)

    def __len__(self) -> int:
        return len(self._vectors)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self):,} words, {self.vector_size} dimensions>"

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same words, vectors and counts in the same order."""
        if not isinstance(other, WordMatrix):
            return NotImplemented
        return (
            self._vectors.shape == other._vectors.shape
            and self.index_to_key == other.index_to_key
            and np.array_equal(self._vectors, other._vectors, equal_nan=True)
            and (self._counts is None) == (other._counts is None)
            and (self._counts is None or np.array_equal(self._counts, other._counts))  # type: ignore[arg-type]
        )

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        return {"words": self.index_to_key, "vectors": np.asarray(self._vectors), "counts": self._counts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._adopt(StoredVectors(state["words"], state["vectors"], state["counts"]))

    def add(
        self,
        words: str | Iterable[str],
        vectors: ArrayLike,
        *,
        counts: ArrayLike | None = None,
        replace: bool = False,
        allow_nonfinite: bool = False,
    ) -> None:
        """Add words behind the others, or give words new vectors.

        The matrix is copied: add many words at once rather than one by one. Memory-mapped vectors come into memory;
        their file stays as it is.

        Parameters
        ----------
        words : str or sequence of str
        vectors : array-like, shape (len(words), vector_size), or (vector_size,) for a single word
        counts : array-like of int, shape (len(words),), or int for a single word
            Needed if there are counts, not taken if there are words without.
        replace : bool, default False
            Whether words that are there get the new vector (and count), or are an error.
        allow_nonfinite : bool, default False
            Take vectors that hold NaN or infinity.

        Raises
        ------
        ParameterError
            If sizes do not match, or a word is there already. Nothing has changed then.

        Examples
        --------
        >>> from embedkit import KeyedVectors
        >>> vectors = KeyedVectors(["north"], [[1, 0]])
        >>> vectors.add("south", [-1, 0])
        >>> list(vectors)
        ['north', 'south']
        """
        if isinstance(words, str):
            words, vectors = [words], np.atleast_2d(as_array("vectors", vectors))
            counts = None if counts is None else np.atleast_1d(as_array("counts", counts))
        fresh = WordMatrix(words, vectors, counts, allow_nonfinite=allow_nonfinite)
        if fresh.vector_size != self.vector_size:
            raise ParameterError(
                f"vectors of {fresh.vector_size} numbers, expected {self.vector_size} as the others have"
            )
        known = [word for word in fresh if word in self.key_to_index]
        if known and not replace:
            raise ParameterError(
                f"the word {shown(known[0])} is there already; pass replace=True to give it a new vector"
            )
        if len(self) and (fresh.counts is None) != (self.counts is None):
            state = (
                "no counts, expected one for each word" if fresh.counts is None else "counts, but the others have none"
            )
            raise ParameterError(f"got {state}; give counts to all words or to none")
        new = [word for word in fresh if word not in self.key_to_index]
        all_words = self.index_to_key + new
        place = {word: index for index, word in enumerate(new, start=len(self))}
        rows = [place.get(word, self.key_to_index.get(word, -1)) for word in fresh]
        joined = np.concatenate([self._vectors, np.empty((len(new), self.vector_size), dtype=np.float32)])
        joined[rows] = fresh.vectors
        all_counts = fresh.counts
        if fresh.counts is not None:
            older = self._counts if self._counts is not None else np.empty(0, dtype=np.int64)
            all_counts = np.concatenate([older, np.empty(len(new), dtype=np.int64)])
            all_counts[rows] = fresh.counts
        self._adopt(StoredVectors(all_words, joined, all_counts))

    # Look-ups

    def _index(self, word: object) -> int:
        """Row of a word."""
        index = self.key_to_index.get(word) if isinstance(word, str) else None
        if index is None:
            raise MissingWordError(MissingWord(word, self.key_to_index, self.index_to_key))
        return index

    def _indices(self, words: Iterable[object]) -> NDArray[np.intp]:
        """Rows of words."""
        return np.array([self._index(word) for word in words], dtype=np.intp)
