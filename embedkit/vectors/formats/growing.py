"""A matrix that is filled from the top, for files whose size is known only when they have been read."""

import numpy as np
from numpy.typing import NDArray


class GrowingMatrix:
    """Rows of float32 that are appended; memory grows with them unless their number is known.

    Parameters
    ----------
    vector_size : int
    n_rows : int or None
        Rows that will come, when a look at the file's size has shown that they can.
    """

    def __init__(self, vector_size: int, n_rows: int | None) -> None:
        self.n_rows = 0
        self._matrix = np.empty((n_rows or 0, vector_size), dtype="<f4")

    def extend(self, n_rows: int) -> NDArray[np.float32]:
        """Return the next `n_rows` rows, to be filled."""
        start, self.n_rows = self.n_rows, self.n_rows + n_rows
        if self.n_rows > len(self._matrix):
            self._resize(max(self.n_rows, len(self._matrix) + len(self._matrix) // 2))
        return self._matrix[start : self.n_rows]

    def filled(self) -> NDArray[np.float32]:
        """Return the rows filled so far, and give back the memory behind them."""
        if self.n_rows < len(self._matrix):
            self._resize(self.n_rows)
        return self._matrix.astype(np.float32, copy=False)

    def _resize(self, n_rows: int) -> None:
        # The views handed out by extend are filled and forgotten by now.
        self._matrix.resize((n_rows, self._matrix.shape[1]), refcheck=False)
