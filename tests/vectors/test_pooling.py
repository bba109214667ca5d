"""Pooled vectors against loops in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embedkit.errors import ParameterError
from embedkit.vectors import pooling
from embedkit.vectors.pooling import (
    common_component,
    document_lengths,
    max_vectors,
    mean_vectors,
    min_vectors,
    sum_vectors,
)

N_WORDS = 7
documents = st.lists(st.lists(st.integers(0, N_WORDS - 1), max_size=6), max_size=12)
matrices = arrays.arrays(np.float32, (N_WORDS, 3), elements=st.floats(-8, 8, width=16))


def ids_of(lists):
    return np.array([number for words in lists for number in [*words, -1]], np.int32)


def pooled_one_by_one(lists, vectors, pool):
    zeros = np.zeros(vectors.shape[1])
    return np.array([pool(vectors[words].astype(float), words) if words else zeros for words in lists]).reshape(-1, 3)


@settings(deadline=None)
@given(documents, matrices, st.integers(1, 3))
def test_every_pooling_is_that_of_each_document_by_itself(lists, vectors, n_threads):
    ids, weights = ids_of(lists), np.arange(N_WORDS) / 4
    expected = pooled_one_by_one(lists, vectors, lambda rows, _: rows.mean(axis=0))
    np.testing.assert_allclose(mean_vectors(ids, vectors, n_threads=n_threads), expected, atol=1e-5)
    expected = pooled_one_by_one(lists, vectors, lambda rows, words: weights[words] @ rows)
    np.testing.assert_allclose(sum_vectors(ids, vectors, weights, n_threads=n_threads), expected, atol=1e-4)
    expected = pooled_one_by_one(
        lists, vectors, lambda rows, words: weights[words] @ rows / (weights[words].sum() or 1.0)
    )
    np.testing.assert_allclose(mean_vectors(ids, vectors, weights), expected, atol=1e-5)
    np.testing.assert_array_equal(
        max_vectors(ids, vectors), pooled_one_by_one(lists, vectors, lambda rows, _: rows.max(axis=0))
    )
    np.testing.assert_array_equal(
        min_vectors(ids, vectors), pooled_one_by_one(lists, vectors, lambda rows, _: rows.min(axis=0))
    )
    assert document_lengths(ids).tolist() == [len(words) for words in lists]


@pytest.mark.parametrize("gathered", [1, 2, 5, 1000])
def test_documents_are_gathered_in_parts_of_any_size(monkeypatch, gathered):
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((N_WORDS, 3)).astype(np.float32)
    lists = [list(rng.integers(0, N_WORDS, size)) for size in [0, 3, 0, 0, 1, 6, 2, 0, 1, 4, 0]]
    monkeypatch.setattr(pooling, "GATHERED", gathered)
    expected = pooled_one_by_one(lists, vectors, lambda rows, _: rows.max(axis=0)).astype(np.float32)
    np.testing.assert_array_equal(max_vectors(ids_of(lists), vectors), expected)
    lengths = np.linalg.norm(common_component(vectors))
    assert lengths == pytest.approx(1, abs=1e-6)


def test_pooled_vectors_are_float32_and_of_documents_without_words_zero():
    vectors = np.ones((2, 5), np.float32)
    for pool in (sum_vectors, mean_vectors, max_vectors, min_vectors):
        found = pool(np.array([-1, 0, -1, -1], np.int32), vectors)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, [[0] * 5, [1] * 5, [0] * 5])
        assert pool(np.empty(0, np.int32), vectors).shape == (0, 5)


@pytest.mark.parametrize("pool", [sum_vectors, mean_vectors, max_vectors, min_vectors])
def test_ids_without_an_end_are_refused(pool):
    with pytest.raises(ParameterError, match="do not end with -1"):
        pool(np.array([0, -1, 1], np.int32), np.ones((2, 2), np.float32))


@settings(deadline=None)
@given(arrays.arrays(np.float64, (5, 3), elements=st.floats(-8, 8, width=16)))
def test_the_common_component_is_the_first_singular_vector(vectors):
    direction = common_component(vectors)
    _, values, rows = np.linalg.svd(vectors)
    if values[0] == 0:
        assert not direction.any()
    elif values[0] - values[1] > 1e-2 * values[0]:
        np.testing.assert_allclose(abs(direction @ rows[0]), 1, atol=1e-4)
    # Of several that are largest, one is not negative.
    assert direction.max() >= np.abs(direction).max() * (1 - 1e-6)
