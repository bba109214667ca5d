"""Dense blocks of vectors beside a sparse matrix: products, projections, orthonormal columns."""

import numpy as np
from scipy.sparse import csr_array

from embedkit._cext import csr

__all__ = ["Products", "orthonormal_columns", "project_out"]

# Rows worked on at a time: their piece of a basis stays in the cache.
ROWS = 4096


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
        scaled = np.multiply(X, 1 / self.unit, dtype=self.dtype, order="C")
        out = np.empty((len(arrays[0]) - 1, X.shape[1]), self.dtype)
        csr.multiply(*arrays, scaled, out, n_threads=self._n_threads)
        self.vectors += X.shape[1]
        return out


def _arrays(matrix: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel reads."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False), matrix.data


def project_out(W: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Take from the columns of W, in place, their part in the span of the orthonormal V; returns V'W."""
    share = (W.T @ V).T
    for start in range(0, len(W), ROWS):
        W[start : start + ROWS] -= V[start : start + ROWS] @ share
    return share


def orthonormal_columns(W: np.ndarray, V: np.ndarray, scale: float, random: np.random.Generator) -> np.ndarray:
    """Orthonormal columns that span W, and random ones in place of directions that W lacks.

    Parameters
    ----------
    W : ndarray, (n, width)
        Orthogonal to V, up to rounding errors of vectors of length `scale`.
    V : ndarray, (n, m)
        Orthonormal, m + width <= n: what the new columns are orthogonal to.
    scale : float
        A direction of W that is shorter than the rounding errors of this length counts as lacking.
    random : Generator

    Returns
    -------
    ndarray, (n, width)

    References
    ----------
    Stathopoulos and Wu (2002), A block orthogonalization procedure with constant synchronization requirements:
    orthonormal columns from the eigenvectors of W'W, which also tell what is lacking.
    """
    n, width = W.shape
    rounding = float(np.finfo(W.dtype).eps)
    shortest = 10 * rounding * scale
    Q = np.empty_like(W)
    done = 0
    while done < width:
        gram = (W.T @ W).astype(np.float64)
        norms = np.sqrt(gram.diagonal())
        inverse = np.divide(1.0, norms, out=np.zeros(len(norms)), where=norms > shortest)
        values, directions = np.linalg.eigh(gram * np.outer(inverse, inverse))
        lengths = np.sqrt(np.maximum(values, 0.0))
        # W'W squares the lengths: what is much shorter than the longest has to wait for a turn of its own.
        kept = np.flatnonzero(lengths > 10 * rounding**0.5 * lengths[-1])[done - width :]
        if len(kept) == 0:
            W = random.standard_normal((n, width - done)).astype(W.dtype)
            shortest, scale = 0.0, np.inf
            continue
        part = W @ (inverse[:, None] * directions[:, kept] / lengths[kept]).astype(W.dtype)
        # A short difference of long vectors has errors that are not short.
        short = lengths[kept[0]] * norms[norms > shortest].min() < 0.01 * scale
        if short:
            project_out(part, V)
        project_out(part, Q[:, :done])
        if short or done > 0 or lengths[kept[0]] < 0.5:
            factor = np.linalg.cholesky((part.T @ part).astype(np.float64))
            part = part @ np.linalg.inv(factor).T.astype(W.dtype)
        Q[:, done : done + len(kept)] = part
        done += len(kept)
        if done < width:
            W = W - part @ (part.T @ W)
    return Q
