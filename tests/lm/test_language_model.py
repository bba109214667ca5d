"""The estimator: scikit-learn's conventions, questions to a model, states, next words, generated text."""

import logging
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from embedkit import NgramLanguageModel
from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.vocabulary import Vocabulary

SENTENCES = ["the cat sat on the mat", "the dog sat on the rug", "a cat ate the dog"] * 4


@pytest.fixture(scope="module")
def lm() -> NgramLanguageModel:
    return NgramLanguageModel(order=3, smoothing="witten-bell").fit(SENTENCES)


def test_parameters_are_those_of_scikit_learn(lm):
    other = clone(lm).set_params(order=2)
    assert other.get_params()["order"] == 2
    assert "smoothing='witten-bell'" in repr(other)
    with pytest.raises(NotFittedError):
        other.score("the cat")
    assert other.fit(SENTENCES).n_ngrams == lm.n_ngrams[:2]


def test_documents_of_every_kind_give_the_same_model(lm, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(SENTENCES) + "\n\n")
    for documents in (
        str(path),
        path,
        [line.split() for line in SENTENCES],
        iter(SENTENCES),
        Corpus.from_documents(SENTENCES),
    ):
        other = NgramLanguageModel(order=3, smoothing="witten-bell").fit(documents)
        assert other.score("the cat sat") == lm.score("the cat sat")


def test_a_score_is_the_sum_of_its_words(lm):
    for text in ("the cat sat", "an unknown cat", ""):
        words = lm.full_scores(text)
        assert len(words) == len(text.split()) + 1
        assert lm.score(text) == pytest.approx(sum(word.log_prob for word in words))
        assert lm.score(text, eos=False) == pytest.approx(sum(word.log_prob for word in words[:-1]))
    assert [word.oov for word in lm.full_scores("an unknown cat")] == [True, True, False, False]
    assert lm.score("cat sat", bos=False) != lm.score("cat sat")
    np.testing.assert_array_equal(lm.scores(["the cat", "a"]), [lm.score("the cat"), lm.score("a")])
    assert lm.scores([]).shape == (0,)
    texts = ["the cat", ["the", "cat"], "", "ＴＨＥ\u3000cat", "an unknown cat " * 200, ["a b", "cat"]] * 40
    for n_jobs in (1, 3):
        np.testing.assert_array_equal(lm.scores(texts, n_jobs=n_jobs), [lm.score(text) for text in texts])


def test_words_may_hold_spaces():
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit([["New York", "is", "big"], ["York", "is", "old"]])
    assert "New York" in lm
    assert "New" not in lm
    assert not lm.full_scores(["New York"])[0].oov
    assert lm.full_scores("New York")[0].oov


def test_states_can_be_kept_and_used_again(lm):
    state = lm.state("the cat", bos=True)
    for word in ("sat", "ate", "</s>", "zebra"):
        log_prob, _ = lm.advance(state, word)
        assert 10**log_prob == pytest.approx(lm.prob(word, "the cat", bos=True))
        assert 10**log_prob == pytest.approx(lm.prob(word, ["the", "cat"], bos=True))
    assert lm.advance(lm.begin_state(), "the")[1] == lm.state("the", bos=True)
    with pytest.raises(ValueError, match="no such state"):
        lm.model_.query.step(2**31, 1, 3)


def test_only_the_last_words_of_a_context_matter(lm):
    assert lm.prob("sat", "a b c the cat") == lm.prob("sat", "the cat")


def test_next_words_are_the_most_probable(lm):
    words = lm.next_words("the", k=4)
    assert [word for word, _ in words[:2]] == ["dog", "cat"]
    assert [p for _, p in words] == sorted((p for _, p in words), reverse=True)
    for word, p in words:
        assert p == pytest.approx(lm.prob(word, "the"))
    everything = lm.next_words("the", k=10_000)
    assert {"</s>", "cat"} <= {word for word, _ in everything}
    assert not {"<s>", "<unk>"} & {word for word, _ in everything}
    assert len(everything) == len(lm.model_.words) - 2


def test_the_same_seed_draws_the_same_sentences(lm):
    drawn = lm.generate(n=20, random_state=3)
    assert drawn == lm.generate(n=20, random_state=3)
    assert drawn != lm.generate(n=20, random_state=4)
    assert all(word in lm for sentence in drawn for word in sentence)


def test_drawn_words_have_the_frequencies_of_the_model(lm):
    drawn = lm.generate("the", n=3000, max_words=1, random_state=1)
    expected = lm.distribution(lm.state("the", bos=True))
    expected[0] = 0
    expected /= expected.sum()
    words = ["</s>" if not sentence else sentence[0] for sentence in drawn]
    for word in ("cat", "dog", "mat", "</s>"):
        p = expected[lm.model_.words.index(word)]
        assert words.count(word) / 3000 == pytest.approx(p, abs=4 * (p / 3000) ** 0.5 + 1e-3)


def test_a_low_temperature_draws_the_most_probable_word(lm):
    best = lm.next_words("the cat", k=1, bos=True)[0][0]
    drawn = lm.generate("the cat", n=50, max_words=1, temperature=0.01, random_state=1)
    assert {word for sentence in drawn for word in sentence} <= {best}


def test_a_wide_beam_finds_the_most_probable_sentence():
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b", "a b", "b a a", "b"])
    found = lm.generate(beam=50, n=5, max_words=4)
    scores = [lm.score(sentence) for sentence in found]
    assert scores == sorted(scores, reverse=True)
    from itertools import product

    every = [words for n in range(4) for words in product("ab", repeat=n)]
    assert lm.score(found[0]) == pytest.approx(max(lm.score(list(words)) for words in every))


def test_generation_ends(lm):
    assert all(len(sentence) <= 3 for sentence in lm.generate(n=30, max_words=3, random_state=2))
    for settings in ({"n": 0}, {"beam": 0}, {"max_words": 0}, {"temperature": 0}, {"n": 3, "beam": 2}):
        with pytest.raises(ParameterError):
            lm.generate(**settings)


def test_a_report_holds_what_makes_figures_comparable(lm):
    report = lm.evaluate(["the cat sat", "a zebra ate", ""])
    scores = [lm.full_scores("the cat sat"), lm.full_scores("a zebra ate")]
    logs = [word.log_prob for sentence in scores for word in sentence]
    known = [word.log_prob for sentence in scores for word in sentence if not word.oov]
    assert (report.n_tokens, report.n_sentences, report.n_oov) == (8, 2, 1)
    assert report.vocabulary == len(lm.model_.words) - 3
    assert report.perplexity == pytest.approx(10 ** -np.mean(logs))
    assert report.perplexity_without_oov == pytest.approx(10 ** -np.mean(known))
    assert lm.perplexity(["the cat sat", "a zebra ate"], n_jobs=2) == report.perplexity


def test_a_text_of_unknown_words_only_is_warned_of(lm, caplog):
    with caplog.at_level(logging.WARNING):
        report = lm.evaluate(["THE CAT", "SAT"])
    assert "knows no word" in caplog.text
    assert report.n_oov == 3


def test_an_impossible_word_makes_the_perplexity_infinite():
    lm = NgramLanguageModel(order=2, smoothing="maximum-likelihood").fit(["a b", "b a"])
    assert lm.perplexity(["a a"]) == float("inf")
    assert lm.score("a a") == -float("inf")


def test_empty_texts_are_errors(lm):
    with pytest.raises(InputError, match="no words"):
        lm.perplexity([""])
    with pytest.raises(InputError, match="no words"):
        NgramLanguageModel().fit(["", " "])


def test_a_closed_vocabulary_maps_other_words_to_unk(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cat\ndog 7\n\nzebra\n")
    for vocabulary in (path, str(path), ["cat", "dog", "zebra"], Vocabulary(["cat", "dog", "zebra"], [1, 7, 0])):
        lm = NgramLanguageModel(order=2, smoothing="witten-bell", vocabulary=vocabulary).fit(SENTENCES)
        assert set(lm.model_.words) == {"<unk>", "<s>", "</s>", "cat", "dog", "zebra"}
        assert lm.prob("<unk>", ["<unk>"]) > lm.prob("zebra", ["<unk>"]) > 0
        assert lm.evaluate(["the cat"]).n_oov == 1


def test_rare_words_are_mapped_to_unk():
    rare = NgramLanguageModel(order=2, smoothing="witten-bell", min_count=5).fit(SENTENCES)
    few = NgramLanguageModel(order=2, smoothing="witten-bell", max_vocab=2).fit(SENTENCES)
    assert "mat" not in rare
    assert "the" in rare
    assert len(few.model_.words) == 5
    assert few.prob("<unk>", ["the"]) > 0.5


def test_unk_in_the_text_is_the_unknown_word():
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a <unk> b", "a <unk> c"])
    assert lm.prob("zebra", ["a"]) == lm.prob("<unk>", ["a"]) > 0.5
    assert lm.model_.words == ["<unk>", "<s>", "</s>", "a", "b", "c"]


def test_symbols_in_the_text_are_errors_or_skipped():
    with pytest.raises(InputError, match=r"'<s>'.*skip_symbols"):
        NgramLanguageModel().fit(["<s> a b </s>"])
    skipped = NgramLanguageModel(order=2, smoothing="witten-bell", skip_symbols=True).fit(["<s> a <unk> b </s>"])
    plain = NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b"])
    assert skipped.score("a b") == plain.score("a b")
    with pytest.raises(InputError, match="no words are left"):
        NgramLanguageModel(skip_symbols=True).fit(["<s> </s>", "<unk>"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"order": 0}, "order=0"),
        ({"order": 17}, "order=17"),
        ({"smoothing": "none"}, "smoothing='none'"),
        ({"smoothing": "katz", "interpolated": True}, "always not interpolated"),
        ({"smoothing": "jelinek-mercer", "interpolated": False}, "always interpolated"),
        ({"smoothing": "lidstone", "gamma": 0.0}, "gamma=0.0"),
        ({"smoothing": "stupid-backoff", "alpha": 1.5}, "alpha=1.5"),
        ({"smoothing": "witten-bell", "discount": 0.5}, "has none"),
        ({"discount": 0.5}, "three numbers"),
        ({"discount": [0.5, 1.0, 4.0]}, "three numbers"),
        ({"smoothing": "kneser-ney", "discount": [0.5, 0.5, 0.5]}, "a number above 0"),
        ({"weights": [0.5]}, "only jelinek-mercer"),
        ({"smoothing": "jelinek-mercer", "weights": [0.5]}, "3 numbers"),
        ({"smoothing": "jelinek-mercer", "weights": [0.5, 0.5, 1.0]}, "3 numbers"),
        ({"entropy_threshold": 0.0}, "entropy_threshold=0.0"),
        ({"memory": -1}, "memory=-1"),
        ({"min_count": -1}, "min_count=-1"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"tokenizer": "spaces"}, "tokenizer='spaces'"),
        ({"skip_symbols": "yes"}, "skip_symbols='yes'"),
        ({"discount_fallback": 1}, "discount_fallback=1"),
    ],
)
def test_parameters_that_cannot_work_are_refused(parameters, message):
    with pytest.raises(ParameterError, match=message):
        NgramLanguageModel(**parameters).fit(SENTENCES)


def test_word_lists_that_are_none_are_refused(tmp_path):
    path = tmp_path / "words.txt"
    for data, message in [(b"", "no words"), (b"a b c\n", "line 1"), (b"a\nb c\n", "line 2"), (b"\xff\n", "UTF-8")]:
        path.write_bytes(data)
        with pytest.raises((FormatError, InputError), match=message):
            NgramLanguageModel(vocabulary=path).fit(SENTENCES)
    with pytest.raises(InputError, match="no such file"):
        NgramLanguageModel(vocabulary=tmp_path / "missing.txt").fit(SENTENCES)


def test_a_fitted_model_can_be_pickled(lm):
    assert pickle.loads(pickle.dumps(lm)).score("the cat") == lm.score("the cat")


def test_odd_unicode_is_a_word_like_any_other(lm):
    text = "e\u0301 \U0001f600 ＡＢ\u3000我"
    odd = NgramLanguageModel(order=2, smoothing="witten-bell").fit([text])
    assert not any(word.oov for word in odd.full_scores(text))
    assert [word.oov for word in lm.full_scores("\ud800 a\x00b")] == [True, True, False]
    assert "\ud800" not in lm


def test_a_loaded_model_has_the_parameters_that_it_was_made_with(tmp_path):
    lm = NgramLanguageModel(order=2, smoothing="kneser-ney", discount=0.7, prune=[0, 1], lowercase=True).fit(SENTENCES)
    lm.save(tmp_path / "model.lm")
    again = NgramLanguageModel.load(tmp_path / "model.lm")
    assert (again.order, again.smoothing, again.discount, again.prune) == (2, "kneser-ney", 0.7, [0, 1])
    assert again.lowercase
    assert again.fit(SENTENCES).score("The cat") == lm.score("the cat")


def test_a_closed_vocabulary_may_name_the_symbols():
    lm = NgramLanguageModel(order=2, smoothing="witten-bell", vocabulary=["<unk>", "<s>", "</s>", "a"]).fit(["a b"])
    assert lm.model_.words == ["<unk>", "<s>", "</s>", "a"]


@pytest.mark.parametrize("smoothing", ["laplace", "lidstone"])
def test_unseen_contexts_of_additive_models_are_uniform(smoothing):
    lm = NgramLanguageModel(order=3, smoothing=smoothing, gamma=0.5).fit(["a b", "a c", "a c"])
    for context in ("zz yy", "a a", "c c"):
        probabilities = lm.distribution(lm.state(context))
        assert probabilities.sum() == pytest.approx(1.0)
        assert lm.prob("a", context) == pytest.approx(1 / 5)


def test_maximum_likelihood_behind_an_unseen_context_is_not_defined():
    lm = NgramLanguageModel(order=3, smoothing="maximum-likelihood").fit(["a b", "a c", "a c"])
    for ask in (lambda: lm.prob("c", ["zz", "yy"]), lambda: lm.next_words("zz yy"), lambda: lm.prob("c", "a a")):
        with pytest.raises(InputError, match="not defined"):
            ask()


def test_impossible_words_are_not_next():
    lm = NgramLanguageModel(order=2, smoothing="maximum-likelihood").fit(["a b", "a c", "a c"])
    assert lm.next_words(["b"], k=5) == [("</s>", 1.0)]


def test_marks_of_sentences_in_a_text_are_warned_of(lm, caplog):
    with caplog.at_level(logging.WARNING):
        lm.evaluate(["<s> the cat </s>"])
    assert "take them out" in caplog.text


def test_a_tokenizer_that_a_file_cannot_hold_is_warned_of(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        NgramLanguageModel(order=2, tokenizer=str.split).fit(SENTENCES).save(tmp_path / "model.lm")
    assert "the tokenizer is a function" in caplog.text


def test_katz_leaves_something_behind_contexts_of_frequent_words_only():
    # Words of skewed frequencies, so that the counts of counts give all discounts.
    random = np.random.default_rng(1)
    text = [[f"w{i % 2000}" for i in random.zipf(1.3, 8)] for _ in range(1500)]
    lm = NgramLanguageModel(order=2, smoothing="katz").fit([["new", "york"]] * 50 + text)
    assert lm.model_.facts["discounts"][1][-1] == 0.0  # none above the cutoff
    for context in ("new", "york", "w1"):
        assert lm.prob("zebra", context) > 0
        assert lm.distribution(lm.state(context)).sum() == pytest.approx(1.0)


def test_options_of_the_text_are_given_again_for_an_arpa_file(tmp_path):
    lm = NgramLanguageModel(order=2, smoothing="witten-bell").fit(SENTENCES)
    lm.save(tmp_path / "model.arpa")
    again = NgramLanguageModel.load(tmp_path / "model.arpa", tokenizer="words", lowercase=True)
    assert again.score("The CAT, sat!") == pytest.approx(lm.score("the cat sat"), abs=1e-5)
    assert again.scores(["The CAT, sat!", ["the"]])[0] == again.score("The CAT, sat!")


def test_what_is_no_text_says_so(lm):
    for wrong in (None, 5, b"x", ["a", None], [["a"]]):
        with pytest.raises(InputError, match="is no text"):
            lm.score(wrong)
    with pytest.raises(InputError, match="single text"):
        lm.scores("the cat")
    with pytest.raises(InputError, match="is no word"):
        lm.advance(lm.begin_state(), 7)
    with pytest.raises(InputError, match="is no state"):
        lm.distribution("the cat")
    assert lm.distribution(tuple(lm.begin_state())).sum() == pytest.approx(1.0)


def test_the_begin_of_a_sentence_is_never_predicted(lm):
    assert lm.prob("<s>", "the") == 0.0
    assert lm.distribution(lm.state("the"))[lm.words.index("<s>")] == 0.0


def test_numbers_of_numpy_are_parameters_that_a_file_keeps(tmp_path):
    lm = NgramLanguageModel(order=np.int64(3), discount=np.array([0.5, 1, 1.5], np.float32), prune=np.array([0, 0, 1]))
    lm.fit(SENTENCES).save(tmp_path / "model.lm")
    again = NgramLanguageModel.load(tmp_path / "model.lm")
    assert (again.discount, again.prune) == ([0.5, 1.0, 1.5], [0, 0, 1])


def test_weights_that_were_estimated_are_no_parameter(tmp_path):
    NgramLanguageModel(order=2, smoothing="jelinek-mercer").fit(SENTENCES).save(tmp_path / "model.lm")
    again = NgramLanguageModel.load(tmp_path / "model.lm")
    assert again.weights is None
    assert len(again.model_.facts["weights"]) == 2


def test_files_are_read_as_they_were_trained_on(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"the cat\xff sat\n")
    lm = NgramLanguageModel(order=2, smoothing="witten-bell", encoding_errors="replace").fit(path)
    assert lm.perplexity(path) > 1


@pytest.mark.parametrize("name", ["model", "model.bin", "model.arap"])
def test_other_endings_are_refused(lm, tmp_path, name):
    with pytest.raises(FormatError, match=r"ends in \.lm"):
        lm.save(tmp_path / name)


@pytest.mark.parametrize("vocabulary", [5, [], [1, 2], ["the", 5]])
def test_what_is_no_vocabulary_is_refused(vocabulary):
    with pytest.raises(ParameterError, match="expected words"):
        NgramLanguageModel(vocabulary=vocabulary).fit(SENTENCES)


def test_threads_that_cannot_be_are_refused(lm, tmp_path):
    from embedkit.lm.files import load_model, save_model
    from embedkit.lm.mixing import mix_models, mixture_weights

    save_model(lm, tmp_path / "model.arpa")
    for n_threads in (0, -1, 100_000, "two"):
        for ask in (
            lambda n=n_threads: load_model(tmp_path / "model.arpa", n_threads=n),
            lambda n=n_threads: save_model(lm, tmp_path / "other.arpa", n_threads=n),
            lambda n=n_threads: mix_models([lm, lm], [0.5, 0.5], n_threads=n),
            lambda n=n_threads: mixture_weights([lm, lm], ["the cat"], n_threads=n),
        ):
            with pytest.raises(ParameterError, match="n_threads"):
                ask()


def test_texts_in_the_place_of_words_are_warned_of_once(caplog):
    with caplog.at_level(logging.WARNING):
        fresh = NgramLanguageModel(order=2, smoothing="witten-bell").fit(SENTENCES)
        fresh.score(["the cat sat", "the dog"])
        fresh.score(["the cat sat"])
        NgramLanguageModel(order=2, smoothing="witten-bell").fit([["New York", "is"]]).score(["New York"])
    assert caplog.text.count("is one word of a list") == 1
