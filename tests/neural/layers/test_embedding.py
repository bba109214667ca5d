"""Word vectors: what training changes, what it keeps, and what padding and unknown words are."""

import pytest
import torch

from embedkit.neural.layers.convolution import WindowConvolution
from embedkit.neural.layers.embedding import FREEZE, PADDING, SPREAD, UNKNOWN, WordEmbedding

N_WORDS, SIZE, N_KEPT = 6, 3, 2
TABLE = torch.arange(1.0, 1 + N_WORDS * SIZE).reshape(N_WORDS, SIZE) / 10
KEPT = -torch.arange(1.0, 1 + N_KEPT * SIZE).reshape(N_KEPT, SIZE) / 10
IDS = torch.tensor([[2, 7, 5, 6], [3, UNKNOWN, PADDING, PADDING]])


def words_of(freeze, **settings):
    words = WordEmbedding(N_WORDS, SIZE, freeze, N_KEPT, **settings)
    words.set_vectors(TABLE, KEPT)
    return words


def expected_vectors(channels):
    table = torch.cat([torch.zeros(1, SIZE), TABLE[1:], KEPT])
    return torch.stack([torch.stack([channels * table[number] for number in text]) for text in IDS.tolist()])


@pytest.mark.parametrize(("freeze", "channels"), [("non-static", 1), ("static", 1), ("multichannel", 2)])
def test_words_have_the_vectors_that_were_given_and_padding_none(freeze, channels):
    torch.testing.assert_close(words_of(freeze)(IDS), expected_vectors(1).repeat(1, 1, channels))


@pytest.mark.parametrize("freeze", FREEZE)
def test_words_may_stand_in_sentences(freeze):
    words = words_of(freeze)
    assert torch.equal(words(IDS.view(2, 2, 2)), words(IDS).view(2, 2, 2, words.size))


def test_vectors_that_begin_at_random_are_uniform():
    weight = WordEmbedding(2000, 10).weight
    assert not weight[PADDING].any()
    assert weight.abs().max() <= SPREAD
    assert weight[1:].var().item() == pytest.approx(SPREAD**2 / 3, rel=0.05)


@pytest.mark.parametrize("freeze", FREEZE)
def test_training_changes_what_it_should(freeze):
    words = words_of(freeze)
    changed = [name for name, _ in words.named_parameters()]
    assert changed == ([] if freeze == "static" else ["weight"])
    if freeze == "static":
        assert not words(IDS).requires_grad
        return
    words(IDS).sum().backward()
    # One for each word of the table; none for padding, and for words that are kept.
    expected = torch.zeros(N_WORDS, SIZE)
    expected[[1, 2, 3, 5]] = 1.0
    assert torch.equal(words.weight.grad, expected)


@pytest.mark.parametrize("freeze", FREEZE)
def test_the_state_holds_all_tables_under_their_names(freeze):
    names = {"weight", "kept"} | ({"channel"} if freeze == "multichannel" else set())
    assert set(words_of(freeze).state_dict()) == names
    assert set(WordEmbedding(N_WORDS, SIZE, freeze).state_dict()) == names - {"kept"}


def test_filters_have_weights_for_each_of_two_channels():
    torch.manual_seed(2)
    words = words_of("multichannel")
    with torch.no_grad():
        words.weight[1:] += torch.randn(N_WORDS - 1, SIZE)  # as training does
    layer, mask = WindowConvolution(words.size, [2], 4), IDS != PADDING
    kept, weight, bias = words.kept, layer.filters[0].weight, layer.filters[0].bias
    for row, length in enumerate(mask.sum(dim=1).tolist()):
        rows = IDS[row, :length]
        trained, given = torch.cat([words.weight, kept])[rows], torch.cat([words.channel, kept])[rows]
        sums = torch.stack(
            [
                torch.einsum("foi,io->f", weight[:, :SIZE], trained[first : first + 2])
                + torch.einsum("foi,io->f", weight[:, SIZE:], given[first : first + 2])
                + bias
                for first in range(length - 1)
            ]
        )
        torch.testing.assert_close(layer(words(IDS), mask)[row], torch.relu(sums).max(dim=0)[0])


def test_the_second_channel_does_not_follow_the_first():
    words = words_of("multichannel")
    words(IDS).sum().backward()
    torch.optim.SGD(words.parameters(), lr=1.0).step()
    assert torch.equal(words.channel[1:], TABLE[1:])
    torch.testing.assert_close(words.weight[2], TABLE[2] - 1)
    assert not words.weight[PADDING].any()


def test_word_dropout_takes_words_for_the_unknown_one():
    torch.manual_seed(1)
    words = words_of("static", word_dropout=0.3)
    ids = torch.tensor([2, 7, PADDING, 4]).repeat(5000, 1)
    vectors = words(ids)
    unknown = (vectors == TABLE[UNKNOWN]).all(dim=-1)
    assert unknown[:, [0, 1, 3]].float().mean(dim=0).tolist() == pytest.approx([0.3] * 3, abs=0.03)
    assert not vectors[:, 2].any()
    whole = words_of("static")(ids)
    assert torch.equal(vectors[~unknown], whole[~unknown])
    assert not torch.equal(words(ids), vectors)
    words.eval()
    assert torch.equal(words(ids), whole)
