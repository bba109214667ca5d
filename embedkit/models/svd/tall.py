"""Tall matrices, of many rows and few columns: products, projections, orthonormal columns, by several threads.

Each piece of rows is one call of a single-threaded BLAS, and pieces are added up in order: the result does not
depend on the number of threads. (A BLAS with threads of its own keeps them spinning when it is done, and they
take processors from the sparse product that is next, whose median time went from 42 to 66 ms in one comparison.)
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

__all__ = ["TallMatrices"]

# Rows of a piece: some megabytes of a basis, a few milliseconds of work.
ROWS = 4096


class TallMatrices:
    """Arithmetic on tall matrices; a context manager, within which BLAS has one thread.

    Parameters
    ----------
    n_threads : int
    """

    def __init__(self, n_threads: int) -> None:
        self._n_threads = n_threads

    def __enter__(self) -> "TallMatrices":
        with ExitStack() as stack:
            stack.enter_context(threadpool_limits(limits=1, user_api="blas"))
            self._pool = stack.enter_context(ThreadPoolExecutor(self._n_threads))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def inner(self, V: np.ndarray, W: np.ndarray) -> np.ndarray:
        """V'W, (columns of V, columns of W), in float64."""
        parts = self._pieces(lambda rows: W[rows].T @ V[rows], len(V))
        total = next(parts).astype(np.float64)
        for part in parts:
            total += part
        return total.T

    def product(self, V: np.ndarray, M: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """V M for a small M, (rows of V, columns of M); `out` may be a part of V."""
        out = np.empty((len(V), M.shape[1]), V.dtype) if out is None else out
        M = M.astype(V.dtype)

        def fill(rows: slice) -> None:
            out[rows] = V[rows] @ M

        for _ in self._pieces(fill, len(V)):
            pass
        return out

    def project_out(self, W: np.ndarray, V: np.ndarray) -> np.ndarray:
        """Take from the columns of W, in place, their part in the span of the orthonormal V; returns V'W."""
        share = self.inner(V, W)
        M = share.astype(V.dtype)

        def subtract(rows: slice) -> None:
            W[rows] -= V[rows] @ M

        for _ in self._pieces(subtract, len(W)):
            pass
        return share

    def lengths(self, W: np.ndarray) -> np.ndarray:
        """Euclidean lengths of the columns."""
        parts = self._pieces(lambda rows: np.einsum("ij,ij->j", W[rows], W[rows]), len(W))
        return np.sqrt(sum(part.astype(np.float64) for part in parts))

    def orthonormal_columns(
        self, W: np.ndarray, V: np.ndarray, scale: float, random: np.random.Generator
    ) -> np.ndarray:
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
        Stathopoulos and Wu (2002), A block orthogonalization procedure with constant synchronization
        requirements: orthonormal columns from the eigenvectors of W'W, which also tell what is lacking.
        """
        n, width = W.shape
        rounding = float(np.finfo(W.dtype).eps)
        shortest = 10 * rounding * scale
        Q = np.empty_like(W)
        done = 0
        while done < width:
            gram = self.inner(W, W)
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
            part = self.product(W, inverse[:, None] * directions[:, kept] / lengths[kept])
            # A short difference of long vectors has errors that are not short; and after a first turn, W is one.
            short = lengths[kept[0]] * norms[norms > shortest].min() < 0.01 * scale
            for _ in range(2 if short or done > 0 else int(lengths[kept[0]] < 0.5)):
                if short:
                    self.project_out(part, V)
                self.project_out(part, Q[:, :done])
                factor = np.linalg.cholesky(self.inner(part, part))
                part = self.product(part, np.linalg.inv(factor).T)
            Q[:, done : done + len(kept)] = part
            done += len(kept)
            if done < width:
                W = W - self.product(part, self.inner(part, W))
        return Q

    def _pieces(self, work: Callable[[slice], Any], n: int) -> Iterator[Any]:
        """What `work` makes of each piece of n rows, in order."""
        return self._pool.map(work, [slice(start, start + ROWS) for start in range(0, n, ROWS)])
