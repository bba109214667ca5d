"""Training data with new texts: kinds of data, balance, where each text comes from, and no leak into test folds."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

from embedkit.augment import AEDA, EDA, AugmentingClassifier, AugmentingSampler, CharacterNoise, MixDocuments
from embedkit.errors import InputError, ParameterError

SYNONYMS = {"good": ["fine", "splendidly made"], "bad": ["poor"], "film": ["movie"]}
TEXTS = ["a good film", "a bad film", "bad plot", "bad actors sing", "no good plot", "bad film", "bad bad film"]
LABELS = ["+", "-", "-", "-", "+", "-", "-"]


def eda(**settings):
    return EDA(lexicon=SYNONYMS, **settings)


def test_originals_come_first_then_new_texts_with_their_labels():
    augmenter = eda(n_aug=2)
    X, y = augmenter.fit_resample(TEXTS, LABELS)
    assert (X[:7], y[:7]) == (TEXTS, LABELS)
    sources = augmenter.sample_indices_
    assert sources[:7].tolist() == list(range(7))
    assert sources[7:].tolist() == sorted(sources[7:].tolist())
    groups = dict(augmenter.iter_augment(TEXTS))
    assert X[7:] == [text for group in groups.values() for text in group[1:]]
    assert y == [LABELS[source] for source in sources]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (list, list),
        (np.array, np.ndarray),
        (lambda values: np.array(values, object), np.ndarray),
        (lambda values: pd.Series(values, index=range(10, 17), name="text"), pd.Series),
        (lambda values: pd.Series(values, dtype=object), pd.Series),
        (lambda values: pd.Series(values, dtype="category"), pd.Series),
        (tuple, list),
    ],
    ids=["list", "array", "objects", "series", "object-series", "category", "tuple"],
)
def test_data_come_back_in_their_kind(make, kind):
    expected = eda().fit_resample(TEXTS, LABELS)
    X, y = eda().fit_resample(make(TEXTS), make(LABELS))
    assert isinstance(X, kind)
    assert isinstance(y, kind)
    assert (list(X), list(y)) == expected
    if kind is pd.Series:
        assert X.index.tolist() == y.index.tolist() == list(range(len(X)))
        assert y.dtype == make(LABELS).dtype
        assert X.name == make(TEXTS).name
    if kind is np.ndarray:
        assert X.dtype.kind == make(TEXTS).dtype.kind
        assert y.dtype == make(LABELS).dtype


def test_labels_may_have_several_columns_where_classes_are_not_balanced():
    y = np.arange(14).reshape(7, 2)
    augmenter = eda()
    _, many = augmenter.fit_resample(TEXTS, y)
    np.testing.assert_array_equal(many, y[augmenter.sample_indices_])
    with pytest.raises(InputError, match="labels of one dimension"):
        eda(balance=True).fit_resample(TEXTS, y)


@pytest.mark.parametrize("augmenter", [eda(balance=True), AEDA(balance=True), CharacterNoise(balance=True)], ids=repr)
def test_balance_brings_each_class_to_the_size_of_the_largest(augmenter):
    texts = [f"a good long film with {'many ' * k}actors" for k in range(30)]
    labels = np.array([0] * 20 + [1] * 7 + [2] * 3)
    X, y = augmenter.fit_resample(texts, labels)
    assert Counter(y.tolist()) == {0: 20, 1: 20, 2: 20}
    assert X[:30] == texts
    shares = Counter(augmenter.sample_indices_[30:].tolist())
    assert set(shares) == set(range(20, 30))
    assert {shares[k] for k in range(20, 27)} == {1, 2}
    assert {shares[k] for k in range(27, 30)} == {5, 6}
    assert len(set(X)) == len(X)


def test_texts_that_give_more_stand_in_for_those_that_give_nothing():
    texts = ["good film here with a long plot"] * 10 + ["?!", "good film of some long plot"]
    labels = [0] * 10 + [1, 1]
    augmenter = eda(balance=True)
    _, y = augmenter.fit_resample(texts, labels)
    assert Counter(y) == {0: 10, 1: 10}
    assert set(augmenter.sample_indices_[12:].tolist()) == {11}
    _, y = augmenter.fit_resample(["good plot"] * 5 + ["?!"], [0] * 5 + [1])
    assert Counter(y) == {0: 5, 1: 1}  # nothing can be made of it


def test_data_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="there are 2 texts and 1 labels"):
        eda().fit_resample(["a", "b"], [1])
    with pytest.raises(InputError, match="y=None"):
        eda().fit_resample(["a", "b"], None)
    with pytest.raises(InputError, match="one dimension"):
        eda().fit_resample(np.array([["a"], ["b"]]), [0, 1])
    with pytest.raises(InputError, match="expected several texts"):
        eda().fit_resample("a film", [0])
    for wrapper in (AugmentingClassifier(LogisticRegression(), 3), AugmentingSampler(3)):
        with pytest.raises(ParameterError, match="augmenter=3: expected an augmenter"):
            getattr(wrapper, "fit_resample", getattr(wrapper, "fit", None))(TEXTS, LABELS)


def test_no_data_give_no_data():
    assert eda().fit_resample([], []) == ([], [])
    assert eda(balance=True).fit_resample([], []) == ([], [])
    assert eda().transform([]) == []


class Recorder(ClassifierMixin, BaseEstimator):
    """A classifier that notes what it is fitted on and asked to predict."""

    seen: list = []  # noqa: RUF012 - shared by clones on purpose

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen.append(("fit", list(X), list(y)))
        return self

    def predict(self, X):
        self.seen.append(("predict", list(X), None))
        return np.full(len(X), self.classes_[0])


MARKED = [f"first{letter} good film plot last{letter}" for letter in "abcdefghijklmnopqrst"]
MARKS = [{text.split()[0], text.split()[-1]} for text in MARKED]
ALL_MARKS = frozenset().union(*MARKS)


@pytest.mark.parametrize(
    "augmenter",
    [
        EDA(lexicon=SYNONYMS, protected=ALL_MARKS),
        EDA(lexicon=SYNONYMS, protected=ALL_MARKS, balance=True),
        AEDA(),
        CharacterNoise(protected=ALL_MARKS),
        MixDocuments(),
    ],
    ids=repr,
)
def test_cross_validation_does_not_leak(augmenter):
    Recorder.seen.clear()
    labels = np.array(["x"] * 14 + ["y"] * 6)
    folds = KFold(4, shuffle=True, random_state=0)
    cross_val_predict(AugmentingClassifier(Recorder(), augmenter), MARKED, labels, cv=folds)
    fits, predictions = Recorder.seen[::2], Recorder.seen[1::2]
    assert len(fits) == 4
    for (train, test), fit, prediction in zip(folds.split(MARKED), fits, predictions, strict=True):
        assert prediction[:2] == ("predict", [MARKED[k] for k in test])  # as they are
        texts, answers = fit[1:]
        assert texts[: len(train)] == [MARKED[k] for k in train]
        assert len(texts) > len(train)
        # Each new text names the text, or texts, it was made of: all of the training fold, and of its own class.
        for text, answer in zip(texts, answers, strict=True):
            sources = [k for k, marks in enumerate(MARKS) if marks & set(text.split())]
            assert 1 <= len(sources) <= 1 + isinstance(augmenter, MixDocuments)
            assert set(sources) <= set(train.tolist())
            assert all(labels[k] == answer for k in sources)


def test_a_grid_search_tries_parameters_of_the_augmenter():
    texts, labels = ["a good film", "a bad film", "good plot", "bad plot"] * 4, [1, 0, 1, 0] * 4
    model = AugmentingClassifier(make_pipeline(CountVectorizer(), LogisticRegression()), eda())
    grid = {"augmenter__n_aug": [1, 4], "augmenter__alpha_sr": [0.05, 0.5], "estimator__logisticregression__C": [1, 2]}
    search = GridSearchCV(model, grid, cv=2).fit(texts, labels)
    assert len(search.cv_results_["params"]) == 8
    assert search.best_estimator_.augmenter_.n_aug in (1, 4)
    assert cross_val_score(Pipeline([("model", model)]), texts, labels, cv=2).tolist() == [1, 1]
    assert search.predict(["splendidly", "poor"]).tolist() == [1, 0]


def test_the_classifier_within_is_found_with_all_it_has():
    model = AugmentingClassifier(make_pipeline(CountVectorizer(), LogisticRegression()), eda())
    assert hasattr(model, "predict_proba")
    assert hasattr(model, "decision_function")
    assert not hasattr(AugmentingClassifier(Recorder()), "predict_proba")
    model.fit(TEXTS, LABELS)
    assert model.classes_.tolist() == ["+", "-"]
    assert model.predict_proba(["fine"]).shape == (1, 2)
    assert model.decision_function(["fine"])[0] < model.decision_function(["poor"])[0]
    assert model.score(TEXTS, LABELS) == 1
    plain = AugmentingClassifier(model.estimator).fit(TEXTS, LABELS)
    assert plain.augmenter_ is None
    expected = clone(model.estimator).fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(plain.predict_proba(TEXTS), expected)


class Weighed(Recorder):
    def fit(self, X, y, sample_weight=None):
        self.weights_ = sample_weight
        return super().fit(X, y)


def test_a_new_text_has_the_weight_of_its_original():
    weights = np.arange(1.0, 8.0)
    model = AugmentingClassifier(Weighed(), eda()).fit(TEXTS, LABELS, sample_weight=weights)
    np.testing.assert_array_equal(model.estimator_.weights_, weights[model.augmenter_.sample_indices_])
    assert AugmentingClassifier(Weighed(), eda()).fit(TEXTS, LABELS).estimator_.weights_ is None


def test_a_sampler_has_what_the_pipeline_of_imbalanced_learn_asks_for():
    sampler = AugmentingSampler(eda())
    # That pipeline takes what has transform for a transformer, whatever else it has.
    assert not hasattr(sampler, "transform")
    assert not hasattr(sampler, "fit_transform")
    assert clone(sampler).set_params(augmenter__n_aug=1).fit_resample(TEXTS, LABELS) == eda(n_aug=1).fit_resample(
        TEXTS, LABELS
    )
    sampler.fit_resample(TEXTS, LABELS)
    assert len(sampler.sample_indices_) > len(TEXTS)
    assert sampler.augmenter_ is not sampler.augmenter
