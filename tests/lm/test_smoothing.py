"""Every smoothing method: probabilities sum to 1, and are what the formula of the textbook says."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import ngrams as reference

from embedkit.errors import InputError
from embedkit.lm.counting import count_ngrams
from embedkit.lm.parameters import EITHER, SMOOTHINGS, LanguageModelParameters
from embedkit.lm.smoothing.discounts import katz, modified
from embedkit.lm.smoothing.jelinek_mercer import estimate_weights
from embedkit.lm.training import TextSettings, train_language_model
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.vocabulary import Vocabulary

ADDITIVE = ["lidstone", "laplace", "maximum-likelihood"]
METHODS = [(name, True) for name in EITHER] + [
    (name, False) for name in SMOOTHINGS if name not in ("jelinek-mercer", "stupid-backoff")
]
METHODS.append(("jelinek-mercer", True))
PROPER = pytest.mark.parametrize(("smoothing", "interpolated"), METHODS)
WORDS = st.sampled_from(["a", "a", "a", "b", "b", "c", "d", "<unk>"])


def many_sentences(seed):
    """Enough text for discounts to be estimated."""
    random = np.random.default_rng(seed)
    return [[f"w{i}" for i in random.zipf(1.5, random.integers(1, 9)) if i < 60] or ["a"] for _ in range(80)]


FEW = st.lists(st.lists(WORDS, min_size=1, max_size=7), min_size=1, max_size=12)
SENTENCES = st.one_of(FEW, FEW, st.integers(0, 2**32).map(many_sentences))
CONTEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "<unk>", "new", "</s>"]), max_size=5), max_size=5)
CLOSED = {"vocabulary": Vocabulary(["a", "b", "w1", "never"], [0, 0, 0, 0])}
VOCABULARIES = st.sampled_from([{}, {}, {"max_vocab": 2}, {"min_count": 2}, CLOSED])


@st.composite
def parameters(draw, smoothing, interpolated):
    """Parameters of a method that fit together."""
    order = draw(st.integers(1, 5))
    chosen = {"order": order, "smoothing": smoothing}
    if smoothing in EITHER:
        chosen["interpolated"] = interpolated
    if smoothing == "lidstone":
        chosen["gamma"] = draw(st.sampled_from([0.1, 0.5, 3.0]))
    if smoothing == "jelinek-mercer":
        chosen["weights"] = draw(st.lists(st.sampled_from([0.0, 0.3, 0.8, 0.99]), min_size=order, max_size=order))
    if smoothing in ("kneser-ney", "absolute-discounting"):
        chosen["discount"] = draw(st.sampled_from([None, 0.25, 1.0]))
    if smoothing == "modified-kneser-ney":
        chosen["discount"] = draw(st.sampled_from([None, (0.25, 1.5, 2.0), (1.0, 2.0, 3.0)]))
    if smoothing not in ADDITIVE and smoothing != "stupid-backoff":
        chosen["interpolate_unigrams"] = draw(st.booleans())
        chosen["prune"] = draw(st.sampled_from([None, None, (0, 1), (0, 0, 1), (0, 1, 1, 2)]))
        if chosen["prune"] is not None:
            chosen["prune"] = chosen["prune"][:order]
    return LanguageModelParameters(**chosen)


def train(sentences, chosen, text=None):
    return train_language_model(Corpus.from_documents(sentences), chosen, TextSettings(**(text or {}))).model


def assume_words(sentences, text):
    """Leave out texts of which `min_count` leaves nothing."""
    counts = Counter(itertools.chain.from_iterable(sentences))
    assume(max(counts.values()) >= text.get("min_count", 1))


def twin_of(model, sentences, chosen):
    """The naive model of the same sentences, over the model's words."""
    vocabulary = [word for word in model.words if word != "<s>"]
    kinds = ("interpolate_unigrams", "discount", "gamma", "alpha", "weights", "prune")
    return reference.SmoothedModel(
        reference.padded(sentences, vocabulary),
        model.facts["order"],
        vocabulary,
        chosen.smoothing,
        interpolated=chosen.interpolates,
        **{kind: getattr(chosen, kind) for kind in kinds},
    )


def states(model, twin, drawn):
    """State, and the context of the twin, for contexts that were seen and others."""
    seen = [h for h in twin.followers if "</s>" not in h]
    contexts = [*seen[:40], *map(tuple, drawn), *(("<s>", *h) for h in drawn)]
    for h in contexts:
        bos = h[:1] == ("<s>",)
        words = [word if word in twin.vocabulary else "<unk>" for word in h[bos:]]
        yield h, model.state(h[bos:], bos=bos), twin.context(["<s>"] * bos + words)


def defined(twin, h):
    return twin.smoothing != "maximum-likelihood" or bool(twin.followers.get(h))


def check_sums(model, twin, drawn):
    """Sums of what `distribution` and `prob` say over the words with </s> and <unk>, without <s>."""
    for h, state, seen in states(model, twin, drawn):
        if not defined(twin, seen):
            continue
        probabilities = model.distribution(state)
        assert probabilities[model.words.index("<s>")] == 0
        assert probabilities.sum() == pytest.approx(1, abs=1e-6)
        bos = h[:1] == ("<s>",)
        one_by_one = [model.prob(word, h[bos:], bos=bos) for word in twin.vocabulary]
        assert math.fsum(one_by_one) == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(np.delete(probabilities, model.words.index("<s>")), one_by_one, atol=1e-9, rtol=0)


@PROPER
@settings(max_examples=30)
@given(data=st.data(), sentences=SENTENCES, text=VOCABULARIES, drawn=CONTEXTS)
def test_probabilities_behind_any_context_sum_to_1(smoothing, interpolated, data, sentences, text, drawn):
    assume_words(sentences, text)
    chosen = data.draw(parameters(smoothing, interpolated))
    model = train(sentences, chosen, text)
    check_sums(model, twin_of(model, sentences, chosen), drawn)


@pytest.mark.parametrize(("smoothing", "interpolated"), [one for one in METHODS if one[0] not in ADDITIVE])
@settings(max_examples=30)
@given(
    data=st.data(),
    sentences=SENTENCES,
    text=VOCABULARIES,
    drawn=CONTEXTS,
    threshold=st.sampled_from([1e-9, 1e-4, 0.01, 0.1, 10.0]),
)
def test_probabilities_sum_to_1_after_pruning_by_entropy(
    smoothing, interpolated, data, sentences, text, drawn, threshold
):
    assume_words(sentences, text)
    chosen = data.draw(parameters(smoothing, interpolated))
    chosen = LanguageModelParameters(**{**chosen.__dict__, "entropy_threshold": threshold})
    model = train(sentences, chosen, text)
    check_sums(model, twin_of(model, sentences, chosen), drawn)


@pytest.mark.parametrize(("smoothing", "interpolated"), [*METHODS, ("stupid-backoff", False)])
@settings(max_examples=40)
@given(data=st.data(), sentences=SENTENCES, text=VOCABULARIES, drawn=CONTEXTS)
def test_each_method_is_its_formula(smoothing, interpolated, data, sentences, text, drawn):
    assume_words(sentences, text)
    chosen = data.draw(parameters(smoothing, interpolated))
    model = train(sentences, chosen, text)
    twin = twin_of(model, sentences, chosen)
    for h, state, seen in states(model, twin, drawn):
        if not defined(twin, seen):
            continue
        expected = [0.0 if word == "<s>" else twin.prob(word, seen) for word in model.words]
        np.testing.assert_allclose(model.distribution(state), expected, atol=1e-9, rtol=0)
        bos = h[:1] == ("<s>",)
        one_by_one = [0.0 if word == "<s>" else model.prob(word, h[bos:], bos=bos) for word in model.words]
        np.testing.assert_allclose(one_by_one, expected, atol=1e-9, rtol=0)


# All of the vocabulary occurs, and loses all of its counts.
@pytest.mark.parametrize(
    "choices",
    [
        {"smoothing": "absolute-discounting", "discount": 1.0},
        {"smoothing": "absolute-discounting", "discount": 1.0, "interpolated": False},
        {"smoothing": "kneser-ney", "discount": 1.0, "interpolated": False},
        {"smoothing": "modified-kneser-ney", "discount": (1.0, 2.0, 3.0), "interpolated": False},
        {"smoothing": "jelinek-mercer", "weights": (0.0, 0.0)},
    ],
)
def test_probabilities_sum_to_1_where_a_discount_takes_everything(choices):
    sentences = [["<unk>"], ["a", "<unk>", "a", "a"]]
    chosen = LanguageModelParameters(order=2, interpolate_unigrams=False, **choices)
    model = train(sentences, chosen)
    check_sums(model, twin_of(model, sentences, chosen), [])


@settings(max_examples=40)
@given(sentences=SENTENCES, drawn=CONTEXTS, order=st.integers(2, 5))
def test_maximum_likelihood_behind_an_unseen_context_is_not_defined(sentences, drawn, order):
    chosen = LanguageModelParameters(order=order, smoothing="maximum-likelihood")
    model = train(sentences, chosen)
    twin = twin_of(model, sentences, chosen)
    unseen = [(h, state) for h, state, seen in states(model, twin, drawn) if not defined(twin, seen)]
    assume(unseen)
    for h, state in unseen:
        with pytest.raises(InputError, match="not defined"):
            model.distribution(state)
        bos = h[:1] == ("<s>",)
        with pytest.raises(InputError, match=r"not in the training text.*not defined"):
            model.prob("a", h[bos:], bos=bos)


def test_stupid_backoff_gives_scores_that_do_not_sum_to_1():
    model = train(
        [["a", "b"], ["a", "c"], ["b", "c"]], LanguageModelParameters(order=2, smoothing="stupid-backoff", alpha=0.4)
    )
    # Brants et al. (2007), equation 5: f(a b) / f(a), and 0.4 f(b) / N, with 9 tokens.
    assert model.prob("b", ["a"]) == pytest.approx(1 / 2)
    assert model.prob("a", ["a"]) == pytest.approx(0.4 * 2 / 9)
    assert model.prob("a", ["b"]) == pytest.approx(0.4 * 2 / 9)
    assert model.prob("a") == pytest.approx(2 / 9)
    assert model.prob("new", ["a"]) == 0
    assert model.distribution(model.state(["a"])).sum() == pytest.approx(1 + 0.4 * (2 + 3) / 9)


def test_discounts_of_modified_kneser_ney_are_those_of_equation_26():
    # n1 to n4 are 50, 20, 10 and 6: Y = 50 / 90.
    y = 50 / 90
    expected = [0, 1 - 2 * y * 20 / 50, 2 - 3 * y * 10 / 20, 3 - 4 * y * 6 / 10]
    assert modified(np.array([0, 50, 20, 10, 6])).tolist() == pytest.approx(expected, abs=1e-12)


def test_katz_gives_up_the_mass_of_what_occurs_once():
    # The counts up to the cutoff together lose n1, the estimate of the mass of what does not occur.
    n = np.array([0, 100, 40, 25, 15, 10, 6])
    discounts = katz(n)
    assert (n[1:6] * discounts[1:6]).sum() == pytest.approx(n[1])
    assert discounts[6] == 0


@settings(max_examples=30)
@given(training=SENTENCES, held_out=SENTENCES, order=st.integers(1, 4))
def test_weights_of_jelinek_mercer_are_those_of_em_event_by_event(training, held_out, order):
    encoded = encode_corpus(Corpus.from_documents(training), min_count=1)
    other = encode_corpus(
        Corpus.from_documents(held_out), vocabulary=encoded.vocabulary, min_count=0, keep_unknown=True
    )
    counts = count_ngrams(encoded, order)
    weights = estimate_weights(counts, count_ngrams(other, counts.order))
    expected = reference.em_weights(
        reference.padded(training), reference.padded(held_out, counts.words), counts.order, len(counts.words) - 1
    )
    assert weights == pytest.approx(expected, abs=1e-9)


def test_weights_come_from_the_held_out_text_that_is_given():
    training, held_out = [["a", "b", "c"], ["a", "b"], ["c"]] * 3, [["a", "b"], ["a", "c", "new"]]
    trained = train_language_model(
        Corpus.from_documents(training),
        LanguageModelParameters(order=3, smoothing="jelinek-mercer"),
        held_out=Corpus.from_documents(held_out),
    )
    words = ["<unk>", "a", "b", "c", "</s>"]
    expected = reference.em_weights(reference.padded(training), reference.padded(held_out, words), 3, len(words))
    assert trained.model.facts["weights"] == pytest.approx(expected, abs=1e-9)


def test_short_held_out_text_is_no_news(caplog):
    train_language_model(
        Corpus.from_documents([["a", "b", "c", "d"]] * 3),
        LanguageModelParameters(order=5, smoothing="jelinek-mercer"),
        held_out=Corpus.from_documents([["a"]]),
    )
    assert "the order is" not in caplog.text


def test_weights_without_held_out_text_come_from_one_in_20_sentences():
    random = np.random.default_rng(5)
    sentences = [random.choice(list("abcd"), random.integers(1, 6)).tolist() for _ in range(65)]
    model = train(sentences, LanguageModelParameters(order=2, smoothing="jelinek-mercer"))
    held_out = sentences[19::20]
    training = [sentence for i, sentence in enumerate(sentences) if i % 20 != 19]
    words = ["<unk>", *"abcd", "</s>"]
    expected = reference.em_weights(reference.padded(training), reference.padded(held_out, words), 2, len(words))
    assert model.facts["weights"] == pytest.approx(expected, abs=1e-9)
