"""Word2Vec as users of scikit-learn expect it."""

import gzip
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from embedkit import Corpus, KeyedVectors, Word2Vec
from embedkit.errors import InputError, ParameterError

ANIMALS = ["the cat chased the mouse", "a dog chased the cat", "the mouse fled from a dog"]
WEATHER = ["rain fell on grey hills", "snow fell on white hills", "wind and rain on grey water"]
TEXTS = (ANIMALS + WEATHER) * 40
LABELS = (["animals"] * 3 + ["weather"] * 3) * 40


def small(**settings):
    return Word2Vec(**{"vector_size": 12, "min_count": 1, "sample": 0, "epochs": 5, "random_state": 1} | settings)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(TEXTS)


def test_words_of_one_topic_end_up_together(fitted):
    vectors = fitted.keyed_vectors_
    assert vectors.similarity("cat", "mouse") > vectors.similarity("cat", "hills") + 0.3


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_the_loss_of_each_model_falls(architecture, loss):
    model = small(architecture=architecture, loss=loss).fit(TEXTS)
    assert len(model.losses_) == 5
    assert np.diff(model.losses_).max() < 0


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_one_seed_and_one_thread_give_the_same_bytes(architecture, loss):
    first, second = (small(architecture=architecture, loss=loss).fit(TEXTS) for _ in range(2))
    assert first.keyed_vectors_.vectors.tobytes() == second.keyed_vectors_.vectors.tobytes()
    assert first.losses_ == second.losses_
    other = small(architecture=architecture, loss=loss, random_state=2).fit(TEXTS)
    assert first.keyed_vectors_.vectors.tobytes() != other.keyed_vectors_.vectors.tobytes()


def test_every_kind_of_input_gives_the_same_model(tmp_path, fitted):
    expected = fitted.keyed_vectors_.vectors
    plain, packed = tmp_path / "corpus.txt", tmp_path / "corpus.txt.gz"
    text = "\n".join(TEXTS)
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    inputs = [
        str(plain), plain, packed, [plain], Corpus.from_paths([plain]), iter(TEXTS), (text for text in TEXTS),
        [text.split() for text in TEXTS], np.array(TEXTS), np.array(TEXTS, object), pd.Series(TEXTS), tuple(TEXTS),
    ]  # fmt: skip
    for X in inputs:
        np.testing.assert_array_equal(small().fit(X).keyed_vectors_.vectors, expected)


def test_transform_is_the_mean_of_the_known_words(fitted):
    vectors = fitted.keyed_vectors_
    transformed = fitted.transform(["cat dog cat", "", "nothing is known here", ["rain", "cat"]])
    assert transformed.dtype == np.float32
    assert transformed.shape == (4, 12)
    np.testing.assert_allclose(transformed[0], (2 * vectors["cat"] + vectors["dog"]) / 3, rtol=1e-6)
    np.testing.assert_allclose(transformed[3], (vectors["rain"] + vectors["cat"]) / 2, rtol=1e-6)
    assert not transformed[1:3].any()


@pytest.mark.parametrize("texts", [[""], [], ["unknown words only"]])
def test_documents_without_a_known_word_become_zeros(fitted, texts):
    np.testing.assert_array_equal(fitted.transform(texts), np.zeros((len(texts), 12), np.float32))


def test_fit_transform_reads_an_iterator_once(fitted):
    np.testing.assert_array_equal(small().fit_transform(iter(TEXTS)), fitted.transform(TEXTS))


def test_it_classifies_in_a_pipeline_and_a_grid_search():
    pipeline = make_pipeline(small(), LogisticRegression())
    assert pipeline.fit(TEXTS, LABELS).score(TEXTS, LABELS) == 1.0
    search = GridSearchCV(pipeline, {"word2vec__vector_size": [2, 8]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_score_ == 1.0


def test_clone_and_parameters_follow_the_conventions(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "keyed_vectors_")
    assert copy.set_params(window=9).window == 9
    with pytest.raises(NotFittedError):
        copy.transform(TEXTS)


def test_output_can_be_a_data_frame_with_names(fitted):
    frame = clone(fitted).set_output(transform="pandas").fit_transform(TEXTS)
    assert list(frame.columns) == [f"word2vec{i}" for i in range(12)]


def test_pickling_keeps_the_model(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(TEXTS), fitted.transform(TEXTS))


def test_tags_say_that_it_takes_text(fitted):
    tags = get_tags(fitted).input_tags
    assert tags.string
    assert not tags.two_d_array


def test_callbacks_see_each_epoch_and_may_stop():
    seen = []

    def stop_after_two(report):
        seen.append((report.epoch, report.loss, report.vectors.shape, report.vocabulary.words[0]))
        return report.epoch == 2

    also = []
    model = small(callbacks=[stop_after_two, also.append]).fit(TEXTS)
    assert [epoch for epoch, *_ in seen] == [1, 2]
    assert [loss for _, loss, *_ in seen] == model.losses_
    assert seen[0][2:] == ((18, 12), "the")
    assert len(also) == model.n_iter_ == 2


def test_initial_vectors_are_where_training_starts():
    known = KeyedVectors(["cat", "zebra"], np.full((2, 12), 0.25, np.float32))
    model = small(initial_vectors=known, learning_rate=1e-9).fit(TEXTS)
    np.testing.assert_allclose(model.keyed_vectors_["cat"], 0.25, atol=1e-4)
    assert np.abs(model.keyed_vectors_["dog"]).max() < 0.5 / 12 + 1e-4
    with pytest.raises(ParameterError, match="size 12, but vector_size=8; use vector_size=12"):
        small(vector_size=8, initial_vectors=known).fit(TEXTS)


def test_tokenizers_lowercase_and_pruning_reach_the_vocabulary():
    model = small(tokenizer="words", lowercase=True, min_count=2, max_vocab=2).fit(["The CAT, the cat! a dog"] * 2)
    assert model.keyed_vectors_.index_to_key == ["cat", "the"]
    assert model.keyed_vectors_.counts.tolist() == [4, 4]
    model = small(tokenizer=lambda text: text.split("|")).fit(["new york|is big", "new york|is old"])
    assert "new york" in model.keyed_vectors_
    assert model.transform(["new york"]).any()


def test_all_threads_train_the_same_examples():
    losses = [small(n_jobs=n_jobs).fit(TEXTS).losses_[0] for n_jobs in (1, 2, -1)]
    assert losses == pytest.approx([losses[0]] * 3, rel=0.05)


def test_a_temporary_file_for_the_ids_changes_nothing(fitted):
    np.testing.assert_array_equal(small(memory=64).fit(TEXTS).keyed_vectors_.vectors, fitted.keyed_vectors_.vectors)


def test_a_vocabulary_of_one_word_trains():
    model = small().fit(["echo echo echo"] * 20)
    assert model.keyed_vectors_.index_to_key == ["echo"]
    assert np.isfinite(model.keyed_vectors_.vectors).all()


def test_a_mistaken_text_for_a_path_says_what_to_do():
    with pytest.raises(InputError, match=r"\[text\]"):
        small().fit("the cat sat on the mat")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_jobs": 0}, "n_jobs=0: expected a number of threads, None for one, or -1"),
        ({"n_jobs": "two"}, "n_jobs='two': expected a whole number"),
        ({"n_jobs": 1.5}, "n_jobs=1.5: expected a whole number"),
        ({"callbacks": 5}, "callbacks=5: expected a callable or a list of callables"),
        ({"callbacks": ["x"]}, "expected a callable or a list of callables"),
        ({"initial_vectors": "v.bin"}, "initial_vectors is str, expected KeyedVectors; KeyedVectors.load reads a file"),
    ],
)
def test_wrong_parameters_fail_before_the_corpus_is_read(settings, message):
    def unread():
        pytest.fail("the corpus was read")
        yield ""

    with pytest.raises(ParameterError, match=message):
        small(**settings).fit(unread())


def test_a_few_short_documents_train_at_the_default_settings():
    for seed in range(30):
        assert Word2Vec(min_count=1, random_state=seed).fit(ANIMALS + WEATHER).n_iter_ == 5


def test_standard_input_cannot_be_fitted_and_transformed():
    with pytest.raises(InputError, match="standard input can be read only once"):
        small().fit_transform("-")
