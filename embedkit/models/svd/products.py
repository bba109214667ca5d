"""Products of a sparse matrix and of its transpose with blocks of vectors."""

import numpy as np
from scipy.sparse import csr_array

from embedkit._cext import csr

__all__ = ["Products"]

# Vectors multiplied at a time: those of 100,000 words fit the last-level cache, where the product looks them up.
WIDTH = 64
# Columns that fill the widest register: a product is made of whole ones.
REGISTER = 16


class Products:
    """Products of a sparse matrix A, scaled so that its squares do not overflow, with blocks of vectors.

    Parameters
    ----------
    matrix : csr_array of float32 or float64, (n_rows, n_columns)
    n_threads : int

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    unit : float
        Largest magnitude in the matrix, or 1 if all are zero. A / unit is what multiplies.
    vectors : int
        How many vectors were multiplied, by A or by its transpose.
    """

    def __init__(self, matrix: csr_array, n_threads: int) -> None:
        self.shape, self.dtype = matrix.shape, matrix.dtype
        self.unit = float(max(matrix.data.max(initial=0), -matrix.data.min(initial=0))) or 1.0
        self.vectors = 0
        self._n_threads = n_threads
        self._rows, self._columns = _arrays(matrix), _arrays(csr_array(matrix.T))

    def times(self, X: np.ndarray) -> np.ndarray:
        """A X / unit, (n_rows, width)."""
        return self._multiply(self._rows, X)

    def transposed_times(self, X: np.ndarray) -> np.ndarray:
        """A' X / unit, (n_columns, width)."""
        return self._multiply(self._columns, X)

    def gram_times(self, X: np.ndarray) -> np.ndarray:
        """A'A X / unit^2, (n_columns, width)."""
        return self.transposed_times(self.times(X))

    def _multiply(self, arrays: tuple[np.ndarray, np.ndarray, np.ndarray], X: np.ndarray) -> np.ndarray:
        out = np.empty((len(arrays[0]) - 1, X.shape[1]), self.dtype)
        for start in range(0, X.shape[1], WIDTH):
            columns = slice(start, start + WIDTH)
            piece = X[:, columns]
            scaled = np.zeros((len(X), -(-piece.shape[1] // REGISTER) * REGISTER), self.dtype)
            np.multiply(piece, 1 / self.unit, out=scaled[:, : piece.shape[1]])
            part = np.empty((len(out), scaled.shape[1]), self.dtype)
            csr.multiply(*arrays, scaled, part, n_threads=self._n_threads)
            out[:, columns] = part[:, : piece.shape[1]]
        self.vectors += X.shape[1]
        return out


def _arrays(matrix: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel reads."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False), matrix.data
