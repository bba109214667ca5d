"""Scores against scikit-learn's report, and cases worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, roc_auc_score

from embedkit.classify import classification_scores
from embedkit.errors import InputError

pairs = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abc")), min_size=1, max_size=40)


@settings(deadline=None, max_examples=40)
@given(pairs)
def test_scores_are_those_of_scikit_learn(documents):
    true, predicted = map(list, zip(*documents, strict=True))
    scores = classification_scores(true, predicted, None, ["a", "b", "c"])
    labels = sorted({*"abc", *true})
    assert scores.labels == labels
    assert scores.accuracy == pytest.approx(accuracy_score(true, predicted))
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(true, predicted, labels=labels))
    report = classification_report(true, predicted, output_dict=True, zero_division=0)
    for row, label in enumerate(labels):
        expected = report.get(label, {"precision": 0, "recall": 0, "f1-score": 0, "support": 0})
        found = [scores.precision[row], scores.recall[row], scores.f1[row], scores.support[row]]
        np.testing.assert_allclose(found, list(expected.values()))
    for averages, name in ((scores.macro, "macro avg"), (scores.weighted, "weighted avg")):
        expected = [report[name][key] for key in ("precision", "recall", "f1-score")]
        np.testing.assert_allclose([averages.precision, averages.recall, averages.f1], expected)
    assert scores.unseen == (["d"] if "d" in true else [])


def test_the_worked_example():
    # 3 ham, 2 spam; one of each is taken for the other.
    scores = classification_scores(
        ["ham"] * 3 + ["spam"] * 2, ["ham", "ham", "spam", "spam", "ham"], None, ["ham", "spam"]
    )
    assert scores.accuracy == 0.6
    np.testing.assert_allclose(scores.precision, [2 / 3, 1 / 2])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1 / 2])
    np.testing.assert_allclose(scores.weighted.f1, (3 * 2 / 3 + 2 * 1 / 2) / 5)
    assert scores.support.tolist() == [3, 2]
    assert scores.confusion.tolist() == [[2, 1], [1, 1]]
    assert scores.roc_auc is None


def test_roc_auc_of_two_classes_is_that_of_the_second():
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
    scores = classification_scores([0, 0, 1, 1], [0, 1, 1, 1], probabilities, [0, 1])
    assert scores.roc_auc == 1.0
    scores = classification_scores([1, 0, 1, 1], [0, 1, 1, 1], probabilities, [0, 1])
    assert scores.roc_auc == pytest.approx(2 / 3)


def test_roc_auc_of_more_classes_is_the_mean_of_each_against_the_rest():
    rng = np.random.default_rng(0)
    true = np.array([*"aabbccabc"])
    probabilities = rng.dirichlet(np.ones(3), len(true))
    scores = classification_scores(true, true, probabilities, ["a", "b", "c"])
    expected = roc_auc_score(true, probabilities, multi_class="ovr", average="macro")
    assert scores.roc_auc == pytest.approx(expected)
    # The columns are those of the model's labels, in their order.
    shuffled = classification_scores(true, true, probabilities[:, [2, 0, 1]], ["c", "a", "b"])
    assert shuffled.roc_auc == pytest.approx(expected)


def test_there_is_no_roc_auc_where_a_class_has_no_document_or_a_score_is_no_number():
    halves = np.full((2, 2), 0.5)
    assert classification_scores(["a", "a"], ["a", "a"], halves, ["a", "b"]).roc_auc is None
    assert classification_scores(["a", "b"], ["a", "b"], halves * np.nan, ["a", "b"]).roc_auc is None
    assert classification_scores(["a", "b"], ["a", "b"], halves, ["a", "b"]).roc_auc == 0.5


def test_labels_that_the_model_does_not_know_are_reported_and_wrong():
    scores = classification_scores([1, 2, 3], [1, 2, 2], np.eye(3)[:, :2], np.array([1, 2]))
    assert scores.unseen == [3]
    assert scores.labels == [1, 2, 3]
    assert scores.accuracy == pytest.approx(2 / 3)
    assert scores.confusion[2].tolist() == [0, 1, 0]
    assert scores.roc_auc == 1.0


def test_labels_come_out_as_they_are_typed():
    scores = classification_scores(np.array([True, False]), np.array([True, True]), None, np.array([False, True]))
    assert scores.labels == [False, True]
    assert type(scores.labels[0]) is bool


def test_sizes_that_do_not_match():
    with pytest.raises(InputError, match="there are no documents"):
        classification_scores([], [], None, ["a", "b"])
    with pytest.raises(InputError, match="2 true and 1 predicted labels"):
        classification_scores(["a", "b"], ["a"], None, ["a", "b"])
    with pytest.raises(InputError, match=r"probabilities of shape \(2, 3\), expected \(2, 2\)"):
        classification_scores(["a", "b"], ["a", "b"], np.ones((2, 3)), ["a", "b"])


def test_labels_of_two_kinds():
    with pytest.raises(InputError, match="the labels '1' of the documents and 1 of the model cannot be ordered"):
        classification_scores(["1", "2"], [1, 2], None, [1, 2])
