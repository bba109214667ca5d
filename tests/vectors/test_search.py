"""Nearest-neighbour search against sorting everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedkit.vectors import search


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), max_size=30), st.integers(-1, 35))
def test_top_k_is_a_stable_sort_cut_off(values, k):
    scores = np.array(values, dtype=np.float32)
    expected = np.argsort(-scores, kind="stable")[: max(k, 0)]
    assert search.top_k(scores, k).tolist() == expected.tolist()


@pytest.mark.parametrize("tie", [False, True])
@pytest.mark.parametrize("excluding", [False, True])
@pytest.mark.parametrize("k", [1, 3, 50, 1000])
def test_tiles_change_nothing(monkeypatch, tie, excluding, k):
    random = np.random.default_rng(3)
    vectors = random.standard_normal((60, 5)).astype(np.float32)
    if tie:
        vectors = np.sign(vectors)
    divisors = search.row_norms(vectors)
    queries = vectors / divisors[:, np.newaxis]
    excluded = np.arange(60) if excluding else None
    scores = search.cosines(queries, vectors, divisors)
    if excluding:
        np.fill_diagonal(scores, -np.inf)
    size = min(k, 59 if excluding else 60)
    monkeypatch.setattr(search, "QUERY_BLOCK", 7)
    monkeypatch.setattr(search, "ROW_BLOCK", 11)
    indices, similarities = search.nearest_rows(queries, vectors, divisors, k, excluded)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :size]
    np.testing.assert_allclose(similarities, np.take_along_axis(scores, expected, axis=1), atol=1e-6)
    assert np.all(np.diff(similarities) <= 0)
    assert all(len(set(row)) == size for row in indices)
    if excluding:
        assert not (indices == np.arange(60)[:, np.newaxis]).any()
    if not tie:
        assert np.array_equal(indices, expected)


def test_norms_hold_what_squares_in_float32_would_lose():
    vectors = np.array([[1e-30, 0], [3e25, 4e25], [0, 0], [3e38, 3e38]], dtype=np.float32)
    assert search.row_norms(vectors).tolist() == pytest.approx([1e-30, 5e25, 0, np.inf])


def test_unit_rows_neither_overflow_nor_vanish():
    vectors = np.array([[3e300, 4e300], [3e-300, 4e-300], [0, 0], [np.nan, 1], [np.inf, 1]])
    assert search.unit_rows(vectors).tolist() == pytest.approx(np.array([[0.6, 0.8]] * 2 + [[0, 0]] * 3))


def test_unit_rows_of_float32_are_float32_and_as_exact_in_any_block(monkeypatch):
    vectors = np.random.default_rng(2).standard_normal((50, 3)).astype(np.float32)
    expected = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    vectors[7], vectors[9], vectors[11] = np.inf, [1e-40, 0, 0], 0
    expected[7], expected[9], expected[11] = 0, [1, 0, 0], 0
    monkeypatch.setattr(search, "BLOCK_VALUES", 10)
    unit = search.unit_rows(vectors)
    assert unit.dtype == np.float32
    np.testing.assert_allclose(unit, expected, rtol=2e-7)
    np.testing.assert_allclose(search.unit_rows(vectors.astype(np.float64)), expected, rtol=1e-15)
    assert np.array_equal(search.unit_rows(vectors[3]), unit[3])
    assert search.unit_rows(vectors[:0]).shape == (0, 3)


def test_only_an_excluded_row_among_the_vectors_costs_a_neighbour():
    vectors = np.eye(4, dtype=np.float32)
    one = np.ones(3, dtype=np.float32)
    assert search.nearest_rows(vectors[3:], vectors[:3], one, 5, np.array([3]))[0].tolist() == [[0, 1, 2]]
    assert search.nearest_rows(vectors[2:3], vectors[:3], one, 5, np.array([2]))[0].tolist() == [[0, 1]]


def test_cos_mul_is_the_quotient_of_shifted_cosines():
    cosines = np.array([[1, 0], [0, -1], [-1, 1]], dtype=np.float32)
    scores = search.cos_mul(cosines[:2], cosines[2:])
    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx([1 * 0.5 / 1e-6, 0])
