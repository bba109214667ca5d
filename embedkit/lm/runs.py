"""Rows of n-grams in order: sorted at once where memory allows, in runs that are merged from files beyond that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from embedkit._cext import ngrams
from embedkit.lm.arrays import ArrayStore, temporary_file
from embedkit.threads import share_work

__all__ = ["Run", "merged_rows", "sorted_runs"]

LEAST_ROWS = 2**16
"""Rows to a run at least, however small the memory: a megabyte or two."""


@dataclass
class Run:
    """Sorted rows: all of them, or each different one with its count."""

    keys: np.ndarray
    counts: np.ndarray | None


def sorted_runs(
    stream: np.ndarray,
    order: int,
    n_words: int,
    store: ArrayStore,
    n_threads: int,
    on_progress: Callable[[float], None],
) -> list[Run]:
    """Sort the n-grams that begin at each token: one run where half of the memory holds them twice, or else several.

    Parameters
    ----------
    stream : ndarray of uint32, (n_tokens,)
    order, n_words : int
    store : ArrayStore
    n_threads : int
    on_progress : callable
        Called with the share that is done.

    Returns
    -------
    list of Run
        A single one has no counts.
    """
    width = ngrams.row_width(order, n_words)
    row_bytes = 2 * 8 * width + 8
    room = max(LEAST_ROWS, store.memory // 2 // row_bytes)
    if len(stream) > room:
        return _spilled(stream, room, order, n_words, store, n_threads, on_progress)
    on_progress(0.0)
    return [Run(_sorted(stream, 0, len(stream), order, n_words, n_threads), None)]


def _sorted(stream: np.ndarray, begin: int, end: int, order: int, n_words: int, n_threads: int) -> np.ndarray:
    """The rows of the n-grams that begin at stream[begin:end], in order."""
    shape = end - begin, ngrams.row_width(order, n_words)
    keys, spare = np.empty(shape, np.uint64), np.empty(shape, np.uint64)
    ngrams.pack(stream, begin, end, order, n_words, keys, n_threads)
    return spare if ngrams.sort(keys, spare, order, n_words, n_threads) else keys


def _spilled(
    stream: np.ndarray,
    room: int,
    order: int,
    n_words: int,
    store: ArrayStore,
    n_threads: int,
    on_progress: Callable[[float], None],
) -> list[Run]:
    """Runs of `room` n-grams each, the different ones with their counts, in one temporary file."""
    width = ngrams.row_width(order, n_words)
    places = []
    with temporary_file() as file:
        for begin in range(0, len(stream), room):
            on_progress(begin / len(stream))
            keys = _sorted(stream, begin, min(len(stream), begin + room), order, n_words, n_threads)
            counts = np.empty(len(keys), np.uint64)
            n = ngrams.unique(keys, counts, order, n_words)
            places.append((store.appended(file, keys[:n]), store.appended(file, counts[:n]), n))
        whole = np.memmap(file, np.uint64, "r")
    return [
        Run(whole[first // 8 : first // 8 + n * width].reshape(n, width), whole[second // 8 : second // 8 + n])
        for first, second, n in places
    ]


def merged_rows(
    runs: list[Run], order: int, n_words: int, store: ArrayStore, n_threads: int, n_parts: int
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Bring runs together.

    Parameters
    ----------
    runs : list of Run
        Let go of.
    order, n_words : int
    store : ArrayStore
    n_threads : int
    n_parts : int
        About so many.

    Returns
    -------
    keys : ndarray of uint64, (n_rows, width)
    counts : ndarray of uint64, (n_rows,), or None
        Of each row; None for 1.
    parts : ndarray of int64, (n_parts, 2)
        Where the rows of each part stand: the first, and the one behind the last. Between parts there may be gaps; no
        two have rows with the same first token.
    """
    tokens = _cuts(max(runs, key=lambda run: len(run.keys)).keys, n_parts, order, n_words)
    bounds = np.array([_bounds(run.keys, tokens, order, n_words) for run in runs])
    if len(runs) == 1:
        parts = np.stack([bounds[0, :-1], bounds[0, 1:]], axis=1)
        return runs[0].keys, runs[0].counts, parts
    n_rows = int(bounds[:, -1].sum())
    keys = store.mapped((n_rows, runs[0].keys.shape[1]), np.uint64)
    counts = store.mapped(n_rows, np.uint64)
    places = bounds.sum(axis=0)
    parts = np.stack([places[:-1], places[1:]], axis=1)

    def merge(part: int) -> None:
        begin, end = parts[part].tolist()
        inputs = [slice(*bounds[run, part : part + 2]) for run in range(len(runs))]
        parts[part, 1] = begin + ngrams.merge(
            [run.keys[rows] for run, rows in zip(runs, inputs, strict=True)],
            [run.counts[rows] for run, rows in zip(runs, inputs, strict=True) if run.counts is not None],
            keys[begin:end],
            counts[begin:end],
            order,
            n_words,
        )

    with ThreadPoolExecutor(n_threads) as pool:
        share_work(pool, n_threads, merge, range(len(parts)))
    runs.clear()
    return keys, counts, parts


def _cuts(keys: np.ndarray, n_parts: int, order: int, n_words: int) -> list[int]:
    """First tokens at which to cut rows into parts of about the same size, ascending, from 0 to beyond the last."""
    rows = [len(keys) * part // n_parts for part in range(1, n_parts)] if len(keys) else []
    tokens = {ngrams.first_token(keys, row, order, n_words) for row in rows}
    return [0, *sorted(tokens - {0}), n_words + 1]


def _bounds(keys: np.ndarray, tokens: list[int], order: int, n_words: int) -> list[int]:
    """Where the rows of each first token in `tokens`, or a larger one, begin."""
    return [ngrams.first_row(keys, 0, len(keys), token, order, n_words) for token in tokens]
