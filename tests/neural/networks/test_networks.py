"""What every network promises: padding counts nowhere, texts are independent, and it needs no estimator."""

import pytest
import torch
from torch.nn.functional import cross_entropy, pad

from embedkit.neural.layers.attention import SelfAttention
from embedkit.neural.layers.embedding import FREEZE, PADDING, WordEmbedding
from embedkit.neural.networks.fasttext import MeanOfWords
from embedkit.neural.networks.hierarchical import HierarchicalAttention
from embedkit.neural.networks.rnn import RNN_POOLINGS, TextRNN
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.networks.transformer import TRANSFORMER_POOLINGS, TextTransformer

N_WORDS, SIZE, N_CLASSES = 12, 6, 3
LENGTHS = [5, 1, 0, 3, 7]

NETWORKS = {
    "mean": lambda words: MeanOfWords(words, N_CLASSES),
    "mean-ngrams": lambda words: MeanOfWords(words, N_CLASSES, word_ngrams=3, buckets=50),
    "cnn": lambda words: TextCNN(words, N_CLASSES, n_filters=4),
    "cnn-k-max": lambda words: TextCNN(words, N_CLASSES, n_filters=4, pooling="k-max", k=3),
    "cnn-mean-wide": lambda words: TextCNN(words, N_CLASSES, n_filters=4, pooling="mean", wide=True),
    "han": lambda words: HierarchicalAttention(words, N_CLASSES, n_filters=4, hidden_size=5),
    "transformer-post": lambda words: TextTransformer(words, N_CLASSES, 8, n_heads=2, norm="post", max_length=20),
    "transformer-learned": lambda words: TextTransformer(
        words, N_CLASSES, SIZE, n_heads=2, positions="learned", max_length=20
    ),
}
for kind in RNN_POOLINGS:
    NETWORKS[f"lstm-{kind}"] = lambda words, kind=kind: TextRNN(words, N_CLASSES, hidden_size=5, pooling=kind)
    NETWORKS[f"gru-{kind}"] = lambda words, kind=kind: TextRNN(
        words, N_CLASSES, "gru", 5, 2, bidirectional=False, pooling=kind
    )
for kind in TRANSFORMER_POOLINGS:
    NETWORKS[f"transformer-{kind}"] = lambda words, kind=kind: TextTransformer(
        words, N_CLASSES, 8, n_heads=2, pooling=kind, max_length=20
    )


def network_of(kind, **settings):
    torch.manual_seed(4)
    network = NETWORKS[kind](WordEmbedding(N_WORDS, SIZE, **settings))
    if kind == "mean-ngrams":  # which begin as zeros
        torch.nn.init.normal_(network.buckets.weight)
    return network


def ids_of(kind):
    """Five texts, one of them empty; of the hierarchical network with one to three sentences."""
    ids = torch.randint(1, N_WORDS, (len(LENGTHS), max(LENGTHS)), generator=torch.Generator().manual_seed(9))
    ids[torch.arange(max(LENGTHS)) >= torch.tensor(LENGTHS)[:, None]] = PADDING
    if kind != "han":
        return ids
    texts = torch.zeros(4, 3, max(LENGTHS), dtype=torch.int64)
    texts[0, :2], texts[1, 0], texts[2] = ids[:2], ids[3], ids[[0, 4, 3]]
    return texts


@pytest.fixture(params=sorted(NETWORKS))
def kind(request):
    return request.param


@pytest.mark.parametrize("more", [1, 2, 9])
def test_padding_changes_no_score(kind, more):
    network, ids = network_of(kind).eval(), ids_of(kind)
    wider = pad(ids, (0, more, 0, more)) if kind == "han" else pad(ids, (0, more))
    assert wider.shape != ids.shape
    torch.testing.assert_close(network(wider), network(ids), rtol=0, atol=1e-5)


def test_each_text_alone_scores_as_in_a_batch(kind):
    network, ids = network_of(kind).eval(), ids_of(kind)
    scores = network(ids)
    for row in range(len(ids)):
        text = ids[row]
        words = max(1, int((text != PADDING).sum(dim=-1).max()))
        alone = text[: max(1, int((text != PADDING).any(dim=-1).sum())), :words] if kind == "han" else text[:words]
        torch.testing.assert_close(network(alone.unsqueeze(0))[0], scores[row], rtol=0, atol=1e-5)


def test_the_order_of_texts_in_a_batch_does_not_matter(kind):
    network, ids = network_of(kind).eval(), ids_of(kind)
    order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(network(ids[order]), network(ids)[order], rtol=0, atol=1e-5)


def test_texts_without_words_have_finite_scores_and_gradients(kind):
    network, ids = network_of(kind), ids_of(kind)
    for batch in (ids, torch.zeros_like(ids), torch.zeros_like(ids)[..., :1]):
        scores = network(batch)
        assert scores.shape == (len(ids), N_CLASSES)
        assert scores.isfinite().all()
        network.zero_grad()
        cross_entropy(scores, torch.zeros(len(ids), dtype=torch.int64)).backward()
        assert all(p.grad.isfinite().all() for p in network.parameters() if p.grad is not None)


def test_texts_that_differ_score_differently(kind):
    network, ids = network_of(kind).eval(), ids_of(kind)
    scores = network(ids)
    assert (torch.pdist(scores) > 1e-4).all()


def test_vectors_that_are_given_stand_for_those_of_the_words(kind):
    network, ids = network_of(kind).eval(), ids_of(kind)
    vectors = network.words(ids)
    torch.testing.assert_close(network(ids, vectors), network(ids))
    torch.testing.assert_close(network(ids, vectors, ids != PADDING), network(ids))
    assert not torch.allclose(network(ids, 2 * vectors + 1), network(ids), atol=1e-4)


@pytest.mark.parametrize("freeze", FREEZE)
def test_scores_are_those_of_the_state_that_is_stored(kind, freeze):
    network, ids = network_of(kind, freeze=freeze, n_kept=2).eval(), ids_of(kind)
    network.words.kept.normal_()
    ids = ids.where(ids != 3, N_WORDS)  # one of the words that are kept
    torch.manual_seed(99)
    other = NETWORKS[kind](WordEmbedding(N_WORDS, SIZE, freeze, 2)).eval()
    other.load_state_dict(network.state_dict())
    assert torch.equal(other(ids), network(ids))


def test_a_hand_written_loop_trains_it(kind):
    """Learn whether word 2 is in a text, with nothing but the network and torch."""
    network = network_of(kind)
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(2, N_WORDS, (32, 6), generator=generator)
    ids[:, 4:] *= torch.rand(32, 2, generator=generator) < 0.5
    ids[:, 5] *= ids[:, 4] != PADDING
    classes = (ids == 2).any(dim=1).long()
    if kind == "han":
        ids = ids.view(32, 2, 3)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    network.train()
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        loss = cross_entropy(network(ids), classes)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    network.eval()
    assert cross_entropy(network(ids), classes) < 0.5 * losses[0]
    assert network.words.weight[PADDING].count_nonzero() == 0


def test_dropout_is_in_training_only(kind):
    network = network_of(kind).train()
    network.dropout.p = network.embedding_dropout.p = 0.5
    ids = ids_of(kind)
    assert not torch.equal(network(ids), network(ids))
    network.eval()
    assert torch.equal(network(ids), network(ids))


def test_word_vectors_are_dropped_where_they_are_given_too(kind):
    network, ids = network_of(kind).train(), ids_of(kind)
    for part in network.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
        elif isinstance(part, SelfAttention):
            part.dropout = 0.0
    vectors = network.words(ids)
    torch.testing.assert_close(network(ids, vectors), network(ids))
    network.embedding_dropout.p = 0.5
    assert not torch.equal(network(ids, vectors), network(ids, vectors))
