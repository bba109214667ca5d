"""The same probabilities as nltk.lm, from the same padded counts, where nltk implements the method.

Conventions differ, and the tests adapt to nltk's:

* The vocabulary of nltk holds <s>, so that Laplace and Lidstone divide by one word more: `vocabulary_size`.
* nltk would count <s> among the words of the order 1, of which it predicts; it is left out of its counts here.
* Behind a context that does not occur, maximum likelihood is 0 in nltk, and not defined here.
* The order 1 of Witten-Bell and absolute discounting is the relative frequency in nltk, nothing taken off, and that of
  Kneser-Ney the share of contexts: `relative_words` makes it so here.
* Kneser-Ney in nltk divides by 0 behind a context that begins with <s> and is shorter than the model's: nothing stands
  before <s>. Here such n-grams keep their occurrences. Only the others are compared.
"""

import itertools

import numpy as np
import pytest
from nltk.lm import (
    MLE,
    AbsoluteDiscountingInterpolated,
    KneserNeyInterpolated,
    Laplace,
    Lidstone,
    StupidBackoff,
    Vocabulary,
    WittenBellInterpolated,
)
from nltk.util import everygrams
from reference import ngrams as reference

from embedkit.lm.counting import count_ngrams
from embedkit.lm.estimation import estimate
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.smoothing.rule import Rule
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

ORDERS = pytest.mark.parametrize("order", [1, 2, 3, 4])


def make_sentences(seed=0, n=25):
    random = np.random.default_rng(seed)
    return [[f"w{i % 9}" for i in random.zipf(1.5, random.integers(3, 9))] for _ in range(n)]


SENTENCES = make_sentences()


def fit_nltk(kind, order, *arguments, **settings):
    """nltk's model of the sentences between <s> and </s>, <s> not counted as a word."""
    padded = reference.padded(SENTENCES)
    vocabulary = Vocabulary([word for s in padded for word in s], unk_cutoff=1, unk_label="<unk>")
    model = kind(*arguments, order=order, vocabulary=vocabulary, **settings)
    model.fit([[gram for gram in everygrams(s, max_len=order) if gram != ("<s>",)] for s in padded])
    return model


def fit_ours(order, smoothing, **settings):
    counts = count_ngrams(encode_corpus(Corpus.from_documents(SENTENCES), min_count=1), order)
    parameters = LanguageModelParameters(order=order, smoothing=smoothing, **settings)
    return estimate(counts, parameters, vocabulary_size=counts.trie.n_words)


@pytest.fixture
def relative_words(monkeypatch):
    """Order 1 as nltk has it: relative frequencies, nothing left for <unk>."""
    monkeypatch.setattr(Rule, "root", lambda rule, counts: (counts / counts.sum(), 0.0))


def contexts(order):
    """Contexts that occur, and others, some of them with unknown words; of all lengths."""
    grams = reference.count(reference.padded(SENTENCES), order)
    seen = {gram[:-1] for gram in grams if "</s>" not in gram[:-1] and gram != ("<s>",)}
    random = np.random.default_rng(1)
    others = {
        tuple(f"w{i}" for i in random.integers(0, 11, random.integers(1, order))) for _ in range(20 * (order > 1))
    }
    return sorted(seen), sorted(others - seen)


def check(ours, theirs, h):
    """Compare the probabilities of all words but <s>."""
    state = ours.state(h[1:], bos=True) if h[:1] == ("<s>",) else ours.state(h)
    found = ours.distribution(state)
    known = [word if word in ours.words else "<unk>" for word in h]
    for i, word in enumerate(ours.words):
        if word != "<s>":
            assert found[i] == pytest.approx(theirs.score(word, known), abs=1e-9)


@ORDERS
def test_maximum_likelihood(order):
    ours, theirs = fit_ours(order, "maximum-likelihood"), fit_nltk(MLE, order)
    seen, _ = contexts(order)
    assert len(seen) >= order
    for h in seen:
        check(ours, theirs, h)


@ORDERS
@pytest.mark.parametrize("gamma", [None, 0.1, 2.5])
def test_laplace_and_lidstone(order, gamma):
    if gamma is None:
        ours, theirs = fit_ours(order, "laplace"), fit_nltk(Laplace, order)
    else:
        ours, theirs = fit_ours(order, "lidstone", gamma=gamma), fit_nltk(Lidstone, order, gamma)
    for h in itertools.chain(*contexts(order)):
        check(ours, theirs, h)


@ORDERS
@pytest.mark.parametrize("alpha", [0.4, 0.7])
def test_stupid_backoff(order, alpha):
    ours, theirs = fit_ours(order, "stupid-backoff", alpha=alpha), fit_nltk(StupidBackoff, order, alpha)
    for h in itertools.chain(*contexts(order)):
        check(ours, theirs, h)


@ORDERS
@pytest.mark.usefixtures("relative_words")
def test_witten_bell_interpolated(order):
    ours = fit_ours(order, "witten-bell", interpolate_unigrams=False)
    theirs = fit_nltk(WittenBellInterpolated, order)
    for h in itertools.chain(*contexts(order)):
        check(ours, theirs, h)


@ORDERS
@pytest.mark.parametrize("discount", [0.75, 0.3])
@pytest.mark.usefixtures("relative_words")
def test_absolute_discounting_interpolated(order, discount):
    ours = fit_ours(order, "absolute-discounting", discount=discount, interpolate_unigrams=False)
    theirs = fit_nltk(AbsoluteDiscountingInterpolated, order, discount=discount)
    for h in itertools.chain(*contexts(order)):
        check(ours, theirs, h)


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("discount", [0.1, 0.75])
@pytest.mark.usefixtures("relative_words")
def test_kneser_ney_interpolated(order, discount):
    ours = fit_ours(order, "kneser-ney", discount=discount, interpolate_unigrams=False)
    theirs = fit_nltk(KneserNeyInterpolated, order, discount=discount)
    for h in itertools.chain(*contexts(order)):
        if h[:1] != ("<s>",) or len(h) == order - 1:
            check(ours, theirs, h)
