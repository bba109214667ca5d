"""Batches: every text once in an epoch, those of similar length together, and the same ones from the same seed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from embedkit.neural.batches import POOL, LengthBatches, TextDataset, text_batches
from embedkit.neural.texts import NumberedTexts

LENGTHS = np.random.default_rng(0).geometric(0.05, 3000)


def epoch(batches):
    return [rows.tolist() for rows in batches]


def padding(batches, lengths=LENGTHS):
    """Share of the positions of all batches that hold no word."""
    positions = sum(len(rows) * lengths[rows].max() for rows in batches)
    return 1 - lengths.sum() / positions


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("by_length", [False, True])
@given(lengths=st.lists(st.integers(0, 9), max_size=300), batch_size=st.integers(1, 5))
def test_every_text_comes_once_in_an_epoch(shuffle, by_length, lengths, batch_size):
    batches = LengthBatches(np.array(lengths, int), batch_size, shuffle=shuffle, by_length=by_length)
    for _ in range(2):
        found = epoch(batches)
        assert sorted(row for rows in found for row in rows) == list(range(len(lengths)))
        assert len(found) == len(batches)
        assert sorted(map(len, found))[1:] == [batch_size] * (len(found) - 1)


def test_texts_to_predict_come_by_length_and_in_the_order_that_is_told():
    batches = LengthBatches(LENGTHS, 64)
    assert np.array_equal(np.concatenate(list(batches)), batches.order)
    assert (np.diff(LENGTHS[batches.order]) >= 0).all()
    assert epoch(batches) == epoch(batches)
    standing = LengthBatches(LENGTHS, 64, by_length=False)
    assert np.concatenate(list(standing)).tolist() == list(range(len(LENGTHS)))


def test_batches_by_length_hold_less_padding_than_random_ones():
    bucketed = padding(LengthBatches(LENGTHS, 20, shuffle=True))
    drawn = padding(LengthBatches(LENGTHS, 20, shuffle=True, by_length=False))
    assert padding(LengthBatches(LENGTHS, 20)) < bucketed < 0.1 < drawn


@pytest.mark.parametrize("by_length", [False, True])
def test_the_same_seed_gives_the_same_epochs_which_differ_from_one_another(by_length):
    first, again, other = (
        LengthBatches(LENGTHS, 20, shuffle=True, by_length=by_length, seed=seed) for seed in (1, 1, 2)
    )
    epochs = [epoch(first), epoch(first)]
    assert epochs == [epoch(again), epoch(again)]
    assert {frozenset(rows) for rows in epochs[0]} != {frozenset(rows) for rows in epochs[1]}
    assert epoch(other) != epochs[0]


def test_short_and_long_batches_come_mixed():
    longest = [LENGTHS[rows].max() for rows in LengthBatches(LENGTHS[: 20 * POOL], 20, shuffle=True)]
    rising = np.diff(longest) >= 0
    assert 0.25 < rising.mean() < 0.75


def test_a_loader_gives_numbers_and_classes_of_each_batch():
    texts = NumberedTexts(np.arange(2, 12), np.array([0, 4, 5, 8, 10]))
    classes = np.array([3, 0, 2, 1])
    batches = list(text_batches(TextDataset(texts, classes), batch_size=3))
    assert [ids.tolist() for ids, _ in batches] == [[[6, 0, 0], [10, 11, 0], [7, 8, 9]], [[2, 3, 4, 5]]]
    assert [labels.tolist() for _, labels in batches] == [[0, 1, 2], [3]]
    assert all(part.dtype == torch.int64 for batch in batches for part in batch)
    assert [labels.tolist() for _, labels in text_batches(TextDataset(texts), batch_size=4)] == [[0] * 4]
