"""Attention and the layers of a Transformer against loops over single words."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neural as naive

from embedkit.neural.layers.attention import ATTENTIONS, AttentionPooling, SelfAttention
from embedkit.neural.layers.encoder import NORMS, EncoderLayer
from embedkit.neural.layers.position import sinusoidal_positions


def numbers(tensor):
    return None if tensor is None else tensor.detach().numpy()


def parts(linear):
    return numbers(linear.weight), numbers(linear.bias)


@st.composite
def masked_states(draw, size, least=0):
    """States (n_texts, n_positions, size) in float64, and a mask with `least` words in each text."""
    n_texts, n_positions = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    states = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(n_texts, n_positions, size))
    masks = st.lists(st.booleans(), min_size=n_positions, max_size=n_positions).filter(lambda row: sum(row) >= least)
    return states, np.array(draw(st.lists(masks, min_size=n_texts, max_size=n_texts)))


def redrawn(module):
    """The module in float64, with every parameter drawn anew, those that begin as zeros or ones too."""
    torch.manual_seed(3)
    for parameter in module.double().parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return module.eval()


@pytest.mark.parametrize("score", ATTENTIONS)
@settings(max_examples=25)
@given(drawn=masked_states(size=4))
def test_attention_pooling_is_the_weighted_mean_of_the_formula(score, drawn):
    states, mask = drawn
    layer = redrawn(AttentionPooling(4, score))
    matrix, bias = (None, None) if layer.transform is None else parts(layer.transform)
    pooled, weights = layer(torch.from_numpy(states), torch.from_numpy(mask))
    for row, text in enumerate(zip(states, mask, strict=True)):
        expected = naive.attention_pool(*text, score, numbers(layer.query), matrix, bias)
        np.testing.assert_allclose(numbers(pooled)[row], expected[0], atol=1e-12)
        np.testing.assert_allclose(numbers(weights)[row], expected[1], atol=1e-12)


@pytest.mark.parametrize("score", ATTENTIONS)
def test_attention_pooling_of_nothing_is_zero_and_has_finite_gradients(score):
    layer, states = AttentionPooling(4, score), torch.randn(2, 3, 4, requires_grad=True)
    pooled, weights = layer(states, torch.tensor([[False] * 3, [True, True, False]]))
    assert not pooled[0].any()
    assert not weights[0].any()
    pooled.square().sum().backward()
    assert states.grad.isfinite().all()
    assert not states.grad[0].any()
    assert all(parameter.grad.isfinite().all() for parameter in layer.parameters())


def test_only_the_additive_score_has_a_bias_and_the_dot_no_matrix():
    assert AttentionPooling(4, "dot").transform is None
    assert AttentionPooling(4, "general").transform.bias is None
    assert AttentionPooling(4, "additive").transform.bias is not None


@pytest.mark.parametrize("n_heads", [1, 2, 4])
@settings(max_examples=20)
@given(drawn=masked_states(size=4, least=1))
def test_self_attention_is_what_each_word_gathers_from_each_other(n_heads, drawn):
    states, mask = drawn
    layer = redrawn(SelfAttention(4, n_heads))
    given_ = torch.from_numpy(states), torch.from_numpy(mask)
    mixed, weights = numbers(layer(*given_)), numbers(layer.weights(*given_))
    for row, text in enumerate(zip(states, mask, strict=True)):
        expected = naive.self_attention(*text, n_heads, parts(layer.projections), parts(layer.output))
        np.testing.assert_allclose(mixed[row], expected[0], atol=1e-10)
        np.testing.assert_allclose(weights[row], expected[1], atol=1e-10)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0)


def test_self_attention_drops_weights_in_training_only():
    layer, states, mask = SelfAttention(8, 2, dropout=0.5), torch.randn(1, 6, 8), torch.ones(1, 6, dtype=torch.bool)
    assert not torch.equal(layer(states, mask), layer(states, mask))
    layer.eval()
    assert torch.equal(layer(states, mask), layer(states, mask))


def test_the_three_projections_begin_with_the_spread_of_single_matrices():
    weight = SelfAttention(64, 4).projections.weight
    assert weight.abs().max() <= math.sqrt(6 / 128)
    for matrix in weight.chunk(3):
        assert matrix.var().item() == pytest.approx(2 / 128, rel=0.1)


@pytest.mark.parametrize("norm", NORMS)
@settings(max_examples=20)
@given(drawn=masked_states(size=4, least=1))
def test_an_encoder_layer_is_attention_and_two_linear_layers_with_ways_past_them(norm, drawn):
    states, mask = drawn
    layer = redrawn(EncoderLayer(4, 2, 6, dropout=0.3, norm=norm))
    found = numbers(layer(torch.from_numpy(states), torch.from_numpy(mask)))
    inner, outer = parts(layer.feedforward[0]), parts(layer.feedforward[3])
    projections, output = parts(layer.attention.projections), parts(layer.attention.output)

    def normed(which, rows):
        return np.array([naive.layer_norm(row, *parts(getattr(layer, which))) for row in rows])

    def attended(rows, counts):
        return naive.self_attention(rows, counts, 2, projections, output)[0]

    def fed(rows):
        return np.vectorize(naive.gelu)(rows @ inner[0].T + inner[1]) @ outer[0].T + outer[1]

    for row, (text, counts) in enumerate(zip(states, mask, strict=True)):
        if norm == "pre":
            text = text + attended(normed("attention_norm", text), counts)
            text = text + fed(normed("feedforward_norm", text))
        else:
            text = normed("attention_norm", text + attended(text, counts))
            text = normed("feedforward_norm", text + fed(text))
        np.testing.assert_allclose(found[row], text, atol=1e-9)


@pytest.mark.parametrize("norm", NORMS)
def test_an_encoder_layer_shows_the_attention_that_it_uses(norm):
    layer = redrawn(EncoderLayer(4, 2, 6, norm=norm)).double()
    states, mask = torch.randn(2, 3, 4, dtype=torch.float64), torch.tensor([[True] * 3, [True, False, False]])
    seen = layer.attention_norm(states) if norm == "pre" else states
    assert torch.equal(layer.weights(states, mask), layer.attention.weights(seen, mask))


@given(st.integers(1, 40), st.integers(1, 9))
def test_position_codes_are_sines_and_cosines_of_falling_rates(n_positions, size):
    codes = sinusoidal_positions(n_positions, size)
    assert codes.dtype == torch.float32
    expected = [naive.position_code(position, size) for position in range(n_positions)]
    np.testing.assert_allclose(codes.numpy(), expected, atol=1e-7)


def test_far_positions_keep_all_their_digits():
    code = naive.position_code(99_999, 6)
    np.testing.assert_allclose(sinusoidal_positions(100_000, 6)[-1].numpy(), code, atol=1e-7)


def test_the_worked_example_of_position_codes():
    expected = [[0, 1, 0, 1], [0.8415, 0.5403, 0.0100, 0.99995], [0.9093, -0.4161, 0.0200, 0.9998]]
    np.testing.assert_allclose(sinusoidal_positions(3, 4).numpy(), expected, atol=6e-5)
