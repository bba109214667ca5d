"""Truncated SVD against the dense decomposition and scipy's, and its promises about what it cannot reach."""

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import svds

from embedkit.errors import InputError, ParameterError
from embedkit.models.svd import truncated
from embedkit.models.svd.truncated import truncated_svd

TYPES = [np.float32, np.float64]


def random_matrix(n_rows, n_columns, density=0.02, dtype=np.float64, seed=0):
    return sparse.random_array((n_rows, n_columns), density=density, rng=seed, dtype=dtype, format="csr")


def with_spectrum(values, n_rows, n_columns, seed=0):
    """A sparse matrix of known singular values: a scaled diagonal, turned by rotations of pairs of axes."""
    random = np.random.default_rng(seed)
    place = np.arange(len(values))
    matrix = sparse.csr_array((np.asarray(values, float), (place, place)), shape=(n_rows, n_columns))
    return rotations(n_rows, random) @ matrix @ rotations(n_columns, random).T


def rotations(n, random, rounds=3):
    turned = sparse.eye_array(n, format="csr")
    for _ in range(rounds):
        pairs = random.permutation(n)[: n // 2 * 2].reshape(-1, 2)
        angles = random.uniform(0, 2 * np.pi, len(pairs))
        rest = np.setdiff1d(np.arange(n), pairs)
        i, j = pairs.T
        entries = np.concatenate([np.cos(angles), np.cos(angles), -np.sin(angles), np.sin(angles), np.ones(len(rest))])
        places = (np.concatenate([i, j, i, j, rest]), np.concatenate([i, j, j, i, rest]))
        turned = sparse.csr_array((entries, places), shape=(n, n)) @ turned
    return turned


def assert_is_svd(matrix, result, k, tol=1e-3):
    """Orthonormal vectors, descending values, residuals as they are reported, signs as they are promised."""
    U, s, V = result.U.astype(float), result.singular_values, result.V.astype(float)
    precision = 50 * np.finfo(result.U.dtype).eps
    assert U.shape == (matrix.shape[0], k)
    assert V.shape == (matrix.shape[1], k)
    np.testing.assert_allclose(U.T @ U, np.eye(k), atol=precision)
    np.testing.assert_allclose(V.T @ V, np.eye(k), atol=precision)
    assert (np.diff(s) <= 0).all()
    assert (s >= 0).all()
    over = np.where(s > 0, s, s[0] or 1)
    left = np.linalg.norm(matrix @ V - U * s, axis=0) / over
    right = np.linalg.norm(matrix.T @ U - V * s, axis=0) / over
    np.testing.assert_allclose(
        np.maximum(left, right), result.residuals, rtol=0.1, atol=precision * (s[0] / over).max()
    )
    assert result.residuals.max() <= tol
    assert (U[np.abs(U).argmax(axis=0), range(k)] > 0).all()


def test_the_worked_example():
    matrix = [[0, 5, 8, 1, 0], [5, 0, 7, 0, 1], [8, 7, 0, 2, 1], [1, 0, 2, 0, 6], [0, 1, 1, 6, 0]]
    result = truncated_svd(sparse.csr_array(matrix), 5)
    np.testing.assert_allclose(result.singular_values, [13.9755, 8.6282, 6.6035, 5.5190, 4.2629], atol=5e-5)
    assert_is_svd(np.array(matrix, float), result, 5)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(900, 700), (700, 900), (2000, 350)])
@pytest.mark.parametrize("k", [1, 2, 40])
def test_values_and_vectors_are_those_of_scipy(shape, k, dtype):
    matrix = random_matrix(*shape, dtype=dtype)
    result = truncated_svd(matrix, k, tol=1e-4)
    assert result.U.dtype == result.V.dtype == dtype
    assert result.n_products > 0
    assert_is_svd(matrix.astype(float), result, k, 1e-4)
    U, s, Vt = svds(matrix.astype(float), k=k, tol=1e-10)
    order = np.argsort(-s)
    np.testing.assert_allclose(result.singular_values, s[order], rtol=1e-5)
    # Where the next value is far, vectors agree up to their sign.
    alone = np.abs(np.diff(s[order], prepend=np.inf, append=0)) > 0.01 * s[order][0]
    for i in np.flatnonzero(alone[:-1] & alone[1:]):
        assert abs(result.U[:, i] @ U[:, order[i]]) > 0.999
        assert abs(result.V[:, i] @ Vt[order[i]]) > 0.999


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("k", [60, 200])
def test_a_flat_spectrum_that_needs_restarts_converges_to_the_dense_values(dtype, k):
    matrix = with_spectrum(1 + 1 / np.arange(1, 1201) ** 0.5, 1300, 1200).astype(dtype)
    result = truncated_svd(matrix, k)
    assert_is_svd(matrix.astype(float), result, k)
    np.testing.assert_allclose(result.singular_values, 1 + 1 / np.arange(1, k + 1) ** 0.5, rtol=1e-4)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_random_matrices_with_empty_rows_and_columns_equal_the_dense_decomposition(data):
    shape = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    matrix = random_matrix(*shape, density=data.draw(st.floats(0, 0.6)), seed=data.draw(st.integers(0, 999)))
    k = data.draw(st.integers(1, min(shape)))
    result = truncated_svd(matrix, k, n_threads=data.draw(st.integers(1, 2)))
    expected = np.linalg.svd(matrix.toarray(), compute_uv=False)[:k]
    np.testing.assert_allclose(result.singular_values, expected, atol=1e-12 * max(expected[0], 1))
    assert_is_svd(matrix, result, k)


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_iteration_equals_the_dense_decomposition_on_random_matrices(data):
    shape = data.draw(st.tuples(st.integers(310, 420), st.integers(310, 420)))
    dtype = data.draw(st.sampled_from(TYPES))
    matrix = random_matrix(*shape, data.draw(st.floats(0.0, 0.03)), dtype, data.draw(st.integers(0, 999)))
    k = data.draw(st.integers(1, 100))
    result = truncated_svd(matrix, k, seed=data.draw(st.integers(0, 9)))
    expected = np.linalg.svd(matrix.toarray().astype(float), compute_uv=False)[:k]
    np.testing.assert_allclose(result.singular_values, expected, rtol=1e-4, atol=1e-6 * expected[0])
    if expected[-1] > 1e-3 * expected[0]:
        assert_is_svd(matrix.astype(float), result, k)


@pytest.mark.parametrize("dtype", TYPES)
def test_values_that_come_many_times_are_found_as_many_times(dtype):
    values = np.concatenate([[5.0] * 40, [3.0] * 50, np.linspace(1, 0.5, 300)])
    result = truncated_svd(with_spectrum(values, 800, 600).astype(dtype), 90)
    np.testing.assert_allclose(result.singular_values, values[:90], rtol=1e-5)


@pytest.mark.parametrize("shape", [(900, 700), (40, 30), (400, 2000)])
@pytest.mark.parametrize("rank", [0, 1, 7])
def test_beyond_the_rank_are_zeros_with_orthonormal_vectors(shape, rank):
    random = np.random.default_rng(0)
    values = np.arange(rank, 0, -1.0)
    left, right = (np.linalg.qr(random.standard_normal((n, rank)))[0] for n in shape)
    matrix = sparse.csr_array((left * values) @ right.T)
    result = truncated_svd(matrix, 12)
    np.testing.assert_allclose(result.singular_values[:rank], values, rtol=1e-10)
    np.testing.assert_array_equal(result.singular_values[rank:], 0.0)
    assert_is_svd(matrix, result, 12)


def test_float64_takes_over_where_float32_cannot_resolve(caplog):
    values = np.logspace(0, -6, 500)
    matrix = with_spectrum(values, 700, 500).astype(np.float32)
    with caplog.at_level(logging.INFO, "embedkit"):
        result = truncated_svd(matrix, 150)
    assert result.U.dtype == np.float64
    assert "computing in float64" in caplog.text
    np.testing.assert_allclose(result.singular_values, values[:150], rtol=1e-4)
    assert truncated_svd(matrix, 5).U.dtype == np.float32


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_neither_large_nor_small_numbers_overflow(factor):
    matrix = random_matrix(800, 600, dtype=np.float32)
    expected = truncated_svd(matrix, 5).singular_values
    scaled = truncated_svd(matrix * np.float32(factor), 5).singular_values
    np.testing.assert_allclose(scaled, expected * factor, rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (5000, 1), (1, 5000)])
def test_one_row_or_one_column(shape):
    matrix = sparse.csr_array(np.arange(1.0, 1 + np.prod(shape)).reshape(shape))
    result = truncated_svd(matrix, 1)
    assert_is_svd(matrix, result, 1)
    assert result.singular_values[0] == pytest.approx(np.linalg.norm(matrix.data))


def test_all_values_of_a_matrix_too_large_to_be_made_dense(monkeypatch):
    monkeypatch.setattr(truncated, "DENSE_NUMBERS", 1000)
    matrix = random_matrix(300, 60, 0.2)
    for k in (40, 60):
        result = truncated_svd(matrix, k)
        assert_is_svd(matrix, result, k)
        np.testing.assert_allclose(
            result.singular_values, np.linalg.svd(matrix.toarray(), compute_uv=False)[:k], rtol=1e-8
        )


@pytest.mark.parametrize("dtype", TYPES)
def test_one_seed_gives_the_same_bytes_with_any_threads_and_another_the_same_values(dtype):
    matrix = random_matrix(900, 700, dtype=dtype)
    first, second, other = (truncated_svd(matrix, 20, seed=seed) for seed in (3, 3, 4))
    assert first.U.tobytes() == second.U.tobytes()
    assert first.V.tobytes() == second.V.tobytes()
    assert first.U.tobytes() != other.U.tobytes()
    np.testing.assert_allclose(first.singular_values, other.singular_values, rtol=1e-5)
    assert truncated_svd(matrix, 20, seed=3, n_threads=2).U.tobytes() == first.U.tobytes()


def test_every_kind_of_matrix_is_taken_and_left_as_it_was():
    dense = random_matrix(350, 330).toarray()
    dense[:, 7] = 0
    counts = (10 * dense).astype(np.int64)
    expected = truncated_svd(sparse.csr_array(counts.astype(float)), 3).singular_values
    row, column = counts.nonzero()
    halves = np.concatenate([counts[row, column] - 1, np.ones(len(row), np.int64)])
    twice = sparse.coo_array((halves, (np.tile(row, 2), np.tile(column, 2))), shape=counts.shape)
    wide = sparse.csr_array(counts)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    for matrix in (
        sparse.csr_array(counts), sparse.csc_array(counts), sparse.coo_array(counts), sparse.csr_matrix(counts),
        sparse.csc_matrix(counts), sparse.lil_array(counts), twice, twice.tocsr(copy=True), wide, counts,
    ):  # fmt: skip
        before = matrix.copy()
        np.testing.assert_allclose(truncated_svd(matrix, 3).singular_values, expected, rtol=1e-5)
        assert abs(matrix - before).sum() == 0
        assert getattr(matrix, "nnz", 0) == getattr(before, "nnz", 0)


def test_progress_rises_to_all_of_it():
    matrix = random_matrix(3000, 2500, 0.01)
    seen = []
    result = truncated_svd(matrix, 60, on_progress=seen.append)
    assert len(seen) >= 2
    assert seen[-1].fraction == 1.0
    assert seen[-1].converged == 60
    assert all(0 <= one.fraction <= 1 for one in seen)
    assert seen[0].products < seen[-1].products <= result.n_products
    assert seen[0].residual > seen[-1].residual


def test_too_few_products_leave_a_warning_that_names_the_residual(caplog):
    matrix = random_matrix(3000, 2500, 0.01)
    result = truncated_svd(matrix, 60, max_products=1)
    assert result.residuals.max() > 1e-3
    assert f"{result.residuals.max():.2g} at worst" in caplog.text
    assert "allow more products" in caplog.text
    caplog.clear()
    assert truncated_svd(matrix, 60).residuals.max() <= 1e-3
    assert not caplog.text


@pytest.mark.parametrize("k", [0, -1, 31, 2.5, "3", None])
def test_k_out_of_range_is_an_error_that_names_the_range(k):
    with pytest.raises(ParameterError, match=r"k=.*expected a whole number from 1 to 30"):
        truncated_svd(random_matrix(40, 30), k)


@pytest.mark.parametrize("settings", [{"tol": 0.0}, {"n_threads": 0}, {"seed": -1}, {"max_products": 0}])
def test_other_parameters_out_of_range_are_errors(settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        truncated_svd(random_matrix(40, 30), 3, **settings)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_an_empty_matrix_is_an_error(shape):
    with pytest.raises(InputError, match="expected two dimensions"):
        truncated_svd(sparse.csr_array(shape), 1)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_is_an_error(number):
    matrix = random_matrix(40, 30)
    matrix.data[5] = number
    with pytest.raises(InputError, match="NaN or infinity"):
        truncated_svd(matrix, 3)


@pytest.mark.parametrize("matrix", [np.ones(5), np.ones((2, 2)) * 1j, np.array([["a"]]), np.array([[None]])])
def test_what_is_no_real_matrix_is_an_error(matrix):
    with pytest.raises(InputError, match="expected"):
        truncated_svd(matrix, 1)


def test_values_that_are_nearly_alike_are_not_taken_for_one():
    values = np.concatenate([np.linspace(3.0003, 3, 80), np.linspace(1, 0.5, 300)])
    result = truncated_svd(with_spectrum(values, 900, 800), 100)
    np.testing.assert_allclose(result.singular_values, values[:100], rtol=1e-4)
