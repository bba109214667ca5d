"""Counts as plain arrays, to be compared, and the least memory that counting says it needs."""

import numpy as np
import pytest

from embedkit.errors import ParameterError
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.parameters import CountingParameters


def counted(encoded, window=5, distance="flat", directional="both", **settings):
    """indptr, indices, sums of all rows, and the unit."""
    with count_cooccurrences(encoded, CountingParameters(window, distance, directional), **settings) as counts:
        blocks = list(counts.blocks())
        rows = np.concatenate([np.diff(block.indptr) for block in blocks])
        assert [block.first_row for block in blocks] == [0, *np.cumsum([len(b.indptr) - 1 for b in blocks])[:-1]]
        assert rows.tolist() == counts.row_nnz.tolist()
        indices = np.concatenate([block.indices for block in blocks])
        assert counts.nnz == len(indices)
        return rows, indices, np.concatenate([block.sums.astype(np.uint64) for block in blocks]), counts.unit


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def least_memory(encoded, window=5):
    """What the error for a budget of one byte says."""
    with pytest.raises(ParameterError) as error:
        count_cooccurrences(encoded, CountingParameters(window), memory=1)
    return int(str(error.value).split("expected ")[1].split(" bytes")[0])
