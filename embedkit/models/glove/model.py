"""The matrices of a GloVe model, laid out for training."""

import numpy as np

from embedkit.models.glove.state import GloVeState
from embedkit.models.matrices import ROW_FLOATS, padded_matrix, row_blocks

__all__ = ["GloVeModel", "stride_of"]

WORD, CONTEXT = 0, 1


def stride_of(vector_size: int) -> int:
    """Floats of a vector in training: its own, two for the biases, and what fills the last cache line."""
    return -(-(vector_size + 2) // ROW_FLOATS) * ROW_FLOATS


class GloVeModel:
    """Word and context vectors, biases and AdaGrad sums.

    Word i stands in block i % n_blocks at place i // n_blocks, and the blocks one behind the other. What a row
    holds is written in embedkit/_cext/glove_step.h.

    Parameters
    ----------
    n_words, vector_size, n_blocks : int

    Attributes
    ----------
    words, contexts : ndarray of float32, (n_words, 2 * stride)
    block_rows : ndarray of int64, (n_blocks,)
        Row at which each block begins.
    """

    def __init__(self, n_words: int, vector_size: int, n_blocks: int) -> None:
        self.vector_size, self.stride = vector_size, stride_of(vector_size)
        sizes = [len(range(block, n_words, n_blocks)) for block in range(n_blocks)]
        self.block_rows = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)
        ids = np.arange(n_words)
        self._row = self.block_rows[ids % n_blocks] + ids // n_blocks
        self.words, self.contexts = (padded_matrix(n_words, 2 * self.stride) for _ in range(2))
        self.words[:, self.stride - 1] = self.contexts[:, self.stride - 2] = 1

    def initialise(self, seed: int) -> None:
        """Draw vectors and biases from (-0.5, 0.5) / vector_size, which does not depend on the blocks; sums are 1."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0])))
        for side in (WORD, CONTEXT):
            matrix, bias = self._side(side)
            for block in row_blocks(len(matrix)):
                drawn = random.random((len(self._row[block]), self.vector_size + 1), np.float32)
                drawn -= np.float32(0.5)
                drawn /= np.float32(self.vector_size)
                matrix[self._row[block], : self.vector_size] = drawn[:, :-1]
                matrix[self._row[block], bias] = drawn[:, -1]
            matrix[:, self.stride :] = 1

    def vectors(self, which: str) -> np.ndarray:
        """Word vectors, context vectors, or their sum, in the order of the words: (n_words, vector_size) float32."""
        first = self.contexts if which == "context" else self.words
        vectors = np.empty((len(self._row), self.vector_size), np.float32)
        for block in row_blocks(len(vectors)):
            vectors[block] = first[self._row[block], : self.vector_size]
            if which == "sum":
                vectors[block] += self.contexts[self._row[block], : self.vector_size]
        return vectors

    def biases(self, which: str) -> np.ndarray:
        """Biases of the words or of the contexts, (n_words,) float32."""
        matrix, bias = self._side(CONTEXT if which == "context" else WORD)
        return matrix[self._row, bias]

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that is learned, by the names of `GloVeState`, in the order of the words; copies."""
        arrays = {}
        for side, name in enumerate(("word", "context")):
            matrix, bias = self._side(side)
            for start, suffix in ((0, ""), (self.stride, "_sums")):
                arrays[f"{name}_vectors{suffix}"] = matrix[self._row, start : start + self.vector_size]
                arrays[f"{name}_biases{suffix}"] = matrix[self._row, start + bias]
        return arrays

    def is_finite(self) -> bool:
        """Whether all vectors, biases and sums are finite numbers."""
        sides = (self.words, self.contexts)
        return all(bool(np.isfinite(side[block]).all()) for side in sides for block in row_blocks(len(side)))

    def restore(self, state: GloVeState) -> None:
        """Take everything from a state of the same size."""
        for side, name in enumerate(("word", "context")):
            matrix, bias = self._side(side)
            matrix[:, self.stride :] = 1
            for start, suffix in ((0, ""), (self.stride, "_sums")):
                matrix[self._row, start : start + self.vector_size] = getattr(state, f"{name}_vectors{suffix}")
                matrix[self._row, start + bias] = getattr(state, f"{name}_biases{suffix}")

    def _side(self, side: int) -> tuple[np.ndarray, int]:
        """Matrix of the words or the contexts, and the column of its biases."""
        return (self.words, self.stride - 2) if side == WORD else (self.contexts, self.stride - 1)
