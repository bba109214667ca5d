"""Matrices in training: rows that start at cache lines, and what becomes of them afterwards."""

import numpy as np

__all__ = ["padded_matrix", "row_blocks", "unpadded"]

ROW_FLOATS = 16
"""Rows are multiples of 64 bytes: a cache line, and the widest register."""


def padded_matrix(n_rows: int, n_columns: int) -> np.ndarray:
    """Make a float32 matrix of zeros, each row aligned to 64 bytes and padded to a multiple of them.

    Returns
    -------
    ndarray of float32, (n_rows, stride)
        The first `n_columns` columns are the ones that count.
    """
    stride = -(-n_columns // ROW_FLOATS) * ROW_FLOATS
    room = np.zeros(n_rows * stride + ROW_FLOATS, np.float32)
    skip = -room.ctypes.data % (4 * ROW_FLOATS) // 4
    return room[skip : skip + n_rows * stride].reshape(n_rows, stride)


def unpadded(matrix: np.ndarray, size: int) -> np.ndarray:
    """Make the first `size` columns a contiguous matrix, moved together in the same memory."""
    n_rows, stride = matrix.shape
    if stride == size:
        return matrix
    flat = matrix.reshape(-1)
    for block in row_blocks(n_rows):
        stop = min(block.stop, n_rows)
        flat[block.start * size : stop * size] = matrix[block, :size].copy().reshape(-1)
    compact = flat[: n_rows * size].reshape(n_rows, size)
    # A view keeps the padding in memory; short rows are mostly padding.
    return compact if 4 * stride <= 5 * size else compact.copy()


def row_blocks(n_rows: int) -> list[slice]:
    """Slices of a few thousand rows: temporary copies stay small beside the matrix."""
    return [slice(start, start + 4096) for start in range(0, n_rows, 4096)]
