"""Co-occurring pairs, cut into tiles that threads can train side by side."""

import math
import mmap
import os
import tempfile
from types import TracebackType
from typing import IO, Self

import numpy as np

from embedkit._cext import glove as kernel
from embedkit.errors import OutputError
from embedkit.models.cooccurrence.counts import Counts

__all__ = ["TiledPairs", "blocks_of_words"]

BLOCK_BYTES = 3 * 2**19
"""Rows of a block, vectors and AdaGrad sums: 1.5 MB. Two of them stay in the second and third cache; measured on
61 million pairs, d = 100: 24 M pairs/s with 6 MB, 59 M with 1.5 MB, 50 M with 0.75 MB."""
LEAST_PAIRS = 1024
"""Pairs of a tile, on average, below which starting one costs more than it saves."""


class TiledPairs:
    """The cells of a co-occurrence matrix as pairs of 8 bytes, shuffled within tiles; a context manager.

    Parameters
    ----------
    counts : Counts
        Its blocks are released on the way, so that there is never a second copy.
    row_bytes : int
        Of a row in training; with the number of pairs it decides how many blocks there are.
    seed : int
    n_threads : int
    memory : int
        Bytes above which the pairs live in a memory-mapped temporary file.

    Attributes
    ----------
    pairs : ndarray of embedkit._cext.glove.PAIR, (n_pairs,)
    starts : ndarray of int64, (n_blocks ** 2 + 1,)
        Where each tile begins.
    n_blocks : int
    n_words : int

    Raises
    ------
    OutputError
        If the temporary file has no room.
    """

    def __init__(self, counts: Counts, *, row_bytes: int, seed: int, n_threads: int, memory: int) -> None:
        self.n_words = counts.n_words
        self.n_blocks = blocks_of_words(self.n_words, counts.nnz, row_bytes)
        sizes = np.zeros(self.n_blocks**2, np.int64)
        for block in counts.blocks():
            kernel.count_tiles(block.first_row, block.indptr, block.indices, self.n_blocks, sizes, n_threads)
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._file: IO[bytes] | None = None
        self.pairs = self._room(counts.nnz, memory)
        ends = self.starts[:-1].copy()
        for block in counts.blocks(release=True):
            kernel.fill_tiles(
                block.first_row,
                block.indptr,
                block.indices,
                block.values(np.float32),
                self.n_blocks,
                ends,
                self.pairs,
                n_threads,
            )
        kernel.shuffle_tiles(self.pairs, self.starts, seed, n_threads)

    def pairs_of_round(self, shift: int) -> int:
        """How many pairs the tiles of a round have."""
        return int(self.starts[(shift + 1) * self.n_blocks] - self.starts[shift * self.n_blocks])

    def log_sum(self) -> float:
        """Sum of the logarithms of all counts, always in the same order."""
        return float(self.pairs["log_count"].sum(dtype=np.float64))

    def close(self) -> None:
        """Let go of the pairs; a temporary file disappears."""
        self.pairs = np.empty(0, kernel.PAIR)
        if self._file is not None:
            self._file.close()

    def _room(self, n_pairs: int, memory: int) -> np.ndarray:
        """Room for the pairs, in memory or in a file."""
        n_bytes = n_pairs * kernel.PAIR.itemsize
        if n_bytes <= memory:
            room = mmap.mmap(-1, max(n_bytes, 1))
            if hasattr(mmap, "MADV_NOHUGEPAGE"):
                # All tiles grow together: huge pages would take the whole room while the counts are still there.
                room.madvise(mmap.MADV_NOHUGEPAGE)
            return np.frombuffer(room, kernel.PAIR, n_pairs)
        try:
            self._file = tempfile.TemporaryFile(prefix="embedkit-pairs-")  # noqa: SIM115
            _reserve(self._file, n_bytes)
            return np.frombuffer(mmap.mmap(self._file.fileno(), n_bytes), kernel.PAIR, n_pairs)
        except OSError as error:
            if self._file is not None:
                self._file.close()
            raise OutputError(
                f"cannot reserve {n_bytes:,} bytes for pairs in the temporary directory {tempfile.gettempdir()}: "
                f"{error.strerror or error}; free some room there, set TMPDIR to another directory, or allow more "
                "memory"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def blocks_of_words(n_words: int, n_pairs: int, row_bytes: int) -> int:
    """How many blocks of words there are on either side of the matrix; machine and threads have no say in it."""
    by_cache = math.ceil(n_words * row_bytes / BLOCK_BYTES)
    # A small matrix is cut for the sake of threads alone.
    wanted = min(max(by_cache, 64), n_words, math.isqrt(n_pairs // LEAST_PAIRS))
    return max(wanted, math.ceil(n_words / kernel.MOST_ROWS), 1)


def _reserve(file: IO[bytes], n_bytes: int) -> None:
    """Take the room on the disk now: a write through the map that finds none would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
        return
    zeros = bytes(2**20)
    for start in range(0, n_bytes, len(zeros)):
        file.write(zeros[: n_bytes - start])
    file.flush()
