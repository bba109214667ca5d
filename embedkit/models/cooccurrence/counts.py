"""Counts of pairs of words: blocks of rows, handed on one after the other, or as one sparse matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from embedkit.errors import ParameterError
from embedkit.models.cooccurrence.runs import BlockStore, StoredBlock

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Counts", "RowBlock", "check_dtype"]


@dataclass(frozen=True)
class RowBlock:
    """Consecutive rows of a matrix of counts.

    Attributes
    ----------
    first_row : int
    indptr : ndarray of int64, (n_rows + 1,)
        Where each row begins in `indices`; the first begins at 0.
    indices : ndarray of int32, (nnz,)
        Columns, ascending within a row.
    sums : ndarray of uint32 or uint64, (nnz,)
        Sums of weights, in units.
    unit : int
        What stands for a weight of 1.
    """

    first_row: int
    indptr: np.ndarray
    indices: np.ndarray
    sums: np.ndarray
    unit: int

    def values(self, dtype: DTypeLike = np.float64) -> np.ndarray:
        """Weights, (nnz,): the sums divided by the unit."""
        return self.sums.astype(dtype) if self.unit == 1 else (self.sums / self.unit).astype(dtype, copy=False)


class Counts:
    """How often words stand beside words; a context manager, since large counts live in temporary files.

    Made by `count_cooccurrences`.

    Attributes
    ----------
    n_words : int
        Rows, and columns.
    nnz : int
        Pairs of words that occur.
    unit : int
        What stands for a weight of 1 in the sums of a block.
    row_nnz : ndarray of int64, (n_words,)
        Pairs in each row.
    seconds : float
        Time the counting took.
    spilled_bytes : int
        Written to temporary files, in all.
    """

    def __init__(self, store: BlockStore, blocks: list[StoredBlock], row_nnz: np.ndarray, unit: int, seconds: float):
        self.n_words = len(row_nnz)
        self.nnz = int(row_nnz.sum())
        self.unit = unit
        self.row_nnz = row_nnz
        self.seconds = seconds
        self.spilled_bytes = store.spilled_bytes
        self._store = store
        self._blocks: list[StoredBlock] | None = blocks

    def blocks(self, *, release: bool = False) -> Iterator[RowBlock]:
        """All rows in order, a block at a time.

        Parameters
        ----------
        release : bool
            Give up the memory, or the file, of each block once the next one is asked for. The counts can
            then be gone through no more.

        Yields
        ------
        RowBlock
            Not to be written to.

        Raises
        ------
        ParameterError
            If the counts have been released or closed.
        """
        blocks = self._blocks
        if blocks is None:
            raise ParameterError("these counts have been released or closed; count again, or keep the matrix")
        if release:
            self._blocks = None
        return self._pass_on(blocks, release)

    def _pass_on(self, blocks: list[StoredBlock], release: bool) -> Iterator[RowBlock]:
        for block in blocks:
            indptr, indices, sums = self._store.get(block)
            if release:
                self._store.release(block)
            yield RowBlock(block.first_row, indptr, indices, sums, self.unit)
            del indptr, indices, sums
        if release:
            self.close()

    def matrix(self, dtype: DTypeLike = np.float64) -> "csr_array":
        """All counts as one matrix; the counts themselves are released as it is filled.

        Parameters
        ----------
        dtype : {float64, float32, int64}
            Whole numbers only for flat weights.

        Returns
        -------
        csr_array, (n_words, n_words)
            Column indices are sorted; 4 bytes each, or 8 in a matrix of 2**31 pairs or more.

        Raises
        ------
        ParameterError
            If the counts have been released or closed, or have no such type.
        """
        from scipy.sparse import csr_array

        dtype = check_dtype(dtype, self.unit)
        blocks = self.blocks(release=True)
        index = np.int32 if self.nnz < 2**31 else np.int64
        indptr = np.zeros(self.n_words + 1, index)
        np.cumsum(self.row_nnz, out=indptr[1:])
        indices, data = np.empty(self.nnz, index), np.empty(self.nnz, dtype)
        start = 0
        for block in blocks:
            stop = start + len(block.indices)
            indices[start:stop] = block.indices
            data[start:stop] = block.values(dtype)
            start = stop
        matrix = csr_array((data, indices, indptr), shape=(self.n_words, self.n_words))
        matrix.has_canonical_format = True
        return matrix

    def close(self) -> None:
        """Let go of the counts and remove the temporary files, if there are any."""
        self._blocks = None
        self._store.close()

    def __enter__(self) -> "Counts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Counts of {self.nnz} pairs of {self.n_words} words>"


def check_dtype(dtype: Any, unit: int = 1) -> np.dtype:
    """Return a type that counts can have as a numpy dtype; anything else is a ParameterError."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float64, np.float32, np.int64):
        raise ParameterError(f"dtype={dtype!r}: expected float64, float32 or int64")
    if found == np.int64 and unit != 1:
        raise ParameterError("dtype int64 with weights that are fractions; use float64 or float32, or distance='flat'")
    return found
