"""Convolution over windows of words against sums over single windows."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neural as naive

from embedkit.neural.layers.convolution import WindowConvolution
from embedkit.neural.layers.pooling import POOLINGS

SIZE = 3


def layer_of(windows, n_filters, pooling="max", k=2, *, wide=False):
    torch.manual_seed(7)
    return WindowConvolution(SIZE, windows, n_filters, pooling, k, wide=wide).double()


def batch_of(lengths, n_positions, seed=0):
    """Vectors, also behind the ends of texts, where they must not count, and the mask."""
    vectors = np.random.default_rng(seed).normal(size=(len(lengths), n_positions, SIZE))
    mask = np.arange(n_positions) < np.array(lengths)[:, None]
    return torch.from_numpy(vectors), torch.from_numpy(mask)


def expected_features(layer, vectors, mask):
    features = []
    for text, counts in zip(vectors.numpy(), mask.numpy(), strict=True):
        parts = [
            naive.convolution(
                text[counts],
                filters.weight.detach().numpy(),
                filters.bias.detach().numpy(),
                layer.pooling,
                layer.k,
                layer.wide,
            )
            for filters in layer.filters
        ]
        features.append(np.concatenate(parts))
    return features


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
@pytest.mark.parametrize("pooling", POOLINGS)
@settings(max_examples=25)
@given(
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    more=st.integers(0, 2),
    windows=st.lists(st.integers(1, 8), min_size=1, max_size=3),
    k=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_features_are_those_of_windows_taken_one_by_one(pooling, wide, lengths, more, windows, k, seed):
    layer = layer_of(windows, 2, pooling, k, wide=wide)
    vectors, mask = batch_of(lengths, max(1, *lengths, 0) + more, seed)
    found = layer(vectors, mask).detach().numpy()
    assert found.shape == (len(lengths), layer.n_features)
    np.testing.assert_allclose(found, expected_features(layer, vectors, mask), atol=1e-12)


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("n_words", [1, 2, 3, 4, 5])
def test_windows_below_at_and_above_the_length_of_the_text(pooling, wide, n_words):
    layer = layer_of([n_words - 1, n_words, n_words + 1] if n_words > 1 else [1, 2], 4, pooling, wide=wide)
    vectors, mask = batch_of([n_words], n_words)
    np.testing.assert_allclose(
        layer(vectors, mask).detach().numpy(), expected_features(layer, vectors, mask), atol=1e-12
    )


@pytest.mark.parametrize(("n_words", "window", "wide", "n_windows"), [(3, 3, True, 5), (6, 3, False, 4)])
def test_the_worked_examples_of_widths(n_words, window, wide, n_windows):
    # Filters that are 1 everywhere: as many numbers as there are windows, none of which is 0.
    layer = WindowConvolution(1, [window], 1, "k-max", 9, wide=wide)
    torch.nn.init.ones_(layer.filters[0].weight)
    features = layer(torch.ones(1, n_words, 1), torch.ones(1, n_words, dtype=torch.bool))
    assert (features > 0.5).sum() == n_windows


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_empty_texts_give_zeros_and_finite_gradients(pooling, wide):
    layer = layer_of([1, 3], 2, pooling, wide=wide)
    vectors, mask = batch_of([0, 2], 2)
    features = layer(vectors.requires_grad_(), mask)
    assert not features[0].any()
    features.sum().backward()
    assert vectors.grad.isfinite().all()
    assert not vectors.grad[0].any()
    assert layer(*batch_of([0, 0], 1)).tolist() == [[0.0] * layer.n_features] * 2


def test_the_number_of_features_counts_windows_filters_and_kept_numbers():
    assert WindowConvolution(SIZE).n_features == 300
    assert WindowConvolution(SIZE, (2, 3), 5, "mean").n_features == 10
    assert WindowConvolution(SIZE, (2, 3), 5, "k-max", 4).n_features == 40
