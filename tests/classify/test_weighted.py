"""Class weights and labels of any type, for classifiers that know neither."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from embedkit.classify import WeightedClassifier
from embedkit.errors import InputError

rng = np.random.default_rng(0)
X = rng.poisson(1.0, (60, 5)) + np.outer(np.arange(60) % 3 == 0, [2, 0, 0, 0, 0])
Y = np.where(np.arange(60) % 3 == 0, "rare", "usual")


def test_it_keeps_the_conventions_of_scikit_learn():
    check_estimator(WeightedClassifier(GaussianNB()), on_skip=None)


@pytest.mark.parametrize("class_weight", [None, "balanced", {"rare": 3.0, "usual": 0.5}])
def test_class_weights_are_those_of_a_classifier_that_knows_them(class_weight):
    expected = LogisticRegression(class_weight=class_weight, tol=1e-8).fit(X, Y)
    model = WeightedClassifier(LogisticRegression(tol=1e-8), class_weight=class_weight).fit(X, Y)
    np.testing.assert_allclose(model.estimator_.coef_, expected.coef_, atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-5)
    assert (model.predict(X) == expected.predict(X)).all()
    assert model.classes_.tolist() == ["rare", "usual"]


def test_sample_weights_and_class_weights_are_multiplied():
    weights = rng.uniform(0.5, 2, len(X))
    expected = LogisticRegression(class_weight={"rare": 3.0}, tol=1e-8).fit(X, Y, sample_weight=weights)
    model = WeightedClassifier(LogisticRegression(tol=1e-8), class_weight={"rare": 3.0})
    np.testing.assert_allclose(model.fit(X, Y, sample_weight=weights).estimator_.coef_, expected.coef_, atol=1e-5)


@pytest.mark.parametrize("labels", [["rare", "usual"], [5, 3], [True, False], [2.0, -1.0]])
def test_the_classifier_inside_sees_whole_numbers_from_zero(labels):
    y = np.array([labels[0] if label == "rare" else labels[1] for label in Y])
    model = WeightedClassifier(MultinomialNB()).fit(csr_array(X), y)
    assert model.estimator_.classes_.tolist() == [0, 1]
    assert set(model.predict(csr_array(X))) == set(labels)
    assert model.predict(csr_array(X)).dtype == y.dtype


def test_it_scores_as_the_classifier_inside_does():
    assert not hasattr(WeightedClassifier(LinearSVC()), "predict_proba")
    assert not hasattr(WeightedClassifier(MultinomialNB()), "decision_function")
    model = WeightedClassifier(LinearSVC()).fit(X, Y)
    np.testing.assert_array_equal(model.decision_function(X), model.estimator_.decision_function(X))


def test_the_classifier_that_was_given_stays_unfitted():
    inner = MultinomialNB()
    model = WeightedClassifier(inner).fit(X, Y)
    assert not hasattr(inner, "classes_")
    assert clone(model).estimator is not inner
    with pytest.raises(NotFittedError):
        WeightedClassifier(inner).predict(X)


def test_one_class_is_too_few():
    with pytest.raises(InputError, match="MultinomialNB got one class only, 'usual'"):
        WeightedClassifier(MultinomialNB()).fit(X, ["usual"] * 60)
