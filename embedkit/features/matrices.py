"""Rows as the sparse matrices that scikit-learn is set to give."""

from typing import Any

import numpy as np
import sklearn
from numpy.typing import DTypeLike
from scipy.sparse import csr_array, csr_matrix, issparse, sparray

from embedkit.errors import InputError, ParameterError

__all__ = ["as_csr", "check_dtype", "check_indices", "csr_rows", "float_dtype"]

# The types of numbers that scipy.sparse computes with: bool, integers, and floats and complex ones from 32 bits.
SPARSE_TYPES = "?bBhHiIlLqQfdgFDG"


def as_csr(matrix: Any, **options: Any) -> Any:
    """Return a CSR matrix, or a CSR array if scikit-learn's option `sparse_interface` says so.

    Versions without the option give arrays for arrays.
    """
    kept = "sparray" if isinstance(matrix, sparray) else "spmatrix"
    arrays = sklearn.get_config().get("sparse_interface", kept) == "sparray"
    return (csr_array if arrays else csr_matrix)(matrix, **options)


def check_dtype(dtype: Any, *, weights: bool) -> None:
    """Raise ParameterError unless matrices can be of this type; where they are weighed, it has to be real."""
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        raise ParameterError(f"dtype={dtype!r}: expected a type that numpy knows, such as numpy.float64") from None
    if found.char not in SPARSE_TYPES or not found.isnative:
        raise ParameterError(
            f"dtype={dtype!r}: sparse matrices cannot be of this type, expected bool, an integer, or a float or "
            "complex type of 32 bits or more, in the byte order of this machine"
        )
    if weights and found.kind == "c":
        raise ParameterError(f"dtype={dtype!r}: complex counts cannot be weighed, expected a real type")


def check_indices(matrix: Any) -> None:
    """Raise InputError if a CSR or CSC matrix, as a caller may have changed it, points outside its own shape."""
    if issparse(matrix) and matrix.format in ("csr", "csc"):
        try:
            matrix.check_format(full_check=True)
        except ValueError as error:
            raise InputError(
                f"X is a damaged {matrix.format.upper()} matrix of shape {matrix.shape}: {error}; "
                "expected indices and indptr within its shape"
            ) from error


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
