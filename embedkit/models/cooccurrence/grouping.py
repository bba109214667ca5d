"""Chunks of the id stream, and their positions grouped by word: the inverted index that counting walks."""

import contextlib
import mmap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from embedkit._cext import cooccurrence as kernel

__all__ = ["group", "has_pairs", "is_mapped", "occurrences", "read_ids"]

PIECE = 2**22
"""Ids of a memory-mapped file that are in memory at a time: 16 MB."""


def is_mapped(ids: np.ndarray) -> bool:
    """Whether ids lie in a file rather than in memory."""
    return isinstance(ids, np.memmap)


def occurrences(ids: np.ndarray, n_words: int) -> np.ndarray:
    """How often each word stands in the ids, (n_words,) int64."""
    counts = np.zeros(n_words, np.int64)
    for piece in _pieces(ids):
        kernel.tally(piece, counts)
    return counts


def has_pairs(ids: np.ndarray) -> bool:
    """Whether any document has two words."""
    before = -1
    for piece in _pieces(ids):
        known = piece >= 0
        if (known[0] and before >= 0) or (known[1:] & known[:-1]).any():
            return True
        before = int(piece[-1])
    return False


def read_ids(ids: np.ndarray, begin: int, end: int) -> np.ndarray:
    """Part of the ids, in memory: a copy if they lie in a file, whose pages then make way for what comes next."""
    if not is_mapped(ids):
        return ids[begin:end]
    copy = np.empty(end - begin, np.int32)
    done = 0
    for piece in _pieces(ids[begin:end]):
        copy[done : done + len(piece)] = piece
        done += len(piece)
    return copy


def group(
    pool: ThreadPoolExecutor,
    ids: np.ndarray,
    begin: int,
    end: int,
    n_words: int,
    n_threads: int,
    *,
    by_document: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Group positions by the words that stand there: a counting sort, shared by threads.

    Parameters
    ----------
    pool : ThreadPoolExecutor
    ids : ndarray of int32, (n_ids,)
        In memory.
    begin, end : int
        Which positions.
    n_words : int
    n_threads : int
    by_document : bool
        Group the numbers of the documents instead, the first that ends after `begin` being 0.

    Returns
    -------
    groups : ndarray of int32
        Ascending within a word.
    starts : ndarray of int64, (n_words + 1,)
        Where each word's group begins.
    """
    cuts = list(pairwise(np.linspace(begin, end, n_threads + 1).astype(int).tolist()))
    # Of each thread's part: how often words occur, and then where in the groups its next entry goes.
    cursors = np.zeros((n_threads, n_words), np.int64)
    n_ends = list(pool.map(lambda cut, cursor: kernel.tally(ids[slice(*cut)], cursor), cuts, cursors))
    documents = [sum(n_ends[:part]) if by_document else -1 for part in range(n_threads)]
    starts = np.zeros(n_words + 1, np.int64)
    np.cumsum(cursors.sum(axis=0), out=starts[1:])
    at = starts[:-1].copy()
    for cursor in cursors:
        found = cursor.copy()
        cursor[:] = at
        at += found
    groups = np.empty(starts[-1], np.int32)

    def scatter(cut: tuple[int, int], cursor: np.ndarray, document: int) -> None:
        kernel.group_by_word(ids, cut[0], cut[1], cursor, groups, document)

    list(pool.map(scatter, cuts, cursors, documents))
    return groups, starts


def _pieces(ids: np.ndarray) -> Iterator[np.ndarray]:
    """Short slices; of a memory-mapped file, only one is in memory at a time."""
    for start in range(0, len(ids), PIECE):
        yield ids[start : start + PIECE]
        # Pages of a file that may be shared come back from it; private ones ("c") could hold what only they have.
        if isinstance(ids, np.memmap) and ids.mode != "c" and hasattr(mmap, "MADV_DONTNEED"):
            with contextlib.suppress(OSError):
                ids._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
