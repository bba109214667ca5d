"""The sparse-dense product against its naive twin, for every instruction set compiled in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import csr as reference

from embedkit._cext import csr

# Below, at and above each count of registers, for 4-byte and 8-byte numbers in registers of 16 to 64 bytes.
pytestmark = pytest.mark.usefixtures("instruction_set")
WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 130]
TYPES = [np.float32, np.float64]


def random_csr(lengths, n_columns, dtype, seed=0):
    """Rows of the given numbers of nonzeros, in any order, columns twice and all."""
    random = np.random.default_rng(seed)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    indices = random.integers(0, n_columns, indptr[-1]).astype(np.int32)
    return indptr, indices, random.standard_normal(indptr[-1]).astype(dtype)


def product(matrix, X, n_threads=1):
    """What the kernel makes, in memory that holds something else before."""
    out = np.full((len(matrix[0]) - 1, X.shape[1]), 7, X.dtype)
    csr.multiply(*matrix, X, out, n_threads=n_threads)
    return out


def assert_equals_twin(matrix, X, n_threads=1):
    expected = reference.multiply(*matrix, X)
    scale = reference.multiply(matrix[0], matrix[1], np.abs(matrix[2]), np.abs(X)) + 1e-30
    error = np.abs(product(matrix, X, n_threads) - expected) / scale
    assert error.max(initial=0) < 8 * np.finfo(X.dtype).eps


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_equals_the_twin(width, dtype):
    matrix = random_csr([0, 1, 2, 3, 4, 5, 7, 8, 9, 0, 15, 16, 17, 40, 0], 23, dtype)
    X = np.random.default_rng(1).standard_normal((23, width)).astype(dtype)
    assert_equals_twin(matrix, X)


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 40), max_size=30),
    n_columns=st.integers(1, 50),
    width=st.integers(1, 70),
    dtype=st.sampled_from(TYPES),
    n_threads=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_random_matrices_equal_the_twin(lengths, n_columns, width, dtype, n_threads, seed):
    X = np.random.default_rng(seed).standard_normal((n_columns, width)).astype(dtype)
    assert_equals_twin(random_csr(lengths, n_columns, dtype, seed), X, n_threads)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "lengths",
    [
        [csr.JOB_NONZEROS - 9, 0, 1, 0, csr.JOB_NONZEROS],
        [0] * 10_000 + [3 * csr.JOB_NONZEROS] + [0] * 10_000 + [1],
        [5] * 30_000,
    ],
    ids=["at the bound of a job", "one long row", "many short rows"],
)
def test_jobs_of_several_threads_cover_every_row_once_and_give_the_same_bytes(lengths, dtype):
    matrix = random_csr(lengths, 100, dtype)
    X = np.random.default_rng(1).standard_normal((100, 3)).astype(dtype)
    alone = product(matrix, X)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    terms = matrix[2].astype(np.float64)[:, None] * X[matrix[1]]
    expected = np.stack([np.bincount(rows, column, len(lengths)) for column in terms.T], axis=1)
    np.testing.assert_allclose(alone, expected, rtol=1e-4, atol=2e-2 if dtype == np.float32 else 1e-9)
    for n_threads in (2, 3):
        np.testing.assert_array_equal(product(matrix, X, n_threads), alone)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0, 0]])
def test_matrices_without_nonzeros_give_zeros(lengths):
    assert not product(random_csr(lengths, 5, np.float32), np.ones((5, 17), np.float32)).any()


def test_no_columns_is_nothing_to_do():
    assert product(random_csr([1, 2], 5, np.float64), np.ones((5, 0))).shape == (2, 0)


def test_numbers_that_are_none_spread_no_further_than_their_rows():
    matrix = (np.array([0, 1, 2], np.int64), np.array([0, 1], np.int32), np.ones(2, np.float32))
    X = np.array([[np.nan] * 33, [2.0] * 33], np.float32)
    out = product(matrix, X)
    assert np.isnan(out[0]).all()
    np.testing.assert_array_equal(out[1], 2.0)
