"""Weights of columns and lengths of rows of a document-term matrix."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from embedkit._cext import csr as kernel
from embedkit.checks import check_choice
from embedkit.errors import ParameterError
from embedkit.threads import share_work

__all__ = ["weigh_rows"]

NORMS = {"l1": kernel.L1, "l2": kernel.L2, "max": kernel.MAX}
# Entries below which a thread is not worth waking.
JOB = 1 << 17


def weigh_rows(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    weights: np.ndarray | None = None,
    norm: str | None = None,
    n_threads: int = 1,
) -> None:
    """Multiply the columns of a CSR matrix by weights, then scale each row to length 1, in place.

    Parameters
    ----------
    data : ndarray of float32 or float64, (nnz,)
        Written.
    indices : ndarray of int32 or int64, (nnz,)
    indptr : ndarray of the same type, (n_rows + 1,)
    weights : ndarray, (n_columns,), optional
        Converted to the type of `data`.
    norm : {"l1", "l2", "max"}, optional
        Sum of absolute values, Euclidean length, or largest absolute value. A row of zeros stays as it is.
    n_threads : int

    Raises
    ------
    ParameterError
        If `norm` is none of these, or a column has no weight.

    Examples
    --------
    >>> data = np.array([3.0, 4.0, 2.0])
    >>> weigh_rows(data, np.array([0, 1, 0]), np.array([0, 2, 3]), np.array([1.0, 1.0]), "l2")
    >>> data
    array([0.6, 0.8, 1. ])
    """
    if norm is not None:
        check_choice("norm", norm, tuple(NORMS))
    columns = None if weights is None else np.ascontiguousarray(weights, data.dtype)
    if columns is not None and len(indices) and not 0 <= indices.min() <= indices.max() < len(columns):
        raise ParameterError(
            f"the matrix has columns from {indices.min()} to {indices.max()}, and there are {len(columns)} weights: "
            "expected a weight for each column"
        )
    n_jobs = max(1, min(len(indptr) - 1, len(data) // JOB))
    cuts = np.unique(np.searchsorted(indptr, np.linspace(0, len(data), n_jobs + 1)[1:-1])).tolist()
    ranges = list(zip([0, *cuts], [*cuts, len(indptr) - 1], strict=True))

    def work(rows: tuple[int, int]) -> None:
        kernel.weigh_rows(indptr, indices, data, columns, NORMS[norm] if norm else kernel.NO_NORM, *rows)

    n_threads = min(n_threads, n_jobs)
    with ThreadPoolExecutor(max(n_threads - 1, 1)) as pool:
        share_work(pool, n_threads, work, ranges)
