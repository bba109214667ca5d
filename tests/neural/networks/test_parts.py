"""What is special to each network: its number of parameters, its attention, its n-grams."""

import pytest
import torch

from embedkit.errors import ParameterError
from embedkit.neural.layers.embedding import PADDING, WordEmbedding
from embedkit.neural.networks.fasttext import FACTOR, MeanOfWords
from embedkit.neural.networks.hierarchical import HierarchicalAttention
from embedkit.neural.networks.rnn import TextRNN
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.networks.transformer import TextTransformer

IDS = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0], [0, 0, 0, 0]])


def words_of(freeze="non-static"):
    torch.manual_seed(6)
    return WordEmbedding(10, 8, freeze, n_kept=5)


@pytest.mark.parametrize(("freeze", "of_words"), [("non-static", 80), ("multichannel", 80), ("static", 0)])
def test_parameters_are_counted_as_in_the_papers(freeze, of_words):
    words = words_of(freeze)
    size = 16 if freeze == "multichannel" else 8  # filters have weights for each channel
    filters = 7 * (size * 2 + 1) + 7 * (size * 4 + 1)
    assert TextCNN(words, 3, (2, 4), 7).n_parameters == of_words + filters + 3 * (14 + 1)
    lstm = 2 * 4 * 5 * (size + 5 + 2)
    assert TextRNN(words, 3, hidden_size=5, pooling="last").n_parameters == of_words + lstm + 3 * (10 + 1)
    attention = 10 * 10 + 10 + 10
    assert TextRNN(words, 3, hidden_size=5).n_parameters == of_words + lstm + attention + 3 * (10 + 1)
    layer = 3 * 6 * 7 + 6 * 7 + (6 * 24 + 24) + (24 * 6 + 6) + 2 * 2 * 6
    projection, norm, top = size * 6 + 6, 2 * 6, 3 * 7
    transformer = TextTransformer(words, 3, 6, n_layers=2, n_heads=2)
    assert transformer.n_parameters == of_words + projection + 2 * layer + norm + top
    mean = MeanOfWords(words, 3, word_ngrams=2, buckets=20)
    assert mean.n_parameters == of_words + 20 * size + 3 * (size + 1)
    mean.output.bias.requires_grad_(False)
    assert mean.n_parameters == of_words + 20 * size + 3 * size


@pytest.mark.parametrize("score", ["additive", "general", "dot"])
def test_attention_of_a_recurrent_network_weighs_its_words(score):
    network = TextRNN(words_of(), 2, hidden_size=5, attention_score=score).eval()
    weights = network.attention(IDS)
    torch.testing.assert_close(weights.sum(dim=1), torch.tensor([1.0, 1.0, 0.0]))
    assert not weights[IDS == PADDING].any()
    states = network.layers(network.words(IDS), IDS != PADDING)
    scores = network.output((weights.unsqueeze(-1) * states).sum(dim=1))
    torch.testing.assert_close(network(IDS), scores)


def test_a_recurrent_network_without_attention_has_none_to_show():
    assert TextRNN(words_of(), 2, pooling="max").attention(IDS) is None


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_attention_of_a_transformer_is_that_of_each_layer(pooling):
    network = TextTransformer(words_of(), 2, 8, n_layers=3, n_heads=2, pooling=pooling).eval()
    weights = network.attention(IDS)
    first = int(pooling == "cls")
    assert weights.shape == (3, 3, 2, 4 + first, 4 + first)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, 3, 2, 4 + first))
    assert not weights[1, ..., 2 + first :].any()
    seen = []
    for layer in network.layers:
        layer.register_forward_pre_hook(lambda layer, inputs: seen.append(layer.weights(*inputs)))
    network(IDS)
    torch.testing.assert_close(weights, torch.stack(seen, dim=1))


def test_a_transformer_tells_orders_of_words_apart_by_their_positions():
    network = TextTransformer(words_of(), 2, 8, n_heads=2).eval()
    turned = IDS[:1].flip(1)
    assert not torch.allclose(network(turned), network(IDS[:1]), atol=1e-4)
    network.positions.zero_()
    torch.testing.assert_close(network(turned), network(IDS[:1]))


def test_the_state_of_cls_reads_the_text():
    network = TextTransformer(words_of(), 2, 8, n_heads=2, pooling="cls").eval()
    assert not torch.allclose(network(IDS[:1]), network(IDS[1:2]), atol=1e-4)
    states, seen, words = network._start(network.words(IDS), IDS != PADDING)
    assert seen[:, 0].all()
    torch.testing.assert_close(states[:, 0], (network.cls * 8**0.5 + network.positions[0]).expand(3, -1))
    torch.testing.assert_close(states[:, 1], network.words(IDS)[:, 0] * 8**0.5 + network.positions[1])
    assert torch.equal(words, IDS != PADDING)


def test_attention_of_a_hierarchical_network_weighs_its_sentences():
    network = HierarchicalAttention(words_of(), 2, n_filters=3, hidden_size=5).eval()
    ids = torch.stack([IDS, IDS.roll(1, 0)[[1, 0, 2]], torch.zeros_like(IDS)])
    ids[1] = ids[1][[0, 2, 1]]  # sentences that are there come first
    weights = network.attention(ids)
    torch.testing.assert_close(weights.sum(dim=1), torch.tensor([1.0, 1.0, 0.0]))
    assert torch.equal(weights > 0, (ids != PADDING).any(dim=-1))
    sentences = torch.stack([network.convolution(network.words(text), text != PADDING) for text in ids])
    states = network.layers(sentences, (ids != PADDING).any(dim=-1))
    torch.testing.assert_close(network(ids), network.output((weights.unsqueeze(-1) * states).sum(dim=1)))


def test_a_mean_of_words_is_taken_over_words_and_hashed_ngrams():
    network = MeanOfWords(words_of(), 2, word_ngrams=3, buckets=17).eval()
    torch.nn.init.normal_(network.buckets.weight)
    table, buckets = network.words.weight, network.buckets.weight
    for row, text in enumerate([[2, 3, 4, 5], [6, 7], []]):
        vectors = [table[word] for word in text]
        for length in (2, 3):
            for first in range(len(text) - length + 1):
                key = text[first]
                for word in text[first + 1 : first + length]:
                    key = key * FACTOR % 2**31 + word
                vectors.append(buckets[key % 17])
        mean = torch.stack(vectors).mean(dim=0) if vectors else torch.zeros(8)
        torch.testing.assert_close(network(IDS)[row], network.output(mean))


def test_ngrams_begin_as_zeros_and_longer_ones_than_a_text_are_none():
    network = MeanOfWords(words_of(), 2, word_ngrams=9, buckets=17).eval()
    assert not network.buckets.weight.any()
    assert network(IDS).isfinite().all()


def test_a_text_longer_than_the_codes_of_positions():
    ids = torch.ones(1, 9, dtype=torch.int64)
    network = TextTransformer(WordEmbedding(5, 8), 2, hidden_size=8, n_heads=2, max_length=4).eval()
    longer = TextTransformer(WordEmbedding(5, 8), 2, hidden_size=8, n_heads=2, max_length=9).eval()
    longer.load_state_dict(network.state_dict())
    torch.testing.assert_close(network(ids), longer(ids))
    learned = TextTransformer(WordEmbedding(5, 8), 2, hidden_size=8, n_heads=2, max_length=4, positions="learned")
    with pytest.raises(ParameterError, match="a text has 9 positions, and 4 were learned"):
        learned(ids)
