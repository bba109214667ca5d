"""Alias tables and survival probabilities against the distributions they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import word2vec as reference

from embedkit._cext import sampling


def table_probabilities(table):
    """The distribution an alias table draws from."""
    probabilities = np.zeros(len(table))
    for column, (threshold, alias) in enumerate(table.tolist()):
        probabilities[column] += threshold / 2**32
        probabilities[alias] += 1 - threshold / 2**32
    return probabilities / len(table)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50).filter(lambda weights: sum(weights) > 1e-3))
def test_an_alias_table_holds_the_distribution(weights):
    weights = np.array(weights)
    np.testing.assert_allclose(table_probabilities(sampling.alias_table(weights)), weights / weights.sum(), atol=1e-8)


@pytest.mark.parametrize("n_words", [1, 2, 3, 100])
def test_drawn_frequencies_follow_the_weights(n_words):
    weights = np.arange(1.0, n_words + 1) ** 0.75
    drawn = sampling.draw_noise(sampling.alias_table(weights), 400_000, 5)
    expected = weights / weights.sum()
    deviation = np.sqrt(expected * (1 - expected) / len(drawn))
    assert (np.abs(np.bincount(drawn, minlength=n_words) / len(drawn) - expected) <= 5 * deviation + 1e-9).all()


def test_draws_are_those_of_the_twin():
    table = sampling.alias_table(np.array([5.0, 1.0, 3.0, 0.5]))
    assert sampling.draw_noise(table, 200, 99).tolist() == reference.alias_draws(table, 99, 200)


def test_a_word_of_no_weight_is_never_drawn():
    assert 1 not in sampling.draw_noise(sampling.alias_table(np.array([1.0, 0.0, 2.0])), 100_000, 3)


@pytest.mark.parametrize("sample", [1e-1, 1e-3])
def test_survival_is_the_rule_of_word2vec(sample):
    counts = np.array([5000, 900, 90, 9, 1], np.int64)
    ratio = sample * counts.sum() / counts
    expected = np.minimum(np.sqrt(ratio) + ratio, 1.0)
    np.testing.assert_allclose(sampling.keep_thresholds(counts, sample) / (2**32 - 1), expected, atol=1e-9)


def test_without_subsampling_every_token_survives():
    assert (sampling.keep_thresholds(np.array([10**9, 1, 0], np.int64), 0.0) == 2**32 - 1).all()
