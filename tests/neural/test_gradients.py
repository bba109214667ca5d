"""Gradients of every part against differences of its values, in float64."""

import pytest
import torch
from torch.autograd import gradcheck

from embedkit.neural.layers.attention import ATTENTIONS, AttentionPooling, SelfAttention
from embedkit.neural.layers.convolution import WindowConvolution
from embedkit.neural.layers.embedding import WordEmbedding
from embedkit.neural.layers.encoder import NORMS, EncoderLayer
from embedkit.neural.layers.pooling import POOLINGS, k_max_pool, last_state, masked_softmax, max_pool, mean_pool
from embedkit.neural.layers.recurrent import CELLS, RecurrentLayers
from embedkit.neural.networks.fasttext import MeanOfWords
from embedkit.neural.networks.hierarchical import HierarchicalAttention
from embedkit.neural.networks.rnn import TextRNN
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.networks.transformer import TextTransformer
from embedkit.neural.training.objective import symmetric_divergence

SIZE = 4
# Of three words, of one, and of none.
MASK = torch.arange(3) < torch.tensor([[3], [1], [0]])
IDS = torch.tensor([[2, 3, 4], [5, 0, 0], [0, 0, 0]])


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(11)


def states_of(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def check_module(module, run):
    """Compare the gradients of a module's parameters, and of the states it reads, with differences."""
    module = module.double().eval()
    states = states_of(3, 3, SIZE)
    names, parameters = zip(*module.named_parameters(), strict=True)

    def value(states, *parameters):
        return torch.func.functional_call(_Run(module, run), dict(zip(names, parameters, strict=True)), (states,))

    names = [f"module.{name}" for name in names]
    assert gradcheck(
        value, (states, *(parameter.detach().requires_grad_() for parameter in parameters)), fast_mode=True
    )


class _Run(torch.nn.Module):
    """A module whose call is `run`."""

    def __init__(self, module, run):
        super().__init__()
        self.module = module
        self.run = run

    def forward(self, states):
        return self.run(self.module, states)


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
def test_of_pooling(pool):
    assert gradcheck(lambda states: pool(states, MASK), states_of(3, 3, SIZE))


@pytest.mark.parametrize("score", ATTENTIONS)
def test_of_attention_pooling(score):
    check_module(AttentionPooling(SIZE, score), lambda layer, states: layer(states, MASK))


def test_of_self_attention():
    check_module(SelfAttention(SIZE, 2), lambda layer, states: layer(states[:2], MASK[:2]))
    check_module(SelfAttention(SIZE, 2), lambda layer, states: layer.weights(states[:2], MASK[:2]))


@pytest.mark.parametrize("norm", NORMS)
def test_of_an_encoder_layer(norm):
    check_module(EncoderLayer(SIZE, 2, 3, norm=norm), lambda layer, states: layer(states[:2], MASK[:2]))


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_of_a_convolution(pooling, wide):
    layer = WindowConvolution(SIZE, (1, 2, 5), 2, pooling, wide=wide)
    check_module(layer, lambda layer, states: layer(states, MASK))


@pytest.mark.parametrize("both", [False, True], ids=["one", "both"])
@pytest.mark.parametrize("cell", CELLS)
def test_of_recurrent_layers(cell, both):
    layers = RecurrentLayers(SIZE, 2, cell, n_layers=2, bidirectional=both)
    check_module(layers, lambda layers, states: layers(states, MASK)[MASK])
    check_module(layers, lambda layers, states: layers.final(layers(states, MASK), MASK))


def test_of_the_divergence_of_predictions():
    assert gradcheck(symmetric_divergence, (states_of(3, SIZE), states_of(3, SIZE)))


@pytest.mark.parametrize(
    "make",
    [
        lambda words: MeanOfWords(words, 2),
        lambda words: TextCNN(words, 2, (1, 2), 3),
        lambda words: TextRNN(words, 2, hidden_size=2),
        lambda words: TextRNN(words, 2, "gru", 2, pooling="last"),
        lambda words: TextTransformer(words, 2, SIZE, 1, 2, max_length=3),
        lambda words: TextTransformer(words, 2, SIZE, 1, 2, max_length=3, pooling="cls", positions="learned"),
    ],
    ids=["mean", "cnn", "lstm", "gru", "transformer", "transformer-cls"],
)
def test_of_the_word_vectors_through_a_network(make):
    network = make(WordEmbedding(6, SIZE)).double().eval()
    assert gradcheck(lambda states: network(IDS, states), states_of(3, 3, SIZE))


def test_of_the_word_vectors_through_sentences():
    network = HierarchicalAttention(WordEmbedding(6, SIZE), 2, (1, 2), 3, hidden_size=2).double().eval()
    ids = torch.stack([IDS, torch.zeros_like(IDS)])
    assert gradcheck(lambda states: network(ids, states), states_of(2, 3, 3, SIZE))


def test_of_word_vectors_in_the_table():
    words = WordEmbedding(6, SIZE, "multichannel", n_kept=1).double()

    def vectors(table):
        return torch.func.functional_call(words, {"weight": table}, (IDS[:, :2],))

    table = words.weight.detach().clone()
    # Padding's vector stays, whatever a step along its gradient would do.
    gradient = torch.autograd.functional.jacobian(vectors, table)
    assert not gradient[..., 0, :].any()
    assert gradcheck(lambda rest: vectors(torch.cat([torch.zeros(1, SIZE), rest])), table[1:].requires_grad_())
