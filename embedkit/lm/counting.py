"""From sentences of word ids to counted n-grams."""

import functools
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from embedkit._cext import ngrams
from embedkit.checks import check_integer
from embedkit.errors import InputError, ParameterError
from embedkit.lm.arrays import ArrayStore
from embedkit.lm.runs import merged_rows, sorted_runs
from embedkit.lm.trie import MOST_ORDER, SYMBOLS, UNK, Trie
from embedkit.text.encoding import EncodedCorpus
from embedkit.threads import check_threads

__all__ = ["CountingProgress", "NgramCounts", "count_ngrams"]

logger = logging.getLogger(__name__)

MOST_NODES = 2**32 - 1
PARTS = 16
"""Parts to a thread into which sorted rows are cut, so that the frequent first words do not leave threads idle."""


@dataclass(frozen=True)
class CountingProgress:
    """How far the counting is: the stage, its share that is done, and seconds since the begin."""

    stage: str
    fraction: float
    seconds: float


@dataclass(eq=False, repr=False)
class NgramCounts:
    """How often each n-gram occurs.

    Attributes
    ----------
    words : list of str
        By id; the first three are <unk>, <s> and </s>.
    trie : Trie
        Without links.
    totals : ndarray of uint64, (n_nodes,)
        Occurrences of each n-gram.
    n_tokens : int
        Words that were counted, and the ends of sentences.
    n_sentences : int
    store : ArrayStore
        Makes further arrays within the same memory.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["a rose is a rose", "a rose"])
    >>> counts = count_ngrams(encode_corpus(corpus, min_count=1), 2)
    >>> counts.frequency("a", "rose"), counts.frequency("<s>", "a"), counts.trie.n_ngrams
    (3, 2, [6, 5])
    """

    words: list[str]
    trie: Trie
    totals: np.ndarray
    n_tokens: int
    n_sentences: int
    store: ArrayStore

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return self.trie.order

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Id of each word."""
        return {word: i for i, word in enumerate(self.words)}

    def __repr__(self) -> str:
        sizes = " + ".join(f"{n:,}" for n in self.trie.n_ngrams)
        return f"<NgramCounts of order {self.order}, {sizes} n-grams>"

    def check_unused(self) -> None:
        """Raise ParameterError if a model has been estimated from the counts, whose place it has taken."""
        if not len(self.totals):
            raise ParameterError("these counts were used up by estimate(); count again for another model")

    def take_totals(self) -> np.ndarray:
        """The counts, which are gone from here then."""
        totals, self.totals = self.totals, np.empty(0, np.uint64)
        return totals

    def frequency(self, *words: str) -> int:
        """Occurrences of an n-gram; of unknown ones 0."""
        self.check_unused()
        ids = [self.index.get(word, -1) for word in words]
        node = -1 if -1 in ids else self.trie.find(ids)
        return 0 if node < 0 else int(self.totals[node])

    def items(self, n: int) -> Iterator[tuple[tuple[str, ...], int]]:
        """N-grams of order `n` that occur, and how often, in the order of the trie."""
        self.check_unused()
        check_integer("n", n, 1, self.order)
        begin, end = self.trie.level(n)
        ids = self.ids(n)
        for row, total in zip(ids.tolist(), self.totals[begin:end].tolist(), strict=True):
            if total:
                yield tuple(self.words[i] for i in row), total

    def ids(self, n: int) -> np.ndarray:
        """Word ids of all n-grams of order `n`: (n_ngrams, n) int64."""
        begin, end = self.trie.level(n)
        nodes = np.arange(begin, end)
        columns = []
        for level in range(n, 0, -1):
            columns.append(self.trie.words[nodes].astype(np.int64))
            parents = self.trie.parents(level)
            nodes = parents[nodes - self.trie.starts[level]]
        return np.stack(columns[::-1], axis=1)


def count_ngrams(
    encoded: EncodedCorpus,
    order: int,
    *,
    min_count: int = 0,
    max_vocab: int | None = None,
    skip_symbols: bool = False,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_progress: Callable[[CountingProgress], None] | None = None,
) -> NgramCounts:
    """Count the n-grams of sentences up to an order.

    A sentence is a document, with <s> before and </s> behind it. The result depends neither on the threads nor on the
    memory.

    Parameters
    ----------
    encoded : EncodedCorpus
        Ids that are ``len(vocabulary)`` or more count as the unknown word, as does the word ``<unk>``.
    order : int
        Length of the longest n-grams, 1 to 16.
    min_count : int
        Words with a smaller count in the vocabulary count as the unknown word.
    max_vocab : int, optional
        At most so many words, the first of the vocabulary; the others count as the unknown word.
    skip_symbols : bool
        Leave out ``<unk>``, ``<s>`` and ``</s>`` where they are words of the text.
    n_threads : int
    memory : int
        Bytes of n-grams above which sorted runs, and the trie, go to temporary files.
    on_progress : callable, optional
        Called with a `CountingProgress` now and then, in the calling thread.

    Returns
    -------
    NgramCounts
        Of a lower order, with a warning, if no sentence is long enough.

    Raises
    ------
    InputError
        If ``<s>`` or ``</s>`` is a word of the text, unless symbols are skipped, or if no word is left.
    OutputError
        If there is no room for temporary files.
    ParameterError
        If a parameter cannot work.
    """
    if not isinstance(encoded, EncodedCorpus):
        raise ParameterError(f"{type(encoded).__name__}: expected what encode_corpus makes of a corpus")
    check_integer("order", order, 1, MOST_ORDER)
    check_integer("min_count", min_count, 0)
    if max_vocab is not None:
        check_integer("max_vocab", max_vocab, 1)
    check_integer("memory", memory, 0)
    n_threads = check_threads(n_threads)
    started = time.perf_counter()

    def report(stage: str, fraction: float) -> None:
        if on_progress is not None:
            on_progress(CountingProgress(stage, fraction, time.perf_counter() - started))

    words, new_ids = _vocabulary(encoded, min_count, max_vocab, skip_symbols)
    store = ArrayStore(memory)
    stream, n_sentences = _stream(encoded, new_ids, store)
    n_tokens = len(stream) - n_sentences  # <s> is given, not predicted
    longest = _longest_sentence(stream)
    if order > longest:
        logger.warning("no sentence has %d tokens, <s> and </s> included: the order is %d instead", order, longest)
        order = longest
    runs = sorted_runs(stream, order, len(words), store, n_threads, lambda done: report("sorting", done))
    del stream
    keys, row_counts, parts = merged_rows(runs, order, len(words), store, n_threads, PARTS * n_threads)
    report("building", 0.0)
    trie, totals = _build(keys, row_counts, parts, order, len(words), store, n_threads)
    return NgramCounts(words, trie, totals, n_tokens, n_sentences, store)


def _vocabulary(
    encoded: EncodedCorpus, min_count: int, max_vocab: int | None, skip_symbols: bool
) -> tuple[list[str], np.ndarray]:
    """Words by new id, and the new id of each id of the corpus; negative for what is left out."""
    vocabulary = encoded.vocabulary
    places = [vocabulary.index[symbol] for symbol in SYMBOLS if symbol in vocabulary]
    if not skip_symbols:
        for symbol in SYMBOLS[1:]:
            if symbol in vocabulary and bool((encoded.ids == vocabulary.index[symbol]).any()):
                raise InputError(
                    f"the text has the word {symbol!r}, which stands for the begin or end of a sentence; a line is a "
                    "sentence already: take the word out, or skip such symbols (--skip-symbols, skip_symbols=True)"
                )
    kept = np.setdiff1d(np.flatnonzero(vocabulary.counts >= min_count), places)[:max_vocab]
    if not len(kept) and len(vocabulary) > len(places) and SYMBOLS[UNK] not in vocabulary:
        words = (word for word in vocabulary if word not in SYMBOLS)
        most = next(words)
        count = int(vocabulary.counts[vocabulary.index[most]])
        raise InputError(
            f"no word occurs {min_count} times: the most frequent, {most!r}, has {count}; set min_count (--min-count) "
            f"to {count} or less"
        )
    new_ids = np.full(len(vocabulary) + 1, UNK, np.int32)
    new_ids[kept] = np.arange(len(SYMBOLS), len(SYMBOLS) + len(kept), dtype=np.int32)
    if skip_symbols:
        new_ids[places] = -1
    return [*SYMBOLS, *(vocabulary.words[i] for i in kept.tolist())], new_ids


def _stream(encoded: EncodedCorpus, new_ids: np.ndarray, store: ArrayStore) -> tuple[np.ndarray, int]:
    """Tokens with <s> and </s> around each sentence, and the number of sentences."""
    room = store.empty(len(encoded.ids) + encoded.n_documents, np.uint32)
    n, _ = ngrams.stream_tokens(encoded.ids, new_ids, room, False)
    stream = room[:n]
    n_sentences = int(np.count_nonzero(stream == ngrams.EOS + 1))
    if n_sentences == 0:
        raise InputError("no words are left to count, all of them being <unk>, <s> or </s>; name a text that has some")
    return stream, n_sentences


def _longest_sentence(stream: np.ndarray) -> int:
    """Tokens of the longest sentence."""
    ends = np.flatnonzero(stream == ngrams.EOS + 1)
    return int(np.diff(ends, prepend=-1).max())


def _build(
    keys: np.ndarray,
    row_counts: np.ndarray | None,
    parts: np.ndarray,
    order: int,
    n_words: int,
    store: ArrayStore,
    n_threads: int,
) -> tuple[Trie, np.ndarray]:
    """Number the nodes of sorted rows, and write them."""
    n_nodes = ngrams.count_nodes(keys, parts, order, n_words, n_threads)
    sizes = n_nodes.sum(axis=0)
    sizes[0], sizes[1] = 1, n_words
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if starts[-1] > MOST_NODES:
        raise InputError(
            f"the text has {starts[-1]:,} different n-grams up to order {order}, more than {MOST_NODES:,}; lower the "
            "order, or train on less text"
        )
    cursors = (starts[:-1] + np.cumsum(n_nodes, axis=0) - n_nodes).astype(np.uint32)
    first = store.empty(int(starts[order]) + 1, np.uint32)
    words = store.empty(int(starts[-1]), np.uint32)
    totals = store.empty(int(starts[-1]), np.uint64)
    totals[: starts[2]] = 0
    words[0] = 0
    words[1 : starts[2]] = np.arange(n_words, dtype=np.uint32)
    first[0] = 1
    if order > 1:
        first[1 : starts[2]] = MOST_NODES
    first[-1] = starts[-1]
    ngrams.fill_nodes(keys, row_counts, parts, cursors, order, n_words, words, first, totals, n_threads)
    if order > 1:
        _close_gaps(first[1 : starts[2]], int(starts[3]))
    return Trie(starts, first, words, np.empty(0, np.uint32)), totals


def _close_gaps(first: np.ndarray, end: int) -> None:
    """Let words that begin no n-gram have no children: where those of the next word begin."""
    absent = first == MOST_NODES
    first[absent] = end
    first[:] = np.minimum.accumulate(first[::-1])[::-1]
