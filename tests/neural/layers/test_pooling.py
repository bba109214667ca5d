"""Pooling and the masked softmax against loops over single numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neural as naive

from embedkit.neural.layers.pooling import k_max_pool, last_state, masked_softmax, max_pool, mean_pool

STATES = torch.tensor([[0.73], [0.85], [0.62], [0.91], [0.45]])
ALL = torch.ones(5, dtype=torch.bool)


@st.composite
def masked_states(draw):
    """States (n_texts, n_positions, size) in float64, with some ties, and any mask over their positions."""
    n_texts, n_positions, size = draw(st.integers(1, 3)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    states = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(n_texts, n_positions, size)).round(1)
    masks = st.lists(st.booleans(), min_size=n_positions, max_size=n_positions)
    return states, np.array(draw(st.lists(masks, min_size=n_texts, max_size=n_texts)))


@pytest.mark.parametrize(
    ("pool", "twin"),
    [
        (max_pool, naive.max_pool),
        (mean_pool, naive.mean_pool),
        (lambda *given: k_max_pool(*given, 1), lambda *given: naive.k_max_pool(*given, 1)),
        (lambda *given: k_max_pool(*given, 3), lambda *given: naive.k_max_pool(*given, 3)),
        (lambda *given: k_max_pool(*given, 8), lambda *given: naive.k_max_pool(*given, 8)),
    ],
    ids=["max", "mean", "1-max", "3-max", "8-max"],
)
@settings(max_examples=40)
@given(drawn=masked_states())
def test_pooling_is_what_a_loop_makes_of_the_positions_that_count(pool, twin, drawn):
    states, mask = drawn
    pooled = pool(torch.from_numpy(states), torch.from_numpy(mask)).numpy()
    np.testing.assert_allclose(pooled, [twin(*text) for text in zip(states, mask, strict=True)], atol=1e-12)


@settings(max_examples=40)
@given(drawn=masked_states(), length=st.integers(0, 6))
def test_the_last_state_is_that_of_the_last_word(drawn, length):
    states, mask = drawn
    mask = np.broadcast_to(np.arange(mask.shape[1]) < length, mask.shape)
    found = last_state(torch.from_numpy(states), torch.from_numpy(mask.copy())).numpy()
    np.testing.assert_array_equal(found, [naive.last_state(*text) for text in zip(states, mask, strict=True)])


@settings(max_examples=40)
@given(drawn=masked_states())
def test_the_masked_softmax_is_that_of_the_scores_that_count(drawn):
    scores, mask = drawn[0][:, :, 0] * 5, drawn[1]
    weights = masked_softmax(torch.from_numpy(scores), torch.from_numpy(mask)).numpy()
    np.testing.assert_allclose(weights, [naive.softmax(*text) for text in zip(scores, mask, strict=True)], atol=1e-12)
    np.testing.assert_allclose(weights.sum(axis=1), mask.any(axis=1))


@pytest.mark.parametrize(
    "pool",
    [
        max_pool,
        mean_pool,
        last_state,
        lambda *given: k_max_pool(*given, 2),
        lambda states, mask: masked_softmax(states[..., 0], mask),
    ],
    ids=["max", "mean", "last", "k-max", "softmax"],
)
def test_a_text_without_words_gives_zeros_and_finite_gradients(pool):
    states = torch.randn(2, 3, 4, requires_grad=True)
    pooled = pool(states, torch.tensor([[False] * 3, [True, True, False]]))
    assert (pooled[0] == 0).all()
    pooled.square().sum().backward()
    assert states.grad.isfinite().all()
    assert (states.grad[0] == 0).all()
    assert states.grad[1].any()


def test_what_does_not_count_may_be_any_finite_number():
    states, mask = torch.randn(2, 4, 3), torch.tensor([[True, True, False, False], [True, False, False, False]])
    huge = states.masked_fill(~mask.unsqueeze(-1), 1e30)
    for pool in (max_pool, mean_pool, last_state, lambda *given: k_max_pool(*given, 3)):
        assert torch.equal(pool(states, mask), pool(huge, mask))
    assert torch.equal(masked_softmax(states[..., 0], mask), masked_softmax(huge[..., 0], mask))


def test_scores_that_are_far_apart_do_not_overflow():
    weights = masked_softmax(torch.tensor([1e30, -1e30, 0.0]), torch.ones(3, dtype=torch.bool))
    assert weights.tolist() == [1.0, 0.0, 0.0]


def test_of_equal_numbers_the_first_are_kept_whatever_stands_behind():
    column = torch.tensor([0.0, 2.0, 1.0, 0.0, 2.0, 0.0, 1.0, 0.0])
    for n_more in (0, 1, 60, 500):
        states = torch.cat([column, torch.zeros(n_more)]).unsqueeze(-1)
        assert k_max_pool(states, torch.arange(len(states)) < 8, 3).tolist() == [2.0, 1.0, 2.0]
        assert k_max_pool(states, torch.arange(len(states)) < 1, 3).tolist() == [0.0, 0.0, 0.0]
        assert k_max_pool(states, torch.arange(len(states)) < 6, 5).tolist() == [0.0, 2.0, 1.0, 0.0, 2.0]


def test_the_worked_examples_of_pooling():
    assert max_pool(STATES, ALL).item() == pytest.approx(0.91)
    assert k_max_pool(STATES, ALL, 2).tolist() == pytest.approx([0.85, 0.91])
    assert mean_pool(STATES, ALL).item() == pytest.approx(0.712)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([2.0, 1.0, 0.1], [0.6590, 0.2424, 0.0986]),
        ([2.5, 1.8, 0.9, -1.2, -2.0], [0.5766, 0.2863, 0.1164, 0.0143, 0.0064]),
        ([0.178, 0.242, 0.147], [0.3294, 0.3512, 0.3194]),
    ],
)
def test_the_worked_examples_of_the_softmax(scores, expected):
    # One more score, which does not count.
    mask = torch.tensor([True] * len(scores) + [False])
    weights = masked_softmax(torch.tensor([*scores, 3.0]), mask).tolist()
    assert weights == pytest.approx([*expected, 0.0], abs=6e-5)
