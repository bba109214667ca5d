"""The same scores as the kenlm package, from ARPA files that embedkit writes."""

import itertools
import math

import kenlm
import numpy as np
import pytest

from embedkit.lm.arpa_reader import load_arpa
from embedkit.lm.arpa_writer import save_arpa
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.training import TextSettings, train_language_model
from embedkit.text.corpus import Corpus

ORDERS = [2, 3, 4, 5, 6]  # kenlm reads no model of words alone, and 6 is the most that it is built for
TOLERANCE = 1e-4
SMOOTHINGS = [
    {"smoothing": "modified-kneser-ney"},
    {"smoothing": "modified-kneser-ney", "prune": (0, 1)},
    {"smoothing": "kneser-ney", "interpolated": False},
    {"smoothing": "witten-bell", "entropy_threshold": 1e-3},
    {"smoothing": "katz"},
]


def make_sentences(n, seed, n_words=60):
    random = np.random.default_rng(seed)
    return [[f"w{i % n_words}" for i in random.zipf(1.4, random.integers(1, 15))] for _ in range(n)]


def held_out():
    """Sentences like those of the training text with words that it lacks; none, many, and only such."""
    random = np.random.default_rng(9)
    like = [[w if random.random() < 0.85 else f"new{i}" for i, w in enumerate(s)] for s in make_sentences(60, 1)]
    return [*like, [], ["new"], make_sentences(1, 2)[0] * 60, ["new"] * 300]


@pytest.fixture(scope="module", params=ORDERS)
def order(request):
    return request.param


@pytest.fixture(scope="module", params=SMOOTHINGS, ids=lambda one: "-".join(map(str, one.values())))
def models(request, order, tmp_path_factory):
    """A model, the same read from its ARPA file, and that in kenlm."""
    trained = train_language_model(
        Corpus.from_documents(make_sentences(150, 0)),
        LanguageModelParameters(order=order, **request.param),
        TextSettings(min_count=2),
    )
    path = tmp_path_factory.mktemp("arpa") / "model.arpa"
    save_arpa(trained.model, path)
    config = kenlm.Config()
    config.show_progress = False
    return trained.model, load_arpa(path), kenlm.Model(str(path), config)


def test_scores_of_sentences_agree(models):
    *ours, theirs = models
    for words, bos, eos in itertools.product(held_out(), [True, False], [True, False]):
        text = " ".join(words)
        # kenlm adds up in float32, which shows in long sums.
        expected = math.fsum(one[0] for one in theirs.full_scores(text, bos=bos, eos=eos))
        if len(words) < 20:
            assert theirs.score(text, bos=bos, eos=eos) == pytest.approx(expected, abs=TOLERANCE)
        for model in ours:
            assert model.score(text, bos=bos, eos=eos) == pytest.approx(expected, abs=TOLERANCE)
            assert model.score(words, bos=bos, eos=eos) == pytest.approx(expected, abs=TOLERANCE)


def full_scores(models, **settings):
    """What models say of the words of each sentence, ours and kenlm's."""
    *ours, theirs = models
    for words in held_out():
        text = " ".join(words)
        expected = list(theirs.full_scores(text, **settings))
        for model in ours:
            yield model.full_scores(text, **settings), expected


@pytest.mark.parametrize("bos", [True, False])
@pytest.mark.parametrize("eos", [True, False])
def test_full_scores_of_words_agree(models, bos, eos):
    for found, expected in full_scores(models, bos=bos, eos=eos):
        assert [one.log_prob for one in found] == pytest.approx([one[0] for one in expected], abs=TOLERANCE)
        assert [one.oov for one in found] == [one[2] for one in expected]


# An entropy-pruned model may have an n-gram without its shorter ends. They are added on loading, by kenlm as well.
@pytest.mark.parametrize("bos", [True, False])
def test_lengths_of_the_n_grams_found_agree(models, bos):
    for found, expected in full_scores(models[1:], bos=bos):
        assert [one.ngram_length for one in found] == [one[1] for one in expected]


@pytest.mark.parametrize("bos", [True, False])
def test_states_that_go_on_word_by_word_agree(models, bos):
    *ours, theirs = models
    for model in ours:
        for words in held_out()[:-1]:
            ours_at, before, after = model.begin_state() if bos else model.null_state(), kenlm.State(), kenlm.State()
            theirs.BeginSentenceWrite(before) if bos else theirs.NullContextWrite(before)
            for word in [*words, "</s>"]:
                log_prob, ours_at = model.advance(ours_at, word)
                assert log_prob == pytest.approx(theirs.BaseScore(before, word, after), abs=TOLERANCE)
                before, after = after, before


def test_states_can_be_taken_up_again(models):
    model, _, theirs = models
    begin, first, second = kenlm.State(), kenlm.State(), kenlm.State()
    theirs.BeginSentenceWrite(begin)
    theirs.BaseScore(begin, "w1", first)
    _, state = model.advance(model.begin_state(), "w1")
    for word in ("w1", "w2", "w3", "new", "</s>"):
        assert model.advance(state, word)[0] == pytest.approx(theirs.BaseScore(first, word, second), abs=TOLERANCE)


def test_the_same_words_are_known(models):
    *ours, theirs = models
    for word in ["w1", "w2", "new", "", "<s>", "</s>", "<unk>", "W1"]:
        for model in ours:
            assert (word in model) == (word in theirs)
