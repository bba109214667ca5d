"""Weights and lengths of rows against scikit-learn and plain numpy."""

import numpy as np
import pytest
from scipy.sparse import random_array
from sklearn.preprocessing import normalize

from embedkit.errors import ParameterError
from embedkit.features import rows
from embedkit.features.rows import weigh_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("norm", [None, "l1", "l2", "max"])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_as_scikit_learn_does(monkeypatch, dtype, index, norm, weighted, n_threads):
    monkeypatch.setattr(rows, "JOB", 7)
    matrix = random_array((60, 9), density=0.3, rng=0, format="csr", data_sampler=np.random.default_rng(1).normal)
    matrix = matrix.astype(dtype)
    matrix.data[: matrix.indptr[1]] = 0
    weights = np.linspace(-2, 3, 9)
    expected = matrix @ np.diag(weights.astype(dtype)) if weighted else matrix.toarray()
    if norm:
        expected = normalize(expected, norm)
    weigh_rows(
        matrix.data,
        matrix.indices.astype(index),
        matrix.indptr.astype(index),
        weights if weighted else None,
        norm,
        n_threads,
    )
    np.testing.assert_allclose(matrix.toarray(), expected, rtol=3e-7 if dtype == np.float32 else 1e-14)


def test_an_empty_matrix_stays_empty():
    weigh_rows(np.zeros(0), np.zeros(0, np.int32), np.zeros(1, np.int32), np.ones(3), "l2", 2)


def test_an_unknown_norm_is_named():
    with pytest.raises(ParameterError, match="norm='l3'"):
        weigh_rows(np.ones(1), np.zeros(1, np.int32), np.array([0, 1], np.int32), norm="l3")


@pytest.mark.parametrize("column", [-1, 3, 10**7])
def test_a_column_without_a_weight_is_refused(column):
    with pytest.raises(ParameterError, match="there are 3 weights: expected a weight for each column"):
        weigh_rows(np.ones(2), np.array([0, column]), np.array([0, 2]), np.ones(3))
