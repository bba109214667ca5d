"""The parts of the iteration: orthonormal columns whatever comes in, and restarts that lose nothing."""

import numpy as np
import pytest

from embedkit.models.svd.krylov import leading_eigenvectors
from embedkit.models.svd.tall import TallMatrices

TYPES = [np.float32, np.float64]


@pytest.fixture
def tall():
    with TallMatrices(2) as threads:
        yield threads


def basis(n, m, dtype=np.float64, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, m)))[0].astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
def test_projection_leaves_what_is_orthogonal_and_returns_the_rest(tall, dtype):
    V = basis(9000, 5, dtype)
    W = np.random.default_rng(1).standard_normal((9000, 3)).astype(dtype)
    before = W.copy()
    share = tall.project_out(W, V)
    np.testing.assert_allclose(V.T @ W, 0, atol=1e4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(W + V @ share, before, atol=1e-5)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    "lengths",
    [[1, 1, 1, 1], [1, 1e-2, 1e-4, 1e-6], [1e9, 1, 1, 1e-9], [1, 1, 0, 0], [0, 0, 0, 0], [1e-20] * 4, [5, 1e-30, 3, 0]],
)
def test_columns_become_orthonormal_and_span_what_they_did(tall, lengths, dtype):
    V = basis(500, 20, dtype)
    directions = np.random.default_rng(1).standard_normal((500, 4))
    directions -= V.astype(float) @ (V.T.astype(float) @ directions)
    mixed = np.linalg.qr(directions)[0] * lengths @ np.random.default_rng(2).standard_normal((4, 4))
    W = mixed.astype(dtype)
    scale = float(np.linalg.norm(W, axis=0).max())
    Q = tall.orthonormal_columns(W, V, scale, np.random.default_rng(3)).astype(float)
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(Q.T @ Q, np.eye(4), atol=50 * eps)
    np.testing.assert_allclose(V.T @ Q, 0, atol=200 * eps)
    np.testing.assert_allclose(Q @ (Q.T @ W), W, atol=100 * eps * scale)


def test_one_column_that_is_missing_among_all_dimensions_is_found(tall):
    V = basis(8, 7)
    Q = tall.orthonormal_columns(np.zeros((8, 1)), V, 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(V.T @ Q, 0, atol=1e-12)
    assert np.linalg.norm(Q) == pytest.approx(1)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("block", "most_vectors"), [(1, 24), (4, 40), (7, 60), (16, 90), (16, 384)])
def test_any_block_and_any_size_of_the_space_finds_the_leading_eigenvectors(tall, block, most_vectors, dtype):
    values = 1.0 / np.arange(1, 401)
    axes = basis(400, 400)
    C = ((axes * values) @ axes.T).astype(dtype)
    V, pairs = leading_eigenvectors(
        lambda X: C @ X, 400, 12, tall=tall, dtype=np.dtype(dtype), tol=1e-3, block=block, most_vectors=most_vectors,
        most_blocks=1000, random=np.random.default_rng(0), on_check=lambda pairs: None,
    )  # fmt: skip
    np.testing.assert_allclose(pairs.values[:12], values[:12], rtol=1e-5)
    V = V.astype(float)
    np.testing.assert_allclose(V.T @ V, np.eye(12), atol=100 * np.finfo(dtype).eps)
    residuals = np.linalg.norm(C @ V - V * pairs.values[:12], axis=0) / pairs.values[:12]
    np.testing.assert_allclose(residuals, pairs.residuals, rtol=0.05, atol=300 * np.finfo(dtype).eps)
    assert residuals.max() <= 1.05e-3


def test_a_space_that_closes_early_goes_on_with_new_directions(tall):
    C = np.zeros((100, 100))
    C[range(5), range(5)] = [5, 4, 3, 2, 1]
    V, pairs = leading_eigenvectors(
        lambda X: C @ X, 100, 8, tall=tall, dtype=np.dtype(float), tol=1e-8, block=2, most_vectors=40, most_blocks=50,
        random=np.random.default_rng(0), on_check=lambda pairs: None,
    )  # fmt: skip
    np.testing.assert_allclose(pairs.values[:8], [5, 4, 3, 2, 1, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(V.T @ V, np.eye(8), atol=1e-12)


def test_eigenvalues_that_a_single_vector_would_miss_are_found_by_a_block(tall):
    C = np.diag(np.concatenate([[2.0] * 6, np.linspace(1, 0.1, 94)]))
    _, pairs = leading_eigenvectors(
        lambda X: C @ X, 100, 6, tall=tall, dtype=np.dtype(float), tol=1e-8, block=8, most_vectors=60, most_blocks=100,
        random=np.random.default_rng(0), on_check=lambda pairs: None,
    )  # fmt: skip
    np.testing.assert_allclose(pairs.values[:6], 2.0, rtol=1e-10)


def test_a_large_part_that_all_directions_share_does_not_spoil_orthogonality(tall):
    values = 100 + np.linspace(1, 0, 400) ** 3
    axes = basis(400, 400)
    C = (axes * values) @ axes.T
    V, pairs = leading_eigenvectors(
        lambda X: C @ X, 400, 12, tall=tall, dtype=np.dtype(float), tol=1e-9, block=4, most_vectors=80, most_blocks=500,
        random=np.random.default_rng(0), on_check=lambda pairs: None,
    )  # fmt: skip
    np.testing.assert_allclose(V.T @ V, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(pairs.values[:12], values[:12], rtol=1e-12)


@pytest.mark.parametrize("dtype", TYPES)
def test_products_of_tall_matrices_are_those_of_numpy_and_the_same_bytes_for_any_number_of_threads(dtype):
    random = np.random.default_rng(0)
    V, W = random.standard_normal((20_000, 7)).astype(dtype), random.standard_normal((20_000, 3)).astype(dtype)
    M = random.standard_normal((7, 4))
    results = []
    for n_threads in (1, 2, 5):
        with TallMatrices(n_threads) as threads:
            inside = V.copy()
            threads.product(inside, M, out=inside[:, :4])
            results.append((threads.inner(V, W), threads.product(V, M), threads.lengths(V), inside[:, :4].copy()))
    exact = V.astype(float)
    for found, expected in zip(
        results[0], (exact.T @ W, exact @ M, np.linalg.norm(exact, axis=0), exact @ M), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3 if dtype == np.float32 else 1e-10)
    for other in results[1:]:
        assert all(a.tobytes() == b.tobytes() for a, b in zip(other, results[0], strict=True))
