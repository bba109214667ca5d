"""New texts of many texts, on one process or several: the same whatever their number.

What becomes of a text depends on the seed, its position and the parameters; how texts are cut into chunks, and who
works on a chunk, makes no difference.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, takewhile
from typing import Any, Protocol
from uuid import uuid4

from embedkit._cext.augment import Stream

__all__ = ["Job", "Maker", "Stream", "make_texts"]

CHUNK = 512  # texts; a process works on them for some 20 ms
ROUND = 8  # chunks for each process, after which their texts are handed on

Job = tuple[int, str, int, tuple[str, ...]]
"""The position of a text, the text, how many new ones it should have, and others of its class."""


class Maker(Protocol):
    """What makes new texts."""

    def new_texts(self, text: str, wanted: int, numbers: Stream, others: tuple[str, ...]) -> list[str]:
        """Return up to `wanted` texts, all different, neither blank nor the text itself."""

    def prepare(self, texts: Iterable[str]) -> None:
        """Look up at once what new texts of these will need."""


def make_texts(
    source: Any, jobs: Iterable[Job], seed: int, maker_of: Callable[[Any], Maker], n_jobs: int
) -> Iterator[list[str]]:
    """Yield the new texts of each job, in order.

    Parameters
    ----------
    source : object
        What `maker_of` makes a maker of, in each process; it is pickled where there are several.
    jobs : iterable of (position, text, wanted, others)
        Read as texts are asked for, some thousand ahead at most.
    seed : int
        0 or more.
    maker_of : callable
    n_jobs : int
        Processes.

    Yields
    ------
    list of str
    """
    remaining = iter(jobs)
    if n_jobs == 1:
        maker = maker_of(source)
        while chunk := list(islice(remaining, CHUNK)):
            yield from _chunk_by(maker, seed, chunk)
        return
    yield from _in_processes(source, remaining, seed, maker_of, n_jobs)


def _in_processes(
    source: Any, jobs: Iterator[Job], seed: int, maker_of: Callable[[Any], Maker], n_jobs: int
) -> Iterator[list[str]]:
    from joblib import Parallel, delayed, wrap_non_picklable_objects

    maker_of(source)  # what is wrong is found here, and not by each process
    # Pickled once, and read once by each process, since what a source holds may be large.
    token, pickled = uuid4().hex, pickle.dumps(wrap_non_picklable_objects(source, keep_wrapper=False))
    # joblib would put quick chunks together until one process has all of a round.
    with Parallel(n_jobs=n_jobs, batch_size=1) as parallel:
        # Not all at once: what is read and what is made has to be held until it is handed on.
        while chunks := list(takewhile(bool, (list(islice(jobs, CHUNK)) for _ in range(ROUND * n_jobs)))):
            made = parallel(delayed(_make_chunk)(token, pickled, seed, maker_of, chunk) for chunk in chunks)
            yield from chain.from_iterable(made)


# Of the last call that this process worked for: what it has learned of words is of use for the next chunk.
_last: tuple[str, Maker] | None = None


def _make_chunk(
    token: str, pickled: bytes, seed: int, maker_of: Callable[[Any], Maker], jobs: list[Job]
) -> list[list[str]]:
    """The new texts of a chunk, in a process of its own."""
    global _last
    last = _last
    if last is None or last[0] != token:
        last = _last = token, maker_of(pickle.loads(pickled))  # noqa: S301 - pickled by the process that asks
    return list(_chunk_by(last[1], seed, jobs))


def _chunk_by(maker: Maker, seed: int, jobs: list[Job]) -> Iterator[list[str]]:
    """The new texts of each job of a chunk."""
    maker.prepare(text for _, text, _, _ in jobs)
    numbers = Stream(seed)
    for position, text, wanted, others in jobs:
        numbers.enter(position)
        yield maker.new_texts(text, wanted, numbers, others)
