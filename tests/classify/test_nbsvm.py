"""NBSVM: the formulas of the paper, worked by hand, and scikit-learn's conventions."""

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from embedkit.classify import NBSVMClassifier
from embedkit.errors import InputError, ParameterError

COUNTS = np.array([[2, 0, 1, 0], [1, 0, 2, 0], [0, 3, 1, 0], [0, 1, 1, 4], [1, 1, 0, 2]])
LABELS = np.array(["good", "good", "bad", "bad", "bad"])
THREE = np.array(["good", "good", "bad", "so", "so"])


def planted(n_documents=300, seed=0):
    """Counts of 40 terms, the first of which speak for one of three classes each."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n_documents)
    rates = np.full((3, 40), 0.3)
    for label in range(3):
        rates[label, 4 * label : 4 * label + 4] = 2.0
    return rng.poisson(rates[labels]), np.array(["ant", "bee", "cat"])[labels]


@pytest.mark.parametrize(
    "settings",
    [{}, {"binarize": False}, {"alpha": 0.1, "beta": 1.0, "C": 1.0}, {"base": "logistic"}],
    ids=["defaults", "counts", "svm-alone", "logistic"],
)
def test_it_keeps_the_conventions_of_scikit_learn(settings):
    # The only check that gives counts below 0 to an estimator that says it takes none.
    expected = {"check_decision_proba_consistency": "its data are negative"} if "base" in settings else {}
    check_estimator(NBSVMClassifier(**settings), expected_failed_checks=expected, on_skip=None)


@pytest.mark.parametrize("binarize", [True, False])
@pytest.mark.parametrize("alpha", [1.0, 0.25])
def test_log_count_ratios_are_those_of_the_paper(binarize, alpha):
    f = np.minimum(COUNTS, 1) if binarize else COUNTS
    p, q = alpha + f[:2].sum(axis=0), alpha + f[2:].sum(axis=0)
    model = NBSVMClassifier(alpha=alpha, binarize=binarize).fit(COUNTS, LABELS)
    expected = np.log((p / p.sum()) / (q / q.sum()))  # "good" is the second class
    np.testing.assert_allclose(model.log_count_ratios_, [expected])


@pytest.mark.parametrize("base", ["svm", "logistic"])
@pytest.mark.parametrize("beta", [0.0, 0.25, 1.0])
def test_weights_are_drawn_to_their_mean_magnitude(base, beta):
    counts, labels = planted()
    labels = np.where(labels == "cat", "good", "bad")
    model = NBSVMClassifier(base=base, beta=beta, C=0.7, tol=1e-8).fit(counts, labels)
    ratios = model.log_count_ratios_[0]
    linear = LinearSVC(dual=False) if base == "svm" else LogisticRegression(solver="liblinear")
    linear.set_params(C=0.7, tol=1e-8).fit(np.minimum(counts, 1) * ratios, labels == "good")
    w = linear.coef_[0]
    assert (w < 0).any()  # otherwise magnitude and mean would be one
    expected = ((1 - beta) * np.abs(w).mean() + beta * w) * ratios
    np.testing.assert_allclose(model.coef_, [expected], atol=1e-6)
    np.testing.assert_allclose(model.intercept_, linear.intercept_, atol=1e-6)
    scores = np.minimum(counts, 1) @ expected + linear.intercept_
    np.testing.assert_allclose(model.decision_function(counts), scores, atol=1e-5)
    assert model.predict(counts).tolist() == np.where(scores > 0, "good", "bad").tolist()


def test_more_classes_are_told_apart_one_against_the_rest():
    counts, labels = planted()
    model = NBSVMClassifier().fit(counts, labels)
    for row, label in enumerate(["ant", "bee", "cat"]):
        alone = NBSVMClassifier().fit(counts, labels == label)
        np.testing.assert_allclose(model.coef_[row], alone.coef_[0])
        np.testing.assert_allclose(model.decision_function(counts)[:, row], alone.decision_function(counts))
    new, truth = planted(seed=1)
    assert (model.predict(new) == truth).mean() > 0.9


@pytest.mark.parametrize("base", ["svm", "logistic"])
@pytest.mark.parametrize("kind", [csr_array, csc_array, csr_matrix, np.asfortranarray])
def test_matrices_of_every_kind_give_the_same(base, kind):
    counts, labels = planted()
    expected = NBSVMClassifier(base=base).fit(counts, labels)
    for dtype in (np.int64, np.float32):
        model = NBSVMClassifier(base=base).fit(kind(counts.astype(dtype)), labels)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-6)
        np.testing.assert_allclose(model.decision_function(kind(counts)), expected.decision_function(counts), rtol=1e-6)


def test_many_features_take_the_dual_way_to_the_same_weights(monkeypatch):
    counts, labels = planted(30)
    primal = NBSVMClassifier(tol=1e-8).fit(counts, labels)
    monkeypatch.setattr("embedkit.classify.nbsvm.FEW_FEATURES", 10)
    dual = NBSVMClassifier(tol=1e-8, max_iter=100_000).fit(counts, labels)
    assert dual.n_iter_ != primal.n_iter_
    np.testing.assert_allclose(dual.coef_, primal.coef_, atol=1e-5)


def test_stored_zeros_are_not_there():
    counts = csr_array(COUNTS.astype(float))
    counts.data[0] = 0
    dense = COUNTS.copy()
    dense[0, 0] = 0
    expected = NBSVMClassifier().fit(dense, LABELS).log_count_ratios_
    np.testing.assert_array_equal(NBSVMClassifier().fit(counts, LABELS).log_count_ratios_, expected)


def test_a_weight_of_two_counts_as_two_documents():
    weights = [2, 1, 0, 3, 1]
    weighted = NBSVMClassifier(tol=1e-8).fit(COUNTS, LABELS, sample_weight=weights)
    repeated = NBSVMClassifier(tol=1e-8).fit(np.repeat(COUNTS, weights, axis=0), np.repeat(LABELS, weights))
    np.testing.assert_allclose(weighted.log_count_ratios_, repeated.log_count_ratios_)
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)


@pytest.mark.parametrize("base", ["svm", "logistic"])
def test_a_class_of_no_weight_is_not_predicted(base, capfd):
    counts, labels = planted()
    model = NBSVMClassifier(base=base).fit(counts, labels, sample_weight=labels != "bee")
    rare = np.eye(40)
    assert set(model.predict(np.concatenate([counts, rare]))) == {"ant", "cat"}
    assert np.isfinite(model.decision_function(rare)).all()
    assert model.classes_.tolist() == ["ant", "bee", "cat"]
    if base == "logistic":
        assert (model.predict_proba(rare)[:, 1] == 0).all()
    assert capfd.readouterr() == ("", "")


def test_probabilities_of_the_logistic_base():
    model = NBSVMClassifier(base="logistic").fit(COUNTS, LABELS)
    scores = model.decision_function(COUNTS)
    np.testing.assert_allclose(model.predict_proba(COUNTS)[:, 1], 1 / (1 + np.exp(-scores)))
    model = NBSVMClassifier(base="logistic").fit(COUNTS, THREE)
    shares = 1 / (1 + np.exp(-model.decision_function(COUNTS)))
    np.testing.assert_allclose(model.predict_proba(COUNTS), shares / shares.sum(axis=1, keepdims=True))
    assert not hasattr(NBSVMClassifier(), "predict_proba")


def test_probabilities_far_from_every_boundary_are_still_numbers():
    model = NBSVMClassifier(base="logistic", binarize=False).fit(COUNTS, THREE)
    for far in (-5000.0, 5000.0):
        model.intercept_[:] = far + np.arange(3)
        shares = model.predict_proba(np.zeros((1, 4)))
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        assert far > 0 or shares.argmax() == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0}, "alpha=0: expected a finite number above 0"),
        ({"beta": 1.5}, "beta=1.5: expected a number from 0 to 1"),
        ({"beta": -0.1}, "beta=-0.1: expected a number from 0 to 1"),
        ({"C": -1}, "C=-1: expected a finite number above 0"),
        ({"binarize": 1}, "binarize=1: expected True or False"),
        ({"base": "tree"}, "base='tree': expected one of 'svm', 'logistic'"),
        ({"tol": 0.0}, "tol=0.0"),
        ({"max_iter": 0}, "max_iter=0"),
    ],
)
def test_parameters_that_cannot_work(settings, message):
    with pytest.raises(ParameterError, match=message):
        NBSVMClassifier(**settings).fit(COUNTS, LABELS)


def test_input_that_cannot_be_used():
    with pytest.raises(InputError, match="NBSVMClassifier got one class only, 'good'"):
        NBSVMClassifier().fit(COUNTS, ["good"] * 5)
    with pytest.raises(InputError, match="one class only, 'good'"):
        NBSVMClassifier().fit(COUNTS, LABELS, sample_weight=[1, 1, 0, 0, 0])
    with pytest.raises(ValueError, match="Negative values"):
        NBSVMClassifier().fit(-COUNTS, LABELS)
    with pytest.raises(ValueError, match="NaN"):
        NBSVMClassifier().fit(COUNTS * np.nan, LABELS)
    with pytest.raises(NotFittedError):
        NBSVMClassifier().predict(COUNTS)
