"""Every ready pipeline learns planted texts, takes labels of any type, weights, and its own grid."""

import itertools
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from embedkit import KeyedVectors
from embedkit.classify import MODELS, PARAM_GRIDS, param_grid, text_classifier
from embedkit.errors import MissingDependencyError, ParameterError

ANIMALS = {"cat": ["purrs", "meows", "miaow"], "dog": ["barks", "woof", "fetches"], "fish": ["swims", "fins", "gills"]}
FILLERS = ["it", "often", "we", "saw", "that", "here", "one"]
KEYED = KeyedVectors(
    [*FILLERS, *itertools.chain(*ANIMALS.values())],
    np.vstack([np.zeros((7, 3)), np.repeat(np.eye(3), 3, axis=0)]) + np.random.default_rng(0).normal(0, 0.1, (16, 3)),
)
# Fewer rounds: what is tested is that they work together, not how good they become.
QUICK = {
    "random-forest": {"classifier__n_estimators": 20},
    "adaboost": {"classifier__estimator__n_estimators": 20},
    "lightgbm": {"classifier__n_estimators": 20, "classifier__min_child_samples": 5},
    "xgboost": {"classifier__estimator__n_estimators": 20},
    "fasttext": {"classifier__epochs": 25},
}


def planted(n_documents=150, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(ANIMALS), n_documents)
    texts = [
        " ".join([*rng.choice(FILLERS, 4), rng.choice(ANIMALS[label]), *rng.choice(FILLERS, 2)]) for label in labels
    ]
    return texts, labels


def quick(name, **settings):
    keyed = {"keyed_vectors": KEYED} if name == "embedding" else {}
    return text_classifier(name, **keyed, **QUICK.get(name, {}), **settings)


def test_the_names_are_those_of_the_grids():
    assert len(MODELS) == 11
    assert set(MODELS) == set(PARAM_GRIDS)


@pytest.mark.parametrize("name", MODELS)
def test_planted_texts_are_learnt(name):
    texts, labels = planted()
    model = quick(name).fit(texts, labels)
    assert isinstance(model, Pipeline)
    new, truth = planted(seed=1)
    assert model.score(new, truth) > 0.9
    assert model.classes_.tolist() == ["cat", "dog", "fish"]
    if hasattr(model, "predict_proba"):
        np.testing.assert_allclose(model.predict_proba(new).sum(axis=1), 1, atol=1e-5)
    else:
        assert model.decision_function(new).shape == (150, 3)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("names", [[7, 3], [True, False], [-1.0, 2.0], ["été", "хорошо"]])
def test_labels_may_be_of_any_type(name, names):
    texts, labels = planted(60)
    y = np.array([names[0] if label == "cat" else names[1] for label in labels])
    model = quick(name).fit(texts, y)
    found = model.predict(texts)
    assert found.dtype == y.dtype
    assert set(found) <= set(names)
    assert model.classes_.tolist() == sorted(names)


@pytest.mark.parametrize("name", MODELS)
def test_balancing_draws_towards_the_rare_class(name):
    texts = ["it barks"] * 40 + ["it barks", "it purrs"] * 10
    labels = ["dog"] * 40 + ["cat"] * 20
    plain, balanced = quick(name).fit(texts, labels), quick(name, class_weight={"cat": 8, "dog": 1}).fit(texts, labels)
    assert plain.predict(["it barks"]) == ["dog"]
    assert balanced.predict(["it barks"]) == ["cat"]


@pytest.mark.parametrize("name", MODELS)
def test_every_grid_can_be_searched(name):
    texts, labels = planted(45)
    grid = param_grid(name)
    assert all(len(values) > 1 for values in grid.values())
    # One parameter at a time: the product of all would say no more.
    search = GridSearchCV(
        quick(name), [{parameter: values} for parameter, values in grid.items()], cv=2, error_score="raise"
    )
    search.fit(texts, labels)
    assert len(search.cv_results_["params"]) == sum(map(len, grid.values()))
    assert param_grid(name) is not param_grid(name)


@pytest.mark.parametrize("name", MODELS)
def test_one_seed_gives_one_model(name):
    texts, labels = planted(60)
    model = quick(name, random_state=3)
    scores = [
        copy.predict_proba(texts) if hasattr(copy, "predict_proba") else copy.decision_function(texts)
        for copy in (model.fit(texts, labels), clone(model).fit(texts, labels))
    ]
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("name", sorted({*MODELS} - {"embedding"}))
def test_chinese_headlines_as_characters(name):
    texts = ["股市大涨", "股价下跌", "股票交易", "球队赢了", "球员受伤", "足球比赛"] * 5
    labels = (["finance"] * 3 + ["sports"] * 3) * 5
    model = quick(name, features="characters").fit(texts, labels)
    assert model.predict(["股市上涨", "足球球员"]).tolist() == ["finance", "sports"]


def test_threads_and_seeds_reach_the_steps():
    model = text_classifier("random-forest", n_jobs=2, random_state=7)
    assert model["features"].n_jobs == 2
    assert model["classifier"].n_jobs == 2
    assert model["classifier"].random_state == 7
    assert text_classifier("svm", classifier__C=3.5, features__min_df=1)["classifier"].C == 3.5


def test_fasttext_begins_with_vectors_of_a_file(tmp_path):
    KEYED.save(tmp_path / "vectors.bin")
    model = text_classifier("fasttext", keyed_vectors=tmp_path / "vectors.bin")
    assert model["classifier"].keyed_vectors == KEYED
    assert model["classifier"].vector_size == 3
    texts, labels = planted(30)
    model.fit(texts, labels)


def test_arguments_that_cannot_work():
    with pytest.raises(ParameterError, match="name='perceptron': expected one of 'logreg', 'svm'"):
        text_classifier("perceptron")
    with pytest.raises(ParameterError, match="name='perceptron'"):
        param_grid("perceptron")
    with pytest.raises(ParameterError, match="features='syllables': expected one of 'words', 'characters'"):
        text_classifier("svm", features="syllables")
    with pytest.raises(ParameterError, match="keyed_vectors=None: 'embedding' needs KeyedVectors"):
        text_classifier("embedding")
    with pytest.raises(ParameterError, match="'svm' has no use for word vectors"):
        text_classifier("svm", keyed_vectors=KEYED)
    with pytest.raises(ParameterError, match="'embedding' looks up words"):
        text_classifier("embedding", keyed_vectors=KEYED, features="characters")
    with pytest.raises(ParameterError, match="n_jobs=0"):
        text_classifier("svm", n_jobs=0)
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        text_classifier("svm", classifier__depth=3)


@pytest.mark.parametrize("package", ["lightgbm", "xgboost"])
def test_a_package_that_is_missing_is_named(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=f"{package} is not installed; pip install {package}"):
        text_classifier(package)
    text_classifier("svm")
