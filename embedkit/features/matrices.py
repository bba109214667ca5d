"""Rows as the sparse matrices that scikit-learn is set to give."""

from typing import Any

import numpy as np
import sklearn
from numpy.typing import DTypeLike
from scipy.sparse import csr_array, csr_matrix, sparray

__all__ = ["KERNEL_DTYPES", "as_csr", "csr_rows", "float_dtype"]

# What the kernel writes; other types are made from int64.
KERNEL_DTYPES = (np.int32, np.int64, np.float32, np.float64)


def as_csr(matrix: Any, **options: Any) -> Any:
    """Return a CSR matrix, or a CSR array if scikit-learn's option `sparse_interface` says so.

    Versions without the option give arrays for arrays.
    """
    kept = "sparray" if isinstance(matrix, sparray) else "spmatrix"
    arrays = sklearn.get_config().get("sparse_interface", kept) == "sparray"
    return (csr_array if arrays else csr_matrix)(matrix, **options)


def csr_rows(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray], n_columns: int, dtype: DTypeLike, *, binary: bool = False
) -> Any:
    """Return rows with sorted indices as a matrix of `dtype`, every value 1 if `binary`."""
    data, indices, indptr = rows
    matrix = as_csr((data.astype(dtype, copy=False), indices, indptr), shape=(len(indptr) - 1, n_columns))
    matrix.has_sorted_indices = matrix.has_canonical_format = True
    if binary:
        matrix.data.fill(1)
    return matrix


def float_dtype(dtype: DTypeLike) -> np.dtype:
    """Return float32 and float64 as they are, and float64 for any other type."""
    return np.dtype(dtype if np.dtype(dtype) in (np.float32, np.float64) else np.float64)
