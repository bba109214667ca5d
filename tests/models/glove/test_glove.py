"""GloVe as users of scikit-learn expect it."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from embedkit import Corpus, GloVe
from embedkit.errors import InputError, ParameterError
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.models.glove.parameters import GloVeParameters
from embedkit.models.glove.training import train
from embedkit.text.encoding import encode_corpus

ANIMALS = ["the cat chased the mouse", "a dog chased the cat"]
WEATHER = ["rain fell on hills", "wind and rain on water"]
TEXTS = (ANIMALS + WEATHER) * 30
LABELS = (["animals"] * 2 + ["weather"] * 2) * 30


def small(**settings):
    return GloVe(**{"vector_size": 10, "min_count": 1, "epochs": 10, "random_state": 1} | settings)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(TEXTS)


def test_everything_learned_is_kept(fitted):
    n_words = len(fitted.vocabulary_)
    assert fitted.keyed_vectors_.index_to_key == fitted.vocabulary_.words
    assert fitted.word_vectors_.shape == fitted.context_vectors_.shape == (n_words, 10)
    assert fitted.word_biases_.shape == fitted.context_biases_.shape == (n_words,)
    np.testing.assert_array_equal(fitted.keyed_vectors_.vectors, fitted.word_vectors_ + fitted.context_vectors_)
    with encode_corpus(Corpus.from_documents(TEXTS), min_count=1) as encoded:
        counts = count_cooccurrences(encoded, CountingParameters(window=10, distance="harmonic"))
    seed = int(np.random.RandomState(1).randint(2**31))
    model = train(counts, encoded.vocabulary, GloVeParameters(vector_size=10, epochs=10), seed=seed).model
    np.testing.assert_array_equal(fitted.word_vectors_, model.vectors("word"))
    np.testing.assert_array_equal(fitted.context_vectors_, model.vectors("context"))
    np.testing.assert_array_equal(fitted.word_biases_, model.biases("word"))
    np.testing.assert_array_equal(fitted.context_biases_, model.biases("context"))
    assert len(fitted.losses_) == fitted.n_iter_ == 10
    assert fitted.pairs_per_second_ > 0


@pytest.mark.parametrize("n_jobs", [None, 2, -1])
def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(fitted, n_jobs):
    again = small(n_jobs=n_jobs).fit(iter(TEXTS))
    assert again.keyed_vectors_.vectors.tobytes() == fitted.keyed_vectors_.vectors.tobytes()
    assert small(random_state=2).fit(TEXTS).keyed_vectors_.vectors.tobytes() != again.keyed_vectors_.vectors.tobytes()


def test_an_estimator_goes_on_from_the_state_of_another(fitted):
    states = []
    small(epochs=4, callbacks=lambda report: states.append(report.state())).fit(TEXTS)
    resumed = small(resume=states[-1], random_state=77).fit(TEXTS)
    assert resumed.keyed_vectors_.vectors.tobytes() == fitted.keyed_vectors_.vectors.tobytes()
    assert resumed.losses_ == fitted.losses_


def test_it_works_in_pipelines_and_searches():
    pipeline = make_pipeline(small(), LogisticRegression())
    search = GridSearchCV(pipeline, {"glove__x_max": [1, 10]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_score_ == 1.0
    assert list(small().fit(TEXTS).get_feature_names_out())[:2] == ["glove0", "glove1"]


def test_it_is_cloned_and_pickled(fitted):
    assert clone(fitted).get_params() == fitted.get_params()
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(TEXTS[:3]), fitted.transform(TEXTS[:3]))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 0}, "window=0"),
        ({"distance": "far"}, "distance='far'"),
        ({"alpha": 2}, "alpha=2"),
        ({"resume": "state.npz"}, "resume is str, expected GloVeState; embedkit.models.glove.state.load_state"),
        ({"callbacks": 3}, "callbacks=3: expected a callable"),
        ({"n_jobs": 0}, "n_jobs=0"),
    ],
)
def test_a_wrong_parameter_is_found_before_the_corpus_is_read(wrong, message):
    with pytest.raises(ParameterError, match=message):
        small(**wrong).fit("no-such-file.txt")


def test_documents_of_one_word_have_nothing_to_learn_from():
    with pytest.raises(InputError):
        small().fit(["one", "two", "one"])
