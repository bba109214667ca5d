"""Naive twin of the sparse-dense product."""

import numpy as np


def multiply(indptr, indices, data, X):
    """A X in float64, one nonzero after the other."""
    out = np.zeros((len(indptr) - 1, X.shape[1]))
    for row in range(len(out)):
        for p in range(indptr[row], indptr[row + 1]):
            out[row] += float(data[p]) * X[indices[p]].astype(np.float64)
    return out
