"""A matrix of counts in the place of counts that were just made."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from embedkit.errors import InputError
from embedkit.models.cooccurrence.counts import Counts, RowBlock, check_dtype

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["MatrixCounts"]

BLOCK_PAIRS = 2**20
"""Pairs after which a block ends, with the row that it is in."""


class MatrixCounts(Counts):
    """Counts that are there as a matrix, such as one from a counts file, to be gone through like others.

    Parameters
    ----------
    matrix : csr_array, (n_words, n_words)
        With sorted column indices; not copied.

    Raises
    ------
    InputError
        If the matrix is not square, has no pair, or one whose count is not a number above zero.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> counts = MatrixCounts(csr_array([[0.0, 1.5], [1.5, 0.0]]))
    >>> [(block.first_row, block.indices.tolist(), block.values().tolist()) for block in counts.blocks()]
    [(0, [1, 0], [1.5, 1.5])]
    """

    def __init__(self, matrix: "csr_array") -> None:
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"a matrix of shape {matrix.shape}: expected counts of words beside words, a square")
        if not matrix.nnz:
            raise InputError("the matrix has no pair of words, expected at least one")
        if not (matrix.data > 0).all() or not np.isfinite(matrix.data).all():
            raise InputError("the matrix has counts that are zero, negative or no finite number, expected all above 0")
        self.n_words = matrix.shape[0]
        self.nnz = matrix.nnz
        self.unit = 1
        self.row_nnz = np.diff(matrix.indptr).astype(np.int64)
        self.seconds = 0.0
        self.spilled_bytes = 0
        self._matrix = matrix

    def blocks(self, *, release: bool = False) -> Iterator[RowBlock]:
        """All rows in order, a block at a time; there is nothing to release."""
        indptr = self._matrix.indptr
        first = 0
        while first < self.n_words:
            # As a Python integer: the sum may be more than 32 bits hold, which `indptr` has.
            stop = int(np.searchsorted(indptr, int(indptr[first]) + BLOCK_PAIRS, side="left"))
            stop = min(max(stop, first + 1), self.n_words)
            cells = slice(indptr[first], indptr[stop])
            yield RowBlock(
                first,
                (indptr[first : stop + 1] - indptr[first]).astype(np.int64),
                self._matrix.indices[cells].astype(np.int32, copy=False),
                self._matrix.data[cells],
                self.unit,
            )
            first = stop

    def matrix(self, dtype: DTypeLike = np.float64) -> "csr_array":
        """The matrix itself, or a copy if it has another type."""
        return self._matrix.astype(check_dtype(dtype), copy=False)

    def close(self) -> None:
        """Nothing to do: the matrix belongs to the caller."""
