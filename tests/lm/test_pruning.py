"""Pruning: by counts as lmplz does it, and by entropy as Stolcke's formula says."""

import math
import random

import numpy as np
import pytest

from embedkit.errors import ParameterError
from embedkit.lm import NgramLanguageModel
from embedkit.lm.model import NgramModel
from embedkit.lm.native import load_native
from embedkit.lm.pruning import prune_by_entropy


def sentences(n: int = 400, seed: int = 3) -> list[str]:
    draw = random.Random(seed)
    words = "abcdefgh"
    return [" ".join(draw.choices(words, weights=range(8, 0, -1), k=draw.randint(1, 7))) for _ in range(n)]


def ngrams(model: NgramModel, n: int) -> dict[tuple[str, ...], tuple[float, float]]:
    """Logarithms of the probabilities and back-off weights of the n-grams of an order."""
    found = {}

    def walk(node: int, words: tuple[str, ...]) -> None:
        if len(words) == n:
            begin, _ = model.trie.level(n)
            backoff = model.backoffs(node, node + 1, n)[0] if n < model.order else 0.0
            found[words] = (float(model.probs(node, node + 1, n)[0]), float(backoff))
            assert node >= begin
            return
        for child in range(model.trie.first[node], model.trie.first[node + 1]):
            walk(child, (*words, model.words[model.trie.words[child]]))

    walk(0, ())
    return found


def sums(lm: NgramLanguageModel, contexts: int = 60) -> list[float]:
    draw = random.Random(9)
    states = [lm.state(draw.choices([*"abcdefgh", "unknown"], k=draw.randint(0, 4)), bos=draw.random() < 0.5)
              for _ in range(contexts)]  # fmt: skip
    return [float(lm.distribution(state).sum()) for state in states]


@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "kneser-ney", "witten-bell", "katz", "jelinek-mercer"])
@pytest.mark.parametrize("prune", [[0, 1], [0, 0, 2], [0, 1, 3, 3]])
def test_rare_ngrams_go_and_the_sums_stay(smoothing, prune):
    text = sentences()
    full = NgramLanguageModel(order=4, smoothing=smoothing).fit(text)
    pruned = NgramLanguageModel(order=4, smoothing=smoothing, prune=prune).fit(text)
    counts: dict[tuple[str, ...], int] = {}
    for line in text:
        tokens = ["<s>", *line.split(), "</s>"]
        for n in range(1, 5):
            for i in range(len(tokens) - n + 1):
                counts[tuple(tokens[i : i + n])] = counts.get(tuple(tokens[i : i + n]), 0) + 1
    limits = (prune + [prune[-1]] * 4)[:4]
    for n in range(2, pruned.model_.order + 1):
        want = {words for words in ngrams(full.model_, n) if counts[words] > limits[n - 1]}
        assert set(ngrams(pruned.model_, n)) == want
    np.testing.assert_allclose(sums(pruned), 1.0, atol=1e-9)


def test_what_is_kept_gains_its_share_of_what_is_pruned():
    text = sentences()
    full = ngrams(NgramLanguageModel(order=3).fit(text).model_, 2)
    pruned = ngrams(NgramLanguageModel(order=3, prune=[0, 1]).fit(text).model_, 2)
    # Discounts come from all counts, and the mass of what is pruned is interpolated like any other.
    assert all(log_prob >= full[words][0] - 1e-12 for words, (log_prob, _) in pruned.items())
    assert any(log_prob > full[words][0] + 1e-6 for words, (log_prob, _) in pruned.items())


def test_an_order_that_is_pruned_away_is_gone():
    lm = NgramLanguageModel(order=3, prune=[0, 0, 10_000]).fit(sentences())
    assert len(lm.n_ngrams) == 2
    np.testing.assert_allclose(sums(lm), 1.0, atol=1e-9)


@pytest.mark.parametrize("threshold", [1e-6, 1e-4, 1e-3, 1e-2, 1.0])
def test_entropy_pruning_takes_out_what_changes_little(threshold):
    text = sentences()
    full = NgramLanguageModel(order=3).fit(text)
    pruned = NgramLanguageModel(order=3, entropy_threshold=threshold).fit(text)
    assert all(b <= a for a, b in zip(full.n_ngrams, pruned.n_ngrams, strict=False))
    np.testing.assert_allclose(sums(pruned), 1.0, atol=1e-9)
    if threshold == 1.0:
        assert pruned.n_ngrams == full.n_ngrams[:1]
    if threshold == 1e-6:
        assert full.perplexity(text) < pruned.perplexity(text) < 1.01 * full.perplexity(text)


def test_the_pruned_bigrams_are_those_of_the_formula():
    """Stolcke (1998), equation 3 with the definitions of section 3, bigram by bigram."""
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit(sentences(60))
    model = lm.model_
    bigrams, unigrams = ngrams(model, 2), ngrams(model, 1)
    changes = {}
    for (h, w), (log_p, _) in bigrams.items():
        followers = [words for words in bigrams if words[0] == h]
        mass = 1 - sum(10 ** bigrams[words][0] for words in followers)
        room = 1 - sum(10 ** unigrams[words[1:]][0] for words in followers)
        p, lower = 10**log_p, 10 ** unigrams[(w,)][0]
        alpha, after = mass / room, (mass + p) / (room + lower)
        p_h = 10 ** unigrams[("</s>" if h == "<s>" else h,)][0]
        change = -p_h * (
            p * (math.log(lower) + math.log(after) - math.log(p)) + mass * (math.log(after) - math.log(alpha))
        )
        changes[(h, w)] = math.expm1(change)
    for threshold in sorted(changes.values())[5::10]:
        limit = threshold * 1.0000001
        kept = ngrams(
            NgramLanguageModel(order=2, smoothing="witten-bell", entropy_threshold=limit).fit(sentences(60)).model_, 2
        )
        assert set(kept) == {words for words, change in changes.items() if change >= limit}


@pytest.mark.parametrize(
    ("prune", "message"),
    [
        ([0, 2, 1], "do not fall"),
        ([1, 1], "min_count"),
        ([0, -1], "expected a count"),
        ([0, 1.5], "expected a count"),
        ([], "expected a count"),
        ([0, 0, 0, 1], "each of 3 orders"),
    ],
)
def test_thresholds_that_cannot_work_are_refused(prune, message):
    with pytest.raises(ParameterError, match=message):
        NgramLanguageModel(order=3, prune=prune).fit(["a b"])


@pytest.mark.parametrize("smoothing", ["lidstone", "maximum-likelihood", "stupid-backoff"])
def test_what_gives_no_weight_to_shorter_contexts_is_not_pruned(smoothing):
    with pytest.raises(ParameterError, match="cannot be pruned"):
        NgramLanguageModel(smoothing=smoothing, prune=[0, 1]).fit(["a b"])


@pytest.mark.parametrize("quantize", [None, 16])
def test_a_mapped_model_can_be_pruned(tmp_path, quantize):
    lm = NgramLanguageModel(order=3).fit(sentences())
    lm.save(tmp_path / "model.lm", quantize=quantize)
    model = load_native(tmp_path / "model.lm")
    prune_by_entropy(model, 1e-4)
    want = NgramLanguageModel(order=3, entropy_threshold=1e-4).fit(sentences())
    assert model.n_ngrams == want.n_ngrams
    assert model.score("a b c") == pytest.approx(want.score("a b c"), abs=1e-5)


def test_a_model_without_weights_is_not_pruned_by_entropy():
    with pytest.raises(ParameterError, match="cannot be pruned"):
        prune_by_entropy(NgramLanguageModel(smoothing="stupid-backoff").fit(sentences()).model_, 1e-4)
