"""Terms of documents, counted or hashed by the kernel on several threads."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from embedkit._cext import scan
from embedkit._cext import terms as kernel
from embedkit.errors import InputError
from embedkit.features.cjk import CJK_RANGES
from embedkit.text.character_tables import case_tables, word_classes
from embedkit.threads import share_work

__all__ = ["MOST_UNITS", "Analysis", "KnownTerms", "TermCounts", "count_known", "count_terms", "hash_terms"]

MOST_UNITS = int(kernel.MOST_UNITS)
"""Words or characters of the longest n-gram that the kernel counts."""

ANALYZERS = {"word": kernel.WORD, "char": kernel.CHAR, "char_wb": kernel.CHAR_WB}
# Characters that a thread takes at a time.
BATCH = 1 << 18
# Types of values that the kernel writes; others are converted.
VALUES = ("float32", "float64", "int32", "int64")

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""data, indices and indptr of a CSR matrix."""


@dataclass(frozen=True)
class Analysis:
    """What counts as a term, as far as the kernel knows it.

    Attributes
    ----------
    analyzer : {"word", "char", "char_wb"}
    ngram_range : tuple of int
        Units of the shortest and of the longest n-gram, from 1 to `MOST_UNITS`.
    lowercase : bool
    shortest : int
        Least characters of a word.
    split_cjk : bool
        Whether each letter in `CJK_RANGES` is a word of its own.
    stop_words : frozenset of str
    """

    analyzer: str = "word"
    ngram_range: tuple[int, int] = (1, 1)
    lowercase: bool = True
    shortest: int = 2
    split_cjk: bool = False
    stop_words: frozenset[str] = frozenset()

    def compiled(self) -> kernel.Analysis:
        """What the kernel takes."""
        cases, lower = case_tables()
        classes = word_classes() & np.uint8(scan.ALNUM) | cases
        if self.split_cjk:
            for first, last in CJK_RANGES:
                letters = classes[first : last + 1]
                letters[letters & scan.ALNUM > 0] |= np.uint8(kernel.CJK)
        stop_words = sorted(self.stop_words) if self.analyzer == "word" else []
        return kernel.Analysis(
            ANALYZERS[self.analyzer],
            *self.ngram_range,
            self.lowercase,
            self.shortest,
            self.split_cjk,
            classes,
            lower,
            stop_words,
        )


@dataclass(frozen=True)
class Part:
    """Rows of some documents that follow one another."""

    worker: int
    first: int
    lengths: np.ndarray


class Rows:
    """What the workers counted, in the order of the documents."""

    def __init__(self, workers: list[kernel.TermCounter], parts: list[Part]) -> None:
        self.workers = workers
        self.parts = parts
        self.n_documents = sum(len(part.lengths) for part in parts)

    @classmethod
    def count(cls, documents: Iterable[str], make: Callable[[], kernel.TermCounter], n_threads: int) -> Self:
        """Count documents with a worker for each thread."""
        workers = [make() for _ in range(n_threads)]
        free = list(range(n_threads))
        parts: dict[int, Part] = {}
        batches = Batches(documents)

        def work(batch: tuple[int, list[str]]) -> None:
            number, texts = batch
            worker = free.pop()
            first, lengths = workers[worker].add(texts)
            free.append(worker)
            parts[number] = Part(worker, first, lengths)

        run(n_threads, work, batches)
        return cls(workers, [parts[number] for number in sorted(parts)])

    def to_columns(self, columns: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Put columns in the place of terms; `columns` holds those of the words and of the nodes of each worker."""

        def work(part: Part) -> None:
            self.workers[part.worker].to_columns(part.first, part.lengths, *columns[part.worker])

        run(len(self.workers), work, self.parts)

    def take(self, n_columns: int, dtype: DTypeLike) -> Arrays:
        """Make the arrays of a CSR matrix and free the rows."""
        indptr = np.zeros(self.n_documents + 1, np.int64)
        if self.parts:
            np.cumsum(np.concatenate([part.lengths for part in self.parts]), out=indptr[1:])
        size = int(indptr[-1])
        index_type = np.int32 if max(size, n_columns) < 2**31 else np.int64
        final = np.dtype(dtype)
        indices = np.empty(size, index_type)
        data = np.empty(size, final if final.name in VALUES else np.int64)
        row_of_part = np.cumsum([0, *(len(part.lengths) for part in self.parts)]).tolist()
        bits = max(n_columns - 1, 1).bit_length()

        def work(number: int) -> None:
            part = self.parts[number]
            starts = indptr[row_of_part[number] : row_of_part[number + 1]]
            self.workers[part.worker].fill(part.first, part.lengths, starts, indices, data, bits)

        run(len(self.workers), work, range(len(self.parts)))
        for worker in self.workers:
            worker.close_rows()
        return data.astype(final, copy=False), indices, indptr.astype(index_type, copy=False)


class TermCounts:
    """Terms of documents, and how often each occurs in each.

    Terms have numbers in no particular order.

    Attributes
    ----------
    n_documents : int
    document_frequency, term_frequency : ndarray of int64, (n_terms,)
        Documents with the term, and its occurrences.
    """

    def __init__(self, rows: Rows, analyzer: str, n_threads: int) -> None:
        self.n_documents = rows.n_documents
        self._rows = rows
        self._analyzer = analyzer
        sizes = [(worker.n_words, worker.n_terms - worker.n_words) for worker in rows.workers]
        tallies: dict[int, np.ndarray] = {}

        def tally(number: int) -> None:
            tallies[number] = rows.workers[number].tally()

        run(n_threads, tally, range(len(rows.workers)))
        self._terms, *others = rows.workers
        # Of each worker, what its words and its nodes are called by the first.
        self._maps = [tuple(map(np.arange, sizes[0]))]
        for other in others:
            self._maps.append(self._terms.merge(other))
            other.close_lookup()
            other.close_terms()
        self._terms.close_lookup()
        n_words, n_terms = self._terms.n_words, self._terms.n_terms
        self._maps = [(words, nodes + np.int64(n_words)) for words, nodes in self._maps]
        frequencies = np.zeros((n_terms, 2), np.int64)
        for number, (words, nodes) in enumerate(self._maps):
            own_words = len(words)
            frequencies[words] += tallies[number][:own_words]
            frequencies[nodes] += tallies[number][own_words:]
        documents = frequencies[:, 0]
        # Words and short n-grams that only longer ones begin with are no terms.
        self._numbers = np.flatnonzero(documents)
        self._n_all = n_terms
        self.document_frequency = documents[self._numbers]
        self.term_frequency = frequencies[self._numbers, 1]

    def sort(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Put terms in code point order.

        Parameters
        ----------
        kept : ndarray of bool, (n_terms,), optional
            Which terms to sort; all if None.

        Returns
        -------
        ndarray of int64
            Numbers of the terms.
        """
        chosen = np.arange(len(self._numbers)) if kept is None else np.flatnonzero(kept)
        units = self._terms.unfold(self._numbers[chosen])
        if self._analyzer == "word":
            # A space sorts before all that a word is made of, so n-grams sort as the ranks of their words do.
            order = self._terms.order_words()
            ranks = np.zeros(len(order) + 1, np.int32)
            ranks[order] = np.arange(1, len(order) + 1)
            units, bits = ranks[units], 31
        else:
            units, bits = units + np.int32(1), 21
        return chosen[_sorted_rows(units, bits)]

    def terms(self, numbers: np.ndarray) -> list[str]:
        """Terms of numbers, words joined by a space."""
        return self._terms.terms(self._numbers[numbers])

    def matrix(self, columns: np.ndarray, n_columns: int, dtype: DTypeLike) -> Arrays:
        """Make the arrays of the document-term matrix; the counts are freed, so only once.

        Parameters
        ----------
        columns : ndarray of int32, (n_terms,)
            Of each term, or -1 to leave it out.
        n_columns : int
        dtype : dtype
            Of the data.

        Returns
        -------
        data, indices, indptr : ndarray
            Indices are sorted in each row, int32 unless int64 is needed.
        """
        all_columns = np.full(self._n_all, -1, np.int32)
        all_columns[self._numbers] = columns
        self._rows.to_columns([(all_columns[words], all_columns[nodes]) for words, nodes in self._maps])
        return self._rows.take(n_columns, dtype)


class KnownTerms:
    """A vocabulary made ready for counting.

    Parameters
    ----------
    vocabulary : mapping of str to int
        Terms and their columns.
    analysis : Analysis
        As for the documents.
    """

    def __init__(self, vocabulary: Mapping[str, int], analysis: Analysis) -> None:
        columns = np.fromiter(vocabulary.values(), np.int64, len(vocabulary))
        self.n_columns = int(columns.max(initial=-1)) + 1
        self.analysis = analysis.compiled()
        self.terms = kernel.Vocabulary(self.analysis, list(vocabulary), columns.astype(np.int32), self.n_columns)


def count_terms(documents: Iterable[str], analysis: Analysis, n_threads: int) -> TermCounts:
    """Find the terms of documents and count them.

    Parameters
    ----------
    documents : iterable of str
    analysis : Analysis
    n_threads : int

    Returns
    -------
    TermCounts

    Raises
    ------
    InputError
        If a document is no string.

    Examples
    --------
    >>> counts = count_terms(["to be or not to be", "be good"], Analysis(), n_threads=1)
    >>> order = counts.sort()
    >>> counts.terms(order), counts.term_frequency[order].tolist()
    (['be', 'good', 'not', 'or', 'to'], [3, 1, 1, 1, 2])
    """
    compiled = analysis.compiled()
    rows = Rows.count(documents, lambda: kernel.TermCounter(compiled), n_threads)
    return TermCounts(rows, analysis.analyzer, n_threads)


def count_known(
    documents: Iterable[str], vocabulary: KnownTerms, n_columns: int, n_threads: int, dtype: DTypeLike
) -> Arrays:
    """Count the terms of a vocabulary in documents.

    Parameters
    ----------
    documents : iterable of str
    vocabulary : KnownTerms
    n_columns : int
        Of the matrix, if it has more than the vocabulary.
    n_threads : int
    dtype : dtype
        Of the data.

    Returns
    -------
    data, indices, indptr : ndarray
        Of a CSR matrix; indices are sorted in each row, int32 unless int64 is needed.
    """
    rows = Rows.count(documents, lambda: kernel.TermCounter(vocabulary.analysis, vocabulary.terms), n_threads)
    return rows.take(max(n_columns, vocabulary.n_columns), dtype)


def hash_terms(
    documents: Iterable[str],
    analysis: Analysis,
    n_features: int,
    alternate_sign: bool,
    n_threads: int,
    dtype: DTypeLike,
) -> Arrays:
    """Hash the terms of documents into columns, with MurmurHash3 as scikit-learn does.

    Parameters
    ----------
    documents : iterable of str
    analysis : Analysis
    n_features : int
        Columns, from 1 to 2**31 - 1.
    alternate_sign : bool
        Let terms whose hash is negative count negatively.
    n_threads : int
    dtype : dtype
        Of the data.

    Returns
    -------
    data, indices, indptr : ndarray
        Of a CSR matrix; indices are sorted in each row, terms of one column summed, zeros kept.
    """
    compiled = analysis.compiled()

    def make() -> kernel.TermCounter:
        return kernel.TermCounter(compiled, n_features=n_features, alternate_sign=alternate_sign)

    return Rows.count(documents, make, n_threads).take(n_features, dtype)


def run(n_threads: int, work: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Let threads take items in turn."""
    with ThreadPoolExecutor(max(n_threads - 1, 1)) as pool:
        share_work(pool, n_threads, work, items)


def _sorted_rows(units: np.ndarray, bits: int) -> np.ndarray:
    """Order of the rows of a matrix of small numbers, the first column being the most important."""
    per_key = 63 // bits
    keys = []
    for start in range(0, units.shape[1], per_key):
        key = np.zeros(len(units), np.int64)
        for column in units[:, start : start + per_key].T:
            key = key << bits | column
        keys.append(key)
    return np.argsort(keys[0]) if len(keys) == 1 else np.lexsort(keys[::-1])


class Batches(Iterator[tuple[int, list[str]]]):
    """Documents in numbered batches, for threads to take in turn."""

    def __init__(self, documents: Iterable[str]) -> None:
        self._documents = iter(documents)
        self._numbers = count()
        self._position = 0
        self._lock = threading.Lock()

    def __next__(self) -> tuple[int, list[str]]:
        with self._lock:
            texts: list[str] = []
            size = 0
            for text in self._documents:
                if not isinstance(text, str):
                    raise InputError(
                        f"document {self._position} is of type {type(text).__name__}, expected a string: {text!r:.80}"
                    )
                self._position += 1
                texts.append(text)
                size += len(text) + 1
                if size >= BATCH:
                    break
            if not texts:
                raise StopIteration
            return next(self._numbers), texts
