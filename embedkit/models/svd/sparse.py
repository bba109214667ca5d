"""Any sparse matrix as the CSR array that the rest computes with."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from embedkit.errors import InputError

__all__ = ["finite_csr"]


def finite_csr(matrix: Any, *, name: str = "the matrix") -> csr_array:
    """Return a matrix as a CSR array of float32 or float64, each place stored once.

    Parameters
    ----------
    matrix : sparse array, sparse matrix or array-like, (n_rows, n_columns)
        Not changed. Its memory is shared where it is a CSR of floating point numbers already.
    name : str
        What an error calls it.

    Raises
    ------
    InputError
        If it is empty, not two-dimensional, or holds what is no finite real number.

    Examples
    --------
    >>> finite_csr([[0, 2], [1, 0]]).data
    array([2., 1.])
    """
    given = matrix if issparse(matrix) else np.asarray(matrix)
    if given.ndim != 2 or 0 in given.shape:
        raise InputError(f"{name} has the shape {given.shape}: expected two dimensions, with rows and columns")
    if given.dtype.kind not in "biuf":
        raise InputError(f"{name} holds {given.dtype}: expected real numbers")
    csr = csr_array(given)
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    if csr.dtype not in (np.float32, np.float64):
        csr = csr.astype(np.float64)
    if not np.isfinite(csr.data.sum(dtype=np.float64)) and not np.isfinite(csr.data).all():
        raise InputError(f"{name} holds NaN or infinity: expected finite numbers")
    return csr
