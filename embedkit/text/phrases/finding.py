"""Finding the phrases of a text: adjacent words counted, scored, and the best kept."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from embedkit._cext import phrases as kernel
from embedkit.errors import InputError
from embedkit.text.phrases.settings import PhraseSettings
from embedkit.threads import share_work

__all__ = ["FoundPhrases", "find_phrases"]

# Of an occurrence of a pair: 8 for itself, and as much as 16 for what is found of it.
PAIR_BYTES = 24
# Parts of the ids of which each may bring its pairs to the memory at once: so few ranges read them again and again.
MOST_RANGES = 16
# Parts of the rows for each thread, so that none waits long for another.
PARTS = 8


@dataclass(frozen=True)
class FoundPhrases:
    """Phrases as word ids.

    Attributes
    ----------
    words : ndarray of int32
        All words of the first phrase, then those of the second, and so on.
    offsets : ndarray of int64, (n_phrases + 1,)
        Where the words of each begin.
    scores : ndarray of float64, (n_phrases,)
    counts : ndarray of int64, (n_phrases,)
        How often their words stand together.

    Examples
    --------
    >>> found = FoundPhrases(np.array([4, 0, 7, 1, 2]), np.array([0, 2, 5]), np.array([3.0, 2.5]), np.array([6, 5]))
    >>> len(found), found.words[found.offsets[1] : found.offsets[2]].tolist()
    (2, [7, 1, 2])
    """

    words: np.ndarray
    offsets: np.ndarray
    scores: np.ndarray
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class _Pairs:
    """Pairs that occur often enough: first word, second part as the kernel writes it, count."""

    first: np.ndarray
    second: np.ndarray
    counts: np.ndarray


def find_phrases(
    ids: np.ndarray,
    word_counts: np.ndarray,
    connectors: np.ndarray,
    settings: PhraseSettings,
    pool: Executor,
    n_threads: int,
    *,
    memory: int,
    on_part: Callable[[float], None],
) -> FoundPhrases:
    """Count the pairs of adjacent words, and keep those whose score exceeds the threshold.

    The pairs are counted a range of first words at a time, so that they fit into `memory`; each range reads the ids
    twice. An occurrence of a pair takes 24 bytes. However little `memory` is, a range may have a sixteenth of the ids,
    1.5 bytes for each of them all, so that there are 33 ranges at most; and it has a word at least, of any frequency.

    Parameters
    ----------
    ids : ndarray of int32, (n_ids,)
        Negative behind the last word of each document.
    word_counts : ndarray of int64, (n_words,)
    connectors : ndarray of int
        Ids of the connector words.
    settings : PhraseSettings
    pool : Executor
    n_threads : int
    memory : int
        Bytes for the pairs.
    on_part : callable
        Called with the share that is done.

    Returns
    -------
    FoundPhrases

    Raises
    ------
    InputError
        If there are 2**40 ids or more.
    MemoryError

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> ids = np.array([0, 1, -1, 2, 0, 1, -1, 2, 2, -1], np.int32)
    >>> settings, none = PhraseSettings(min_count=1, threshold=1.5), np.empty(0, np.int64)
    >>> with ThreadPoolExecutor(1) as pool:
    ...     found = find_phrases(ids, np.array([2, 2, 3]), none, settings, pool, 1, memory=1000, on_part=print)
    1.0
    >>> found.words.tolist(), found.scores.tolist(), found.counts.tolist()
    ([0, 1], [1.75], [2])
    """
    if len(ids) >= kernel.MOST_IDS:
        raise InputError(f"{len(ids)} word ids, expected less than {kernel.MOST_IDS} to find phrases; cut the text")
    every = settings.scoring == "gensim"
    roles = np.full(len(word_counts), kernel.RARE, np.int32)
    frequent = word_counts >= (1 if every else settings.min_count)
    frequent[connectors] = False
    row_words = np.flatnonzero(frequent).astype(np.int32)
    roles[row_words] = np.arange(len(row_words))
    roles[connectors] = kernel.CONNECTOR
    parts, n_pairs = [], 0
    room = max(memory // PAIR_BYTES, len(ids) // MOST_RANGES)
    for first, stop in _ranges(word_counts[row_words], room):
        pairs, n = _count_range(ids, roles, row_words, first, stop, settings.min_count, every, pool, n_threads)
        parts.append(pairs)
        n_pairs += n
        on_part(stop / len(row_words))
    # gensim has words and pairs in one table, connector words in none.
    n_entries = n_pairs + len(row_words)
    return _best(ids, roles, word_counts, _concatenated(parts), settings, n_entries)


def _ranges(counts: np.ndarray, room: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that have at most `room` occurrences, or are one row."""
    ends = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = ends[first - 1] if first else 0
        stop = max(int(np.searchsorted(ends, before + room, side="right")), first + 1)
        yield first, stop
        first = stop


def _count_range(
    ids: np.ndarray,
    roles: np.ndarray,
    row_words: np.ndarray,
    first: int,
    stop: int,
    least: int,
    every: bool,
    pool: Executor,
    n_threads: int,
) -> tuple[_Pairs, int]:
    """Pairs of a range of first words, and how many different ones there are, or some of them if not `every`."""
    n_rows = stop - first
    # A slice has a cursor for each row; they may take as much room as the ids.
    n_slices = max(1, min(n_threads, len(ids) // (2 * n_rows)))
    cuts = [len(ids) * i // n_slices for i in range(n_slices + 1)]
    cursors = np.zeros((n_slices, n_rows), np.int64)

    def tally(i: int) -> None:
        kernel.group_pairs(ids, cuts[i], cuts[i + 1], roles, first, stop, cursors[i])

    share_work(pool, n_threads, tally, range(n_slices))
    totals = cursors.sum(axis=0)
    starts = np.concatenate([[0], np.cumsum(totals)])
    before = starts[:-1].copy()
    for cursor in cursors:
        before += cursor
        np.subtract(before, cursor, out=cursor)
    seconds = np.empty(starts[-1], np.uint64)

    def group(i: int) -> None:
        kernel.group_pairs(ids, cuts[i], cuts[i + 1], roles, first, stop, cursors[i], seconds)

    share_work(pool, n_threads, group, range(n_slices))
    found, counts = (np.empty(len(seconds) // least + 1, kind) for kind in (np.uint64, np.int64))
    n_found = np.zeros(n_rows, np.int64)
    n_parts = PARTS * n_threads
    edges = [0, *(int(np.searchsorted(starts, len(seconds) * i // n_parts)) for i in range(1, n_parts)), n_rows]
    n_pairs = np.zeros(n_parts, np.int64)

    def count(i: int) -> None:
        n_pairs[i] = kernel.count_rows(
            ids, roles, seconds, starts, edges[i], edges[i + 1], least, every, found, counts, n_found
        )

    share_work(pool, n_threads, count, range(n_parts))
    rows = np.repeat(np.arange(n_rows), n_found)
    # Row by row, from its place in `found` on.
    at = np.arange(len(rows)) - (np.cumsum(n_found) - n_found)[rows] + (starts[:-1] // least)[rows]
    return _Pairs(row_words[first + rows], found[at], counts[at]), int(n_pairs.sum())


def _concatenated(parts: list[_Pairs]) -> _Pairs:
    if not parts:
        return _Pairs(np.empty(0, np.int32), np.empty(0, np.uint64), np.empty(0, np.int64))
    return _Pairs(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )


def _best(
    ids: np.ndarray,
    roles: np.ndarray,
    word_counts: np.ndarray,
    pairs: _Pairs,
    settings: PhraseSettings,
    n_entries: int,
) -> FoundPhrases:
    """Score the pairs and keep the phrases."""
    last, lengths = np.empty(len(pairs.first), np.int32), np.empty(len(pairs.first), np.int64)
    kernel.measure(ids, roles, pairs.second, last, lengths)
    first_counts, last_counts = word_counts[pairs.first], word_counts[last]
    if settings.scoring == "npmi":
        scores = np.empty(len(pairs.first), np.float64)
        kernel.npmi(pairs.counts, first_counts, last_counts, int(word_counts.sum()), scores)
    else:
        scale = n_entries if settings.scoring == "gensim" else int(word_counts.sum())
        # In this order, gensim's scores come out to the last bit.
        scores = (pairs.counts - settings.min_count) / (first_counts.astype(float) * last_counts) * scale
    kept = np.flatnonzero(scores > settings.least_score)
    offsets = np.concatenate([[0], np.cumsum(lengths[kept])])
    words = np.empty(offsets[-1], np.int32)
    kernel.spell(ids, pairs.first[kept], pairs.second[kept], offsets, words)
    return FoundPhrases(words, offsets, scores[kept], pairs.counts[kept])
