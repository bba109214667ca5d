"""The largest singular values and vectors of a sparse matrix."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from embedkit.checks import check_integer, check_number
from embedkit.errors import ParameterError
from embedkit.models.svd.krylov import RitzPairs, leading_eigenvectors, smallest_resolved
from embedkit.models.svd.products import Products
from embedkit.models.svd.sparse import finite_csr
from embedkit.models.svd.tall import TallMatrices
from embedkit.threads import check_threads, use_forced_instruction_set

__all__ = ["SVDProgress", "TruncatedSVDResult", "truncated_svd"]

logger = logging.getLogger(__name__)

# A matrix is made dense if its smaller side is below this, or below 2 k, and if it has no more numbers than that.
SMALL_SIDE = 300
DENSE_NUMBERS = 2**26
# Vectors multiplied at a time. Measured on PPMI of 106,330 words.
BLOCK = 16


@dataclass(frozen=True)
class SVDProgress:
    """Where a decomposition stands.

    Attributes
    ----------
    fraction : float
        How near the largest residual has come to the tolerance, on a logarithmic scale, 0 to 1.
    converged : int
        Singular triplets whose residual is below the tolerance.
    residual : float
        The largest of all.
    products : int
        Vectors multiplied by the matrix or its transpose so far.
    seconds : float
    """

    fraction: float
    converged: int
    residual: float
    products: int
    seconds: float


@dataclass(frozen=True)
class TruncatedSVDResult:
    """The k largest singular triplets.

    Attributes
    ----------
    U : ndarray, (n_rows, k)
        Left singular vectors, orthonormal, of the type that was computed with.
    singular_values : ndarray of float64, (k,)
        Descending.
    V : ndarray, (n_columns, k)
        Right singular vectors, orthonormal.
    residuals : ndarray of float64, (k,)
        |A'u - s v| / s, or |A v - s u| / s if there are more columns than rows; the other of the two is zero
        up to rounding. Over the largest s where s is zero.
    n_products : int
        Vectors multiplied by A or its transpose.
    seconds : float
    """

    U: np.ndarray
    singular_values: np.ndarray
    V: np.ndarray
    residuals: np.ndarray
    n_products: int
    seconds: float


def truncated_svd(
    matrix: Any,
    k: int,
    *,
    tol: float = 1e-3,
    n_threads: int = 1,
    seed: int = 0,
    max_products: int | None = None,
    on_progress: Callable[[SVDProgress], None] | None = None,
) -> TruncatedSVDResult:
    """Compute the k largest singular values of a sparse matrix, and their vectors.

    A block Lanczos method on A'A, or AA' if that is smaller, over a parallel sparse product. The error of a
    singular value goes with the square of its residual, so the default `tol` leaves far less than 1e-4.

    Parameters
    ----------
    matrix : sparse or dense matrix, (n_rows, n_columns)
        float32 is computed with in float32, anything else in float64. Small matrices, and those of which
        float32 cannot resolve the k-th singular value, because the first is some 30 times larger, are
        computed with in float64, too.
    k : int
        From 1 to min(n_rows, n_columns).
    tol : float, default=1e-3
        Residuals to reach.
    n_threads : int, default=1
        Of the products and of the linear algebra.
    seed : int, default=0
        Of the first vectors. One seed and one instruction set give the same bytes, with any number of threads.
    max_products : int, optional
        Vectors multiplied at most, by the matrix or its transpose; 100 k + 10,000 by default. If that is not
        enough, a logged warning says which residual was reached.
    on_progress : callable, optional
        Called with an `SVDProgress` now and then.

    Returns
    -------
    TruncatedSVDResult
        The component of largest magnitude of each column of U is positive. A singular value beyond the rank
        is 0; its vectors are orthogonal to the others.

    Raises
    ------
    ParameterError
        If `k` or another parameter is out of range.
    InputError
        If the matrix is empty, is not two-dimensional, or holds what is no finite real number.

    References
    ----------
    Golub, Luk and Overton (1981), A block Lanczos method for computing the singular values and corresponding
    singular vectors of a matrix.
    Wu and Simon (2000), Thick-restart Lanczos method for large symmetric eigenvalue problems.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> counts = csr_array([[0, 5, 8, 1, 0], [5, 0, 7, 0, 1], [8, 7, 0, 2, 1], [1, 0, 2, 0, 6], [0, 1, 1, 6, 0]])
    >>> truncated_svd(counts, 2).singular_values.round(4)
    array([13.9755,  8.6282])
    """
    started = time.perf_counter()
    A = finite_csr(matrix)
    side = min(A.shape)
    if not isinstance(k, int | np.integer) or not 1 <= k <= side:
        raise ParameterError(f"k={k!r}: expected a whole number from 1 to {side}, the smaller side of {A.shape}")
    check_number("tol", tol, 0.0, strict=True)
    check_threads(n_threads)
    check_integer("seed", seed, 0)
    budget = 100 * k + 10_000 if max_products is None else check_integer("max_products", max_products, 1)
    use_forced_instruction_set()
    flipped = A.shape[0] < A.shape[1]
    A = csr_array(A.T) if flipped else A
    dense = side <= max(SMALL_SIDE, 2 * k)
    A = A.astype(np.float64) if dense else A
    spent = 0
    with TallMatrices(n_threads) as tall:
        while True:
            products = Products(A, n_threads)
            if dense:
                V = _dense_subspace(A, k)
            else:
                watch = _Watch(tol, products, spent, started, on_progress)
                V = _krylov_subspace(products, tall, k, tol, seed, budget, watch)
            U, s, V, residuals = _triplets(products, tall, V, seed)
            spent += products.vectors
            if A.dtype == np.float64 or s[-1] > s[0] * smallest_resolved(A.dtype, tol) ** 0.5:
                break
            logger.info("float32 does not resolve %.3g beside %.3g: computing in float64", s[-1], s[0])
            A = A.astype(np.float64)
    if residuals.max() > tol:
        logger.warning(
            "%d of %d singular triplets have a residual above tol=%g, %.2g at worst, after %d products; "
            "allow more products, or a larger tol",
            (residuals > tol).sum(), k, tol, residuals.max(), spent,
        )  # fmt: skip
    if flipped:
        U, V = V, U
    signs = np.where(U[np.abs(U).argmax(axis=0), range(k)] < 0, -1, 1).astype(U.dtype)
    return TruncatedSVDResult(U * signs, s, V * signs, residuals, spent, time.perf_counter() - started)


class _Watch:
    """Turn what the search knows into reports."""

    def __init__(
        self,
        tol: float,
        products: Products,
        spent: int,
        started: float,
        on_progress: Callable[[SVDProgress], None] | None,
    ) -> None:
        self.tol, self.products, self.spent, self.started = tol, products, spent, started
        self.on_progress = on_progress
        self.first_residual = 0.0

    def __call__(self, pairs: RitzPairs) -> None:
        residual = float(pairs.residuals.max())
        self.first_residual = self.first_residual or residual
        if self.on_progress is None:
            return
        way = math.log(self.first_residual / self.tol) if self.first_residual > self.tol else 0.0
        done = math.log(self.first_residual / residual) / way if residual > self.tol else 1.0
        self.on_progress(
            SVDProgress(
                fraction=max(done, 0.0),
                converged=int((pairs.residuals <= self.tol).sum()),
                residual=residual,
                products=self.spent + self.products.vectors,
                seconds=time.perf_counter() - self.started,
            )
        )


def _krylov_subspace(
    products: Products,
    tall: TallMatrices,
    k: int,
    tol: float,
    seed: int,
    budget: int,
    on_check: Callable[[RitzPairs], None],
) -> np.ndarray:
    """Leading eigenvectors of A'A."""
    n = products.shape[1]
    block = min(BLOCK * (1 + k // 1024), n // 16)
    resolved = smallest_resolved(products.dtype, tol)
    while True:
        vectors, pairs = leading_eigenvectors(
            products.gram_times,
            n,
            k,
            tall=tall,
            dtype=products.dtype,
            # The residuals that count are those of the triplets, which are computed at the end.
            tol=0.9 * tol,
            block=block,
            most_vectors=min(2 * k + 8 * block, n - block),
            most_blocks=max((budget - 2 * k) // (2 * block), k // block + 4),
            random=np.random.default_rng(seed),
            on_check=on_check,
        )
        # A block finds no more copies of a value than it has vectors; then there may be others. Doubled, it
        # still has to fit the space four times.
        if not _alike(pairs.values[:k], block, tol, resolved) or k + 10 * block > n:
            return vectors
        logger.info("%d singular values or more are alike: searching with blocks of %d vectors", block, 2 * block)
        block *= 2


def _alike(values: np.ndarray, width: int, tol: float, resolved: float) -> bool:
    """Whether any `width` of descending values cannot be told apart."""
    values = values[values > resolved * values[0]]
    first, last = values[: len(values) - width + 1], values[width - 1 :]
    return len(values) >= width and bool((first - last <= tol * first).any())


def _dense_subspace(A: csr_array, k: int) -> np.ndarray:
    """Right singular vectors of a matrix with a short side."""
    if math.prod(A.shape) <= DENSE_NUMBERS:
        return np.linalg.svd(A.toarray(), full_matrices=False)[2][:k].T
    gram = (A.T @ A).toarray()
    return np.linalg.eigh(gram)[1][:, ::-1][:, :k]


def _triplets(
    products: Products, tall: TallMatrices, V: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The best U, s and V in the span of V, and their residuals."""
    AV = products.times(V)
    Q = tall.orthonormal_columns(AV, AV[:, :0], float(tall.lengths(AV).max()), np.random.default_rng(seed))
    P, s, R = np.linalg.svd(tall.inner(Q, AV))
    U, V = tall.product(Q, P), tall.product(V, R.T)
    s[s < 100 * np.finfo(V.dtype).eps * s[0]] = 0.0
    # A v = s u by the choice of u: the other side is what an iteration leaves.
    errors = tall.lengths(products.transposed_times(U) - V * s.astype(V.dtype))
    return U, s * products.unit, V, errors / np.where(s > 0, s, s[0] or 1.0)
