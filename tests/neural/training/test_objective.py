"""The loss and its gradients against sums over single texts, for a network that is linear in the word vectors."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import neural as naive

from embedkit.neural.layers.embedding import FREEZE, PADDING, WordEmbedding
from embedkit.neural.networks.fasttext import MeanOfWords
from embedkit.neural.networks.hierarchical import HierarchicalAttention
from embedkit.neural.networks.textcnn import TextCNN
from embedkit.neural.training.objective import Objective, adversarial_step, symmetric_divergence

N_CLASSES, SIZE = 3, 4
IDS = torch.tensor([[2, 3, 4], [5, 6, 0], [7, 0, 0], [3, 3, 8]])
CLASSES = torch.tensor([0, 2, 1, 0])


def network_of(dropout=0.0, freeze="non-static"):
    torch.manual_seed(8)
    return MeanOfWords(WordEmbedding(9, SIZE, freeze), N_CLASSES, dropout=dropout).double()


def scores_of(vectors, mask, weight, bias):
    """Scores of the mean of each text's vectors."""
    means = (vectors * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return means @ weight.T + bias, means


def arrays(network):
    table, weight, bias = network.words.weight, network.output.weight, network.output.bias
    return (part.detach().numpy() for part in (table[IDS], weight, bias))


@settings(max_examples=30)
@given(
    weights=st.one_of(st.none(), st.lists(st.floats(0.1, 5.0), min_size=3, max_size=3)),
    smoothing=st.sampled_from([0.0, 0.1, 0.6]),
)
def test_the_cross_entropy_is_weighted_by_class_and_smoothed(weights, smoothing):
    network = network_of()
    given_ = None if weights is None else torch.tensor(weights, dtype=torch.float32)
    loss, logits = Objective(given_, smoothing).backward(network, IDS, CLASSES)
    assert torch.equal(logits, network(IDS).detach())
    expected = naive.cross_entropy(logits.numpy(), CLASSES.tolist(), weights or [1.0] * 3, smoothing)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_gradients_are_added_to_those_that_are_there():
    network = network_of()
    Objective().backward(network, IDS, CLASSES)
    once = network.output.weight.grad.clone()
    Objective().backward(network, IDS, CLASSES)
    torch.testing.assert_close(network.output.weight.grad, 2 * once)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("concentration", [0.2, 1.0])
def test_mixup_mixes_word_vectors_and_losses_of_two_texts(concentration, seed):
    network = network_of()
    vectors, weight, bias = arrays(network)
    torch.manual_seed(seed)
    share = torch.distributions.Beta(concentration, concentration).sample().item()
    share, partner = max(share, 1 - share), torch.randperm(len(IDS)).numpy()
    mask = (IDS != PADDING).numpy()
    mixed = share * vectors + (1 - share) * vectors[partner]
    scores, _ = scores_of(mixed, mask | mask[partner], weight, bias)
    classes = CLASSES.numpy()
    expected = share * naive.cross_entropy(scores, classes, [1.0] * 3, 0.0)
    expected += (1 - share) * naive.cross_entropy(scores, classes[partner], [1.0] * 3, 0.0)
    torch.manual_seed(seed)
    loss, logits = Objective(mixup=concentration).backward(network, IDS, CLASSES)
    np.testing.assert_allclose(logits.numpy(), scores, atol=1e-7)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_shares_of_mixup_are_those_of_a_folded_beta_distribution():
    torch.manual_seed(0)
    shares = np.array([Objective(mixup=0.4)._mixing(IDS)[0] for _ in range(4000)])
    assert shares.min() >= 0.5
    # E |2x - 1| of Beta(a, a) is 2^(1 - 2a) / (a B(a, a)).
    beta = math.gamma(0.4) ** 2 / math.gamma(0.8)
    assert (2 * shares - 1).mean() == pytest.approx(2**0.2 / (0.4 * beta), abs=0.02)


def test_r_drop_without_dropout_is_the_plain_loss():
    plain, doubled = network_of(), network_of()
    expected, _ = Objective().backward(plain, IDS, CLASSES)
    loss, _ = Objective(r_drop=5.0).backward(doubled, IDS, CLASSES)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(doubled.words.weight.grad, plain.words.weight.grad)
    torch.testing.assert_close(doubled.output.weight.grad, plain.output.weight.grad)


def test_r_drop_adds_the_divergence_of_two_passes_to_their_mean_loss():
    network = network_of(dropout=0.5)
    torch.manual_seed(3)
    first, second = network(IDS).detach().numpy(), network(IDS).detach().numpy()
    torch.manual_seed(3)
    loss, logits = Objective(r_drop=0.7).backward(network, IDS, CLASSES)
    np.testing.assert_array_equal(logits.numpy(), first)
    expected = sum(naive.cross_entropy(scores, CLASSES.tolist(), [1.0] * 3, 0.0) for scores in (first, second)) / 2
    for one, other in zip(first, second, strict=True):
        p, q = np.exp(naive.log_softmax(one)), np.exp(naive.log_softmax(other))
        expected += 0.7 * (naive.divergence(p, q) + naive.divergence(q, p)) / 2 / len(IDS)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_the_worked_example_of_r_drop():
    one, other = [0.5, 0.2, 0.3], [0.5, 0.3, 0.2]
    assert naive.divergence(one, other) == pytest.approx(0.04055, abs=5e-6)
    assert naive.divergence(other, one) == pytest.approx(0.04055, abs=5e-6)
    first, second = torch.tensor([one]).log(), torch.tensor([other]).log()
    assert symmetric_divergence(first, second).item() == pytest.approx(0.04055, abs=5e-6)
    for scores in (first, second):
        assert torch.nn.functional.cross_entropy(scores, torch.tensor([0])).item() == pytest.approx(0.6931, abs=5e-5)


def test_the_divergence_is_the_mean_of_both_over_texts():
    first, second = np.random.default_rng(1).normal(size=(2, 5, 4))
    expected = 0.0
    for one, other in zip(first, second, strict=True):
        p, q = np.exp(naive.log_softmax(one)), np.exp(naive.log_softmax(other))
        expected += (naive.divergence(p, q) + naive.divergence(q, p)) / 10
    assert symmetric_divergence(torch.from_numpy(first), torch.from_numpy(second)).item() == pytest.approx(expected)
    assert symmetric_divergence(torch.from_numpy(first), torch.from_numpy(first) + 3).item() == pytest.approx(0)


@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 2, 4, 5)])
def test_an_adversarial_step_has_the_same_length_for_each_text(shape):
    gradient = torch.randn(shape, generator=torch.Generator().manual_seed(2)) * 1e-6
    gradient[1] = 0.0
    step = adversarial_step(gradient, 0.3)
    assert step.flatten(1).norm(dim=1).tolist() == pytest.approx([0.3, 0.0, 0.3])
    cosine = torch.nn.functional.cosine_similarity(step.flatten(1), gradient.flatten(1))
    assert cosine.tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_adversarial_training_is_the_sum_of_both_losses_and_gradients_computed_by_hand():
    network = network_of()
    vectors, weight, bias = arrays(network)
    mask, truth = (IDS != PADDING).numpy(), np.eye(N_CLASSES)[CLASSES.numpy()]

    def by_hand(vectors):
        scores, means = scores_of(vectors, mask, weight, bias)
        error = (np.exp([naive.log_softmax(row) for row in scores]) - truth) / len(IDS)
        of_words = (error @ weight)[:, None, :] * mask[..., None] / mask.sum(axis=1)[:, None, None]
        return naive.cross_entropy(scores, CLASSES.tolist(), [1.0] * 3, 0.0), error, means, of_words

    loss, error, means, of_words = by_hand(vectors)
    step = 0.5 * of_words / np.sqrt((of_words**2).sum(axis=(1, 2), keepdims=True))
    more, error_there, means_there, of_words_there = by_hand(vectors + step)
    found, _ = Objective(adversarial=0.5).backward(network, IDS, CLASSES)
    # The cross-entropy is computed in float32.
    assert found.item() == pytest.approx(loss + more, rel=1e-5)
    gradient = network.output.weight.grad.numpy()
    np.testing.assert_allclose(gradient, error.T @ means + error_there.T @ means_there, atol=1e-6)
    of_table = np.zeros((9, SIZE))
    np.add.at(of_table, IDS.numpy(), of_words + of_words_there)
    np.testing.assert_allclose(network.words.weight.grad.numpy(), of_table, atol=1e-6)


def test_the_adversarial_loss_grows_with_the_norm_of_the_gradient():
    network, epsilon = network_of(), 0.01
    plain, _ = Objective().backward(network, IDS, CLASSES)
    vectors = network.words(IDS).detach().requires_grad_()
    torch.nn.functional.cross_entropy(network(IDS, vectors), CLASSES).backward()
    slope = vectors.grad.flatten(1).norm(dim=1).sum().item()
    both, _ = Objective(adversarial=epsilon).backward(network, IDS, CLASSES)
    assert (both - 2 * plain).item() == pytest.approx(epsilon * slope, rel=0.02)


@pytest.mark.parametrize("freeze", FREEZE)
@pytest.mark.parametrize("regularisers", [{"adversarial": 0.5}, {"mixup": 0.4}, {"r_drop": 1.0}, None])
def test_regularisers_may_be_combined_whatever_becomes_of_the_vectors(freeze, regularisers):
    together = {"adversarial": 0.5, "mixup": 0.4, "r_drop": 1.0, "label_smoothing": 0.1}
    torch.manual_seed(1)
    network = TextCNN(WordEmbedding(9, SIZE, freeze, n_kept=2, word_dropout=0.2), N_CLASSES, (2, 3), 4)
    ids = IDS.where(IDS != 4, 10)
    loss, logits = Objective(**(regularisers or together)).backward(network, ids, CLASSES)
    assert loss.isfinite()
    assert logits.shape == (4, N_CLASSES)
    assert not loss.requires_grad
    assert not logits.requires_grad
    assert all(p.grad is not None and p.grad.isfinite().all() and p.grad.any() for p in network.parameters())
    if freeze != "static":
        assert not network.words.weight.grad[PADDING].any()


def test_texts_of_sentences_are_mixed_and_disturbed_too():
    torch.manual_seed(1)
    network = HierarchicalAttention(WordEmbedding(9, SIZE), N_CLASSES, (1, 2), 3, hidden_size=2)
    ids = torch.stack([IDS, IDS.flip(0), torch.zeros_like(IDS), IDS])
    for regularisers in ({"adversarial": 0.5}, {"mixup": 0.4}, {"adversarial": 0.5, "mixup": 0.4, "r_drop": 1.0}):
        network.zero_grad()
        loss, _ = Objective(**regularisers).backward(network, ids, CLASSES)
        assert loss.isfinite()
        assert all(parameter.grad.isfinite().all() for parameter in network.parameters())


def test_a_context_of_less_precision_is_used_for_every_pass_and_not_for_the_loss():
    network = network_of().float()
    plain, _ = Objective(adversarial=0.5, r_drop=1.0).backward(network, IDS, CLASSES)
    kinds = []
    network.output.register_forward_hook(lambda layer, inputs, output: kinds.append(output.dtype))
    loss, _ = Objective(adversarial=0.5, r_drop=1.0).backward(
        network, IDS, CLASSES, lambda: torch.autocast("cpu", dtype=torch.bfloat16)
    )
    assert kinds == [torch.bfloat16] * 3
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(plain.item(), rel=0.02)
