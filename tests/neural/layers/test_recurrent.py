"""Recurrent layers against torch's packed sequences, and against one word at a time."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neural as naive
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from embedkit.neural.layers.recurrent import CELLS, RecurrentLayers

SIZE, HIDDEN = 3, 4
KINDS = [(cell, both, n_layers) for cell in CELLS for both in (False, True) for n_layers in (1, 2)]


def layers_of(cell, both, n_layers=1, dropout=0.0):
    torch.manual_seed(5)
    return RecurrentLayers(SIZE, HIDDEN, cell, n_layers, bidirectional=both, dropout=dropout).double()


def torch_twin(layers, cell):
    """torch's own stack, with the same weights."""
    both, n_layers = len(layers.backward_layers) > 0, len(layers.forward_layers)
    twin = CELLS[cell](SIZE, HIDDEN, n_layers, batch_first=True, bidirectional=both).double()
    for number in range(n_layers):
        for ours, suffix in ((layers.forward_layers, ""), (layers.backward_layers, "_reverse")):
            if len(ours):
                for name, parameter in ours[number].named_parameters():
                    getattr(twin, f"{name.removesuffix('0')}{number}{suffix}").data.copy_(parameter)
    return twin


def batch_of(lengths, more=0, seed=0):
    n_positions = max(lengths) + more
    vectors = np.random.default_rng(seed).normal(size=(len(lengths), n_positions, SIZE))
    mask = np.arange(n_positions) < np.array(lengths)[:, None]
    return torch.from_numpy(vectors), torch.from_numpy(mask)


@pytest.mark.parametrize(("cell", "both", "n_layers"), KINDS)
@settings(max_examples=8)
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4), more=st.integers(0, 2), seed=st.integers(0, 99))
def test_states_are_those_of_packed_sequences(cell, both, n_layers, lengths, more, seed):
    layers = layers_of(cell, both, n_layers)
    vectors, mask = batch_of(lengths, more, seed)
    packed = pack_padded_sequence(vectors, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    expected, last = torch_twin(layers, cell)(packed)
    expected, _ = pad_packed_sequence(expected, batch_first=True, total_length=vectors.shape[1])
    states = layers(vectors, mask)
    torch.testing.assert_close(states[mask], expected[mask])
    # The states of the last layer, forwards and backwards.
    last = last[0] if cell == "lstm" else last
    torch.testing.assert_close(layers.final(states, mask), last[-2 if both else -1 :].transpose(0, 1).flatten(1))


@pytest.mark.parametrize("cell", CELLS)
def test_states_are_those_of_the_formulas_word_by_word(cell):
    layers = layers_of(cell, both=True)
    vectors, mask = batch_of([4, 2, 1])
    states = layers(vectors, mask).detach().numpy()
    ahead, back = (
        [parameter.detach().numpy() for parameter in direction[0].parameters()]
        for direction in (layers.forward_layers, layers.backward_layers)
    )
    for row, length in enumerate([4, 2, 1]):
        words = vectors[row, :length].numpy()
        np.testing.assert_allclose(states[row, :length, :HIDDEN], naive.recurrent(cell, words, ahead), atol=1e-12)
        backward = naive.recurrent(cell, words[::-1], back)[::-1]
        np.testing.assert_allclose(states[row, :length, HIDDEN:], backward, atol=1e-12)


@pytest.mark.parametrize(("cell", "both", "n_layers"), KINDS)
def test_texts_without_words_end_in_zeros_and_finite_gradients(cell, both, n_layers):
    layers = layers_of(cell, both, n_layers)
    vectors, mask = batch_of([0, 3])
    last = layers.final(layers(vectors.requires_grad_(), mask), mask)
    assert not last[0].any()
    assert last[1].all()
    last.sum().backward()
    assert vectors.grad.isfinite().all()
    assert not vectors.grad[0].any()


@pytest.mark.parametrize("n_layers", [1, 2])
def test_the_forget_gates_of_an_lstm_begin_with_the_bias_one(n_layers):
    layers = RecurrentLayers(SIZE, HIDDEN, "lstm", n_layers)
    directions = [*layers.forward_layers, *layers.backward_layers]
    assert len(directions) == 2 * n_layers
    for layer in directions:
        bias = layer.bias_ih_l0 + layer.bias_hh_l0
        assert bias[HIDDEN : 2 * HIDDEN].tolist() == [1.0] * HIDDEN
        assert (bias[:HIDDEN] != 1).all()


def test_dropout_is_between_layers_and_in_training_only():
    vectors, mask = batch_of([5, 5])
    one, two = layers_of("gru", both=True, dropout=0.5), layers_of("gru", both=True, n_layers=2, dropout=0.5)
    assert torch.equal(one(vectors, mask), one(vectors, mask))
    assert not torch.equal(two(vectors, mask), two(vectors, mask))
    two.eval()
    assert torch.equal(two(vectors, mask), two(vectors, mask))


@pytest.mark.parametrize("both", [False, True])
def test_the_number_of_features_counts_directions(both):
    layers = layers_of("gru", both)
    assert layers(*batch_of([2])).shape[-1] == layers.n_features == HIDDEN * (2 if both else 1)
