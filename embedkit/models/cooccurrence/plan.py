"""How counting divides its memory: what is known before anything is taken."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from embedkit._cext import cooccurrence as kernel
from embedkit.errors import ParameterError

__all__ = ["Job", "Plan", "expected_pairs", "make_plan"]

# What the interpreter, numpy and scipy hold: 70 MB before a vocabulary is loaded; of a small budget, a quarter.
ALLOWANCE = 128 * 2**20
# An index of 4 and a sum of 8 bytes.
PAIR_BYTES = 12
# Pairs to a job: some 10 ms of work, and little beside what the result takes.
JOB_PAIRS = 2**20
# Neighbours to a job, unless one word has more: the most frequent words are worked alone.
JOB_NEIGHBOURS = 2**24
# Positions of the id stream that are grouped together, at least; and at most, since a position has 31 bits.
LEAST_CHUNK = 2**16
LARGEST_CHUNK = 2**30
NARROW_LIMIT = 2**32


@dataclass(frozen=True)
class Job:
    """Consecutive rows, which one thread counts."""

    first_row: int
    stop_row: int
    wide: bool  # whether a sum may need 64 bits


@dataclass(frozen=True)
class Plan:
    """Sizes that keep within the budget.

    Attributes
    ----------
    jobs : list of Job
        The same for each chunk, so that their runs merge job by job.
    job_pairs : int
        No job has more pairs.
    n_threads : int
        As many as have room for a workspace.
    chunk : int
        Positions of the id stream that are grouped, and counted, together.
    merge_pairs : int
        Pairs of several runs that a thread merges together.
    store_bytes : int
        For blocks of rows; more go to files.
    """

    jobs: list[Job]
    job_pairs: int
    n_threads: int
    chunk: int
    merge_pairs: int
    store_bytes: int


def make_plan(
    counts: np.ndarray, n_ids: int, *, neighbours: int, largest_sum: int, mapped: bool, n_threads: int, memory: int
) -> Plan:
    """Divide the memory.

    Parameters
    ----------
    counts : ndarray of int64, (n_words,)
        Occurrences of each word in the ids.
    n_ids : int
    neighbours : int
        Most that one occurrence has.
    largest_sum : int
        Of the weights of the neighbours of one occurrence.
    mapped : bool
        Whether the ids are in a file, and have to be copied; otherwise they are memory taken already, of which up to
        half the budget is deducted from it.
    n_threads : int
        At most so many.
    memory : int
        Bytes.

    Raises
    ------
    ParameterError
        If it is not enough for one thread, naming the least that is.
    """
    n_words = len(counts)
    largest = counts * neighbours
    pairs = np.minimum(largest, n_words)
    largest_row = int(pairs.max(initial=1))
    position_bytes = 8 if mapped else 4
    least_chunk = min(n_ids, LEAST_CHUNK)

    def taken(n_threads: int) -> int:
        """Whatever the sizes of jobs and chunks: ids, tables of words, workspaces."""
        tables = 8 * n_words * (6 + 2 * n_threads)
        return tables + 8 * kernel.workspace_size(n_words) * n_threads

    def chunk_bytes(job_pairs: int, n_threads: int) -> int:
        """For the least chunk, and the least merge: what is merged so far, one run more, and its way from a file."""
        return max(position_bytes * least_chunk, 3 * PAIR_BYTES * job_pairs * n_threads)

    def least(n_threads: int) -> int:
        return taken(n_threads) + PAIR_BYTES * largest_row * n_threads + chunk_bytes(largest_row, n_threads)

    resident = 0 if mapped else 4 * n_ids
    room = _room(memory, resident)
    if least(1) > room:
        # At least a quarter of a budget is room.
        enough = bisect_left(range(4 * least(1) + 8), least(1), key=lambda m: _room(m, resident))
        raise ParameterError(
            f"memory={memory} is too small to count {n_words} words in {n_ids} positions: expected {enough} bytes or "
            f"more ({-(-enough // 2**20)} MB); allow that, or lower the number of words by min_count or max_vocab"
        )
    n_threads = max(n for n in range(1, n_threads + 1) if least(n) <= room)
    job_pairs = max(largest_row, min(JOB_PAIRS, (room - taken(n_threads)) // (8 * PAIR_BYTES * n_threads)))
    rest = room - taken(n_threads) - PAIR_BYTES * job_pairs * n_threads
    if position_bytes * n_ids <= rest and n_ids <= LARGEST_CHUNK:
        chunk, store = n_ids, rest - position_bytes * n_ids
    else:
        share = max(rest // 2, chunk_bytes(job_pairs, n_threads))
        chunk, store = min(share // position_bytes, LARGEST_CHUNK), rest - share
    return Plan(
        _jobs(pairs, largest, counts * largest_sum >= NARROW_LIMIT, job_pairs),
        job_pairs,
        n_threads,
        chunk,
        max(2 * job_pairs, (rest - store) // (PAIR_BYTES * n_threads)),
        store,
    )


def expected_pairs(counts: np.ndarray, neighbours: int) -> np.ndarray:
    """About how many pairs each row has, (n_words,) float64: as if words stood beside each other at random."""
    share = counts / max(1, counts.sum())
    grid = np.unique(np.geomspace(1, max(2, counts.max()), 50).astype(np.int64))
    return np.interp(counts, grid, [-np.expm1(-share * (n * neighbours)).sum() for n in grid])


def _room(memory: int, resident: int) -> int:
    """What a budget leaves for counting."""
    return memory - min(ALLOWANCE, memory // 4) - min(resident, memory // 2)


def _jobs(pairs: np.ndarray, neighbours: np.ndarray, wide: np.ndarray, job_pairs: int) -> list[Job]:
    """Cut the rows so that no job has too many pairs or, but for a single row, neighbours, or sums of two widths."""
    n_words = len(pairs)
    pairs_before, neighbours_before = _sums_before(pairs), _sums_before(neighbours)
    changes = [*(np.flatnonzero(wide[1:] != wide[:-1]) + 1).tolist(), n_words]
    jobs: list[Job] = []
    first = 0
    for change in changes:
        while first < change:
            stop = min(
                int(np.searchsorted(pairs_before, pairs_before[first] + job_pairs, "right")) - 1,
                int(np.searchsorted(neighbours_before, neighbours_before[first] + JOB_NEIGHBOURS, "right")) - 1,
                change,
            )
            jobs.append(Job(first, max(stop, first + 1), bool(wide[first])))
            first = jobs[-1].stop_row
    return jobs


def _sums_before(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)])
