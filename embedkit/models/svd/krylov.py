"""Leading eigenvectors of a symmetric operator: block Lanczos, whole orthogonalisation, thick restarts.

The space grows by blocks: C times the last block, made orthogonal to all vectors so far, is the next one.
On this space V, the eigenvectors of the small matrix T = V'CV give the best approximations there are
(Rayleigh and Ritz). Because C V = V T + Q R E', where Q is the next block and E' takes the last rows, the
error of a Ritz pair (theta, V y) is known without a product: |C V y - theta V y| = |R E' y|.

A space that is full shrinks to its best Ritz vectors and grows again: such a restart forgets little (Wu and
Simon 2000). T then begins with a diagonal, and the next block is coupled to all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embedkit.models.svd.tall import TallMatrices

__all__ = ["RitzPairs", "leading_eigenvectors", "smallest_resolved"]


@dataclass(frozen=True)
class RitzPairs:
    """What is known of the eigenvectors at some point.

    Attributes
    ----------
    values : ndarray of float64, (m,)
        Ritz values, the largest first.
    residuals : ndarray of float64, (k,)
        |C v - theta v| / theta of the first k; a theta that is not resolved counts as the smallest that is.
    rotation : ndarray of float64, (m, m)
        Eigenvectors of T as columns.
    """

    values: np.ndarray
    residuals: np.ndarray
    rotation: np.ndarray


def smallest_resolved(dtype: np.dtype, tol: float) -> float:
    """Share of the largest eigenvalue below which rounding errors are no smaller than `tol` times an eigenvalue."""
    return 10.0 * float(np.finfo(dtype).eps) / tol


def leading_eigenvectors(
    operator: Callable[[np.ndarray], np.ndarray],
    n: int,
    k: int,
    *,
    tall: TallMatrices,
    dtype: np.dtype,
    tol: float,
    block: int,
    most_vectors: int,
    most_blocks: int,
    random: np.random.Generator,
    on_check: Callable[[RitzPairs], None],
) -> tuple[np.ndarray, RitzPairs]:
    """Approximate the k leading eigenvectors of a positive semidefinite operator C.

    Parameters
    ----------
    operator : callable
        Multiplies a block (n, width) by C; a new array.
    n, k : int
        Dimension, and how many eigenvectors.
    tall : TallMatrices
        Does the work on the space.
    dtype : dtype
        Of the vectors.
    tol : float
        Ends when all residuals are below it.
    block : int
        Vectors to a block.
    most_vectors : int
        Size at which the space restarts, k + 4 block at least and n - block at most.
    most_blocks : int
        Ends when so many blocks were multiplied.
    random : Generator
        Of the first block.
    on_check : callable
        Called with the RitzPairs now and then.

    Returns
    -------
    vectors : ndarray, (n, k)
        Orthonormal, the largest eigenvalue first.
    pairs : RitzPairs

    References
    ----------
    Wu and Simon (2000), Thick-restart Lanczos method for large symmetric eigenvalue problems, section 2.
    """
    V = np.empty((n, most_vectors + block), dtype)
    T = np.zeros((most_vectors, most_vectors))
    V[:, :block] = tall.orthonormal_columns(random.standard_normal((n, block)).astype(dtype), V[:, :0], 0.0, random)
    m, restarted_at, next_check = 0, 0, k + 2 * block
    for step in range(1, most_blocks + 1):
        old, m = m, m + block
        W = operator(V[:, old:m])
        scale = float(tall.lengths(W).max())
        # C couples a block to itself and its neighbours, and after a restart to all there is. Without this
        # large part, one projection on all vectors leaves nothing but rounding errors.
        near = slice(0 if old == restarted_at else old - block, m)
        T[near, old:m] = tall.project_out(W, V[:, near])
        T[:m, old:m] += tall.project_out(W, V[:, :m])
        T[old:m, :m] = T[:m, old:m].T
        V[:, m : m + block] = tall.orthonormal_columns(W, V[:, :m], scale, random)

        full = m + block > most_vectors
        if m < next_check and not full and step < most_blocks:
            continue
        pairs = _ritz_pairs(T[:m, :m], tall.inner(V[:, m : m + block], W), k, smallest_resolved(dtype, tol))
        on_check(pairs)
        if pairs.residuals.max() <= tol:
            break
        next_check = m + max(block, m // 10)
        if full and step < most_blocks:
            kept = k + (m - k) // 4
            tall.product(V[:, :m], pairs.rotation[:, :kept], out=V[:, :kept])
            V[:, kept : kept + block] = V[:, m : m + block]
            T[:] = 0.0
            T[range(kept), range(kept)] = pairs.values[:kept]
            m = restarted_at = kept
            next_check = 0
    return tall.product(V[:, :m], pairs.rotation[:, :k]), pairs


def _ritz_pairs(T: np.ndarray, R: np.ndarray, k: int, resolved: float) -> RitzPairs:
    """Eigenpairs of T, and how far the first k are from those of C."""
    values, rotation = np.linalg.eigh((T + T.T) / 2)
    values, rotation = values[::-1], rotation[:, ::-1]
    errors = np.linalg.norm(R @ rotation[-len(R) :, :k], axis=0)
    least = max(resolved * values[0], np.finfo(np.float64).tiny)
    return RitzPairs(values, errors / np.maximum(values[:k], least), rotation)
