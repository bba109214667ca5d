"""EmbeddingVectorizer against the formulas, worked by hand."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from embedkit import KeyedVectors
from embedkit.errors import InputError, ParameterError
from embedkit.features import EmbeddingVectorizer

WORDS = ["good", "film", "bad", "été"]
VECTORS = np.array([[1, 0, 2], [0, 2, 1], [-1, 0, 4], [3, 3, 3]], np.float32)
TEXTS = ["A good film!", "bad, bad film", "boring", "Été, good"]
POOLINGS = ["mean", "sum", "max", "min-mean-max", "tfidf", "sif"]


@pytest.fixture
def keyed():
    return KeyedVectors(WORDS, VECTORS)


def fitted(keyed, pooling, **settings):
    return EmbeddingVectorizer(keyed, pooling=pooling, **settings).fit(TEXTS)


def test_mean_sum_and_extremes(keyed):
    good, film, bad, summer = VECTORS
    rows = [[good, film], [bad, bad, film], [np.zeros(3)], [summer, good]]
    for pooling, pool in {"mean": np.mean, "sum": np.sum, "max": np.max}.items():
        expected = [pool(row, axis=0) for row in rows]
        np.testing.assert_allclose(fitted(keyed, pooling).transform(TEXTS), expected, rtol=1e-6)
    expected = [np.hstack([np.min(row, axis=0), np.mean(row, axis=0), np.max(row, axis=0)]) for row in rows]
    np.testing.assert_allclose(fitted(keyed, "min-mean-max").transform(TEXTS), expected, rtol=1e-6)


def test_tfidf_weighs_words_by_the_documents_of_fit(keyed):
    model = fitted(keyed, "tfidf")
    # In 2, 2, 1 and 1 of 4 documents.
    np.testing.assert_allclose(model.word_weights_, np.log(5 / np.array([3, 3, 2, 2])) + 1)
    weights = model.word_weights_
    expected = (2 * weights[2] * VECTORS[2] + weights[1] * VECTORS[1]) / (2 * weights[2] + weights[1])
    np.testing.assert_allclose(model.transform(["film bad bad"])[0], expected, rtol=1e-6)


def test_sif_weighs_by_frequency_and_takes_away_the_first_component(keyed):
    model = fitted(keyed, "sif", sif_a=0.1)
    # 9 words, unknown ones among them: a, boring.
    weights = 0.1 / (0.1 + np.array([2, 2, 2, 1]) / 9)
    np.testing.assert_allclose(model.word_weights_, weights)
    rows = [[0, 1], [2, 2, 1], [], [3, 0]]
    means = np.array([(weights[row] @ VECTORS[row]) / max(len(row), 1) for row in rows])
    u = np.linalg.svd(means)[2][0]
    expected = means - np.outer(means @ u, u)
    np.testing.assert_allclose(model.transform(TEXTS), expected, atol=1e-6)
    # A new document: the direction and the frequencies stay those of fit.
    new = (2 * weights[0] * VECTORS[0]) / 2
    np.testing.assert_allclose(model.transform(["good good"])[0], new - (new @ u) * u, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_fit_transform_is_fit_then_transform_for_any_number_of_threads(keyed, pooling):
    expected = fitted(keyed, pooling).transform(TEXTS)
    found = EmbeddingVectorizer(keyed, pooling=pooling, n_jobs=2).fit_transform(iter(TEXTS))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32
    assert found.shape == (4, 9 if pooling == "min-mean-max" else 3)


def test_names_of_the_columns(keyed):
    assert fitted(keyed, "mean").get_feature_names_out().tolist() == [f"embeddingvectorizer{i}" for i in range(3)]
    names = fitted(keyed, "min-mean-max").get_feature_names_out().tolist()
    assert names[2:4] == ["embeddingvectorizer_min2", "embeddingvectorizer_mean0"]
    assert len(names) == 9


@pytest.mark.parametrize("pooling", POOLINGS)
def test_documents_without_a_known_word(keyed, pooling):
    assert not fitted(keyed, pooling).transform(["", "boring"]).any()
    found = fitted(keyed, pooling, unknown="nan").transform(["good", "boring"])
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[0]).all()
    refusing = EmbeddingVectorizer(keyed, pooling=pooling, unknown="error").fit(TEXTS[:2])
    with pytest.raises(InputError, match=r"documents\[1\] has no word with a vector .*2 of 3.*unknown='zero'"):
        refusing.transform(["good", "boring", ""])


def test_tokenizer_and_case_are_those_of_the_vectors(keyed):
    assert EmbeddingVectorizer(keyed, lowercase=False).fit(TEXTS).transform(["Good film"]).tolist() == [[0, 2, 1]]
    whole = EmbeddingVectorizer(keyed, tokenizer="whitespace").fit(["good film"])
    assert whole.transform(["good, film"]).tolist() == [[0, 2, 1]]
    split = EmbeddingVectorizer(keyed, tokenizer=lambda text: text.split("/")).fit(["good/film"])
    assert split.transform(["bad/x", ["bad", "x"]]).tolist() == [[-1, 0, 4], [-1, 0, 4]]


def test_a_path_is_loaded(keyed, tmp_path):
    keyed.save(tmp_path / "vectors.bin")
    for path in (tmp_path / "vectors.bin", str(tmp_path / "vectors.bin")):
        model = EmbeddingVectorizer(path).fit(TEXTS)
        np.testing.assert_array_equal(model.transform(TEXTS), fitted(keyed, "mean").transform(TEXTS))
        again = pickle.loads(pickle.dumps(model))
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        assert again.keyed_vectors == str(path)
        np.testing.assert_array_equal(again.transform(TEXTS), model.transform(TEXTS))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pickled_models_hold_the_vectors_once(keyed, pooling):
    model = fitted(keyed, pooling)
    again = pickle.loads(pickle.dumps(model))
    assert again.keyed_vectors is again.keyed_vectors_
    np.testing.assert_array_equal(again.transform(TEXTS), model.transform(TEXTS))
    unfitted = pickle.loads(pickle.dumps(EmbeddingVectorizer(keyed)))
    assert unfitted.keyed_vectors == keyed
    with pytest.raises(NotFittedError):
        unfitted.transform(TEXTS)


def test_clones_share_the_vectors(keyed):
    model = clone(fitted(keyed, "sif", sif_a=0.5))
    assert model.keyed_vectors is keyed
    assert model.get_params()["sif_a"] == 0.5
    assert not hasattr(model, "keyed_vectors_")


def test_it_stands_in_a_pipeline_under_a_search(keyed):
    pipeline = make_pipeline(EmbeddingVectorizer(keyed), LogisticRegression())
    search = GridSearchCV(pipeline, {"embeddingvectorizer__pooling": POOLINGS}, cv=2, error_score="raise")
    search.fit(["good film", "bad film"] * 4, ["+", "-"] * 4)
    assert search.predict(["good", "bad bad"]).tolist() == ["+", "-"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pooling": "median"}, "pooling='median': expected one of 'mean'"),
        ({"unknown": "skip"}, "unknown='skip': expected one of 'zero'"),
        ({"sif_a": 0}, "sif_a=0: expected a finite number above 0"),
        ({"lowercase": "yes"}, "lowercase='yes': expected True or False"),
        ({"tokenizer": "jieba"}, "tokenizer='jieba': there is no tokenizer 'jieba'"),
        ({"keyed_vectors": None}, "keyed_vectors is NoneType, expected KeyedVectors or the path"),
        ({"keyed_vectors": {}}, "keyed_vectors is dict"),
    ],
)
def test_parameters_that_cannot_work(keyed, settings, message):
    with pytest.raises(ParameterError, match=message):
        EmbeddingVectorizer(**({"keyed_vectors": keyed} | settings)).fit(TEXTS)


def test_input_that_cannot_be_used(keyed):
    with pytest.raises(InputError, match=r"no word of the 2 documents has a vector; the vectors begin with \['good'"):
        EmbeddingVectorizer(keyed).fit(["dull", "boring"])
    with pytest.raises(InputError, match="expected a list of texts"):
        EmbeddingVectorizer(keyed).fit("good film")
    with pytest.raises(InputError, match=r"documents\[1\]"):
        EmbeddingVectorizer(keyed).fit(["good", None])
    with pytest.raises(InputError, match="no such file"):
        EmbeddingVectorizer("nowhere.bin").fit(TEXTS)
    with pytest.raises(NotFittedError):
        EmbeddingVectorizer(keyed).transform(TEXTS)


@pytest.mark.parametrize("pooling", ["tfidf", "sif"])
def test_a_pooling_that_has_to_learn_cannot_be_set_after_fit(keyed, pooling):
    for before in POOLINGS:
        model = pickle.loads(pickle.dumps(fitted(keyed, before))).set_params(pooling=pooling)
        if before == pooling:
            model.transform(TEXTS)
            continue
        with pytest.raises(NotFittedError, match=f"pooling='{pooling}'"):
            model.transform(TEXTS)
        model.fit(TEXTS)
        np.testing.assert_array_equal(model.transform(TEXTS), fitted(keyed, pooling).transform(TEXTS))
    # The others learn nothing.
    model = fitted(keyed, pooling).set_params(pooling="max")
    np.testing.assert_array_equal(model.transform(TEXTS), fitted(keyed, "max").transform(TEXTS))
    with pytest.raises(ParameterError, match="pooling='mode'"):
        model.set_params(pooling="mode").transform(TEXTS)
