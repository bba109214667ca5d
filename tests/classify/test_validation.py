"""Hold-out, cross-validation, search, and the likeliest labels, on any classifier of scikit-learn's kind."""

from collections import Counter

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from embedkit.classify.label_sets import predicts_label_sets, score_label_sets, validate_label_sets
from embedkit.classify.prediction import class_scores, has_probabilities, top_labels
from embedkit.classify.validation import (
    cross_validate_texts,
    score_model,
    search_parameters,
    split_texts,
    validate_held_out,
)
from embedkit.errors import InputError, ParameterError

TEXTS = ["purrs sleeps", "purrs eats", "barks runs", "barks eats", "sings flies", "sings eats"] * 5
LABELS = ["cat", "cat", "dog", "dog", "bird", "bird"] * 5


def naive_bayes():
    return make_pipeline(CountVectorizer(), MultinomialNB())


class Recorder(DummyClassifier):
    """Remembers the texts that any copy of it was fitted on and asked about."""

    fitted, asked = [], []

    def fit(self, X, y):
        self.fitted.append(list(X))
        return super().fit(np.zeros((len(X), 1)), y)

    def predict(self, X):
        self.asked.append(list(X))
        return super().predict(np.zeros((len(X), 1)))

    def predict_proba(self, X):
        return super().predict_proba(np.zeros((len(X), 1)))


@pytest.fixture
def recorder(monkeypatch):
    monkeypatch.setattr(Recorder, "fitted", [])
    monkeypatch.setattr(Recorder, "asked", [])
    return Recorder()


class TestSplit:
    def test_each_class_is_held_out_in_proportion(self):
        labels = np.array(["a"] * 60 + ["b"] * 30 + ["c"] * 10)
        train, valid = split_texts(labels, 0.2, random_state=3)
        assert Counter(labels[valid]) == {"a": 12, "b": 6, "c": 2}
        assert sorted([*train, *valid]) == list(range(100))
        assert (np.diff(train) > 0).all()

    def test_a_seed_decides(self):
        assert split_texts(LABELS, 0.2, 1)[1].tolist() == split_texts(LABELS, 0.2, 1)[1].tolist()
        assert split_texts(LABELS, 0.2, 1)[1].tolist() != split_texts(LABELS, 0.2, 2)[1].tolist()

    def test_a_small_share_still_has_room_for_every_class(self):
        _, valid = split_texts(["a", "b", "c"] * 4, 0.1)
        assert Counter(["a", "b", "c"][row % 3] for row in valid) == {"a": 1, "b": 1, "c": 1}

    @pytest.mark.parametrize(
        ("labels", "share", "error", "message"),
        [
            (["a", "a", "b"], 0.1, InputError, "class 'b' has one document"),
            (["a", "a"], 0.1, InputError, "one class only"),
            (["a", "a", "b", "b"], 0.9, InputError, "too few to hold some out"),
            (["a", None], 0.1, InputError, "document 2"),
            (LABELS, 0.0, ParameterError, "valid_size"),
            (LABELS, 1.0, ParameterError, "valid_size"),
            (LABELS, float("nan"), ParameterError, "valid_size"),
        ],
    )
    def test_what_cannot_be_split(self, labels, share, error, message):
        with pytest.raises(error, match=message):
            split_texts(labels, share)


class TestHoldOut:
    def test_no_document_is_in_training_and_scoring_both(self, recorder):
        texts = [f"document {number}" for number in range(30)]
        validation = validate_held_out(recorder, texts, LABELS, valid_size=0.2, random_state=1)
        assert (validation.n_train, validation.n_test) == (24, 6)
        assert sorted([*recorder.fitted[0], *recorder.asked[0]]) == sorted(texts)
        assert not hasattr(recorder, "classes_")

    def test_scores_are_of_the_documents_held_out(self):
        model = naive_bayes()
        validation = validate_held_out(model, TEXTS, LABELS, valid_size=0.2, random_state=1)
        train, valid = split_texts(LABELS, 0.2, 1)
        fitted = naive_bayes().fit([TEXTS[row] for row in train], [LABELS[row] for row in train])
        right = [fitted.predict([TEXTS[row]])[0] == LABELS[row] for row in valid]
        assert validation.scores.accuracy == np.mean(right)
        assert validation.fold_accuracies == []


class TestCrossValidation:
    def test_every_document_is_predicted_once_by_a_model_that_has_not_seen_it(self, recorder):
        texts = [f"document {number}" for number in range(30)]
        validation = cross_validate_texts(recorder, texts, LABELS, folds=3)
        assert sorted(text for fold in recorder.asked for text in fold) == sorted(texts)
        for fitted, asked in zip(recorder.fitted, recorder.asked, strict=True):
            assert not set(fitted) & set(asked)
        assert (validation.n_train, validation.n_test) == (20, 30)

    def test_agrees_with_scikit_learn(self):
        noisy = [*LABELS[:25], *reversed(LABELS[25:])]
        validation = cross_validate_texts(naive_bayes(), TEXTS, noisy, folds=3, random_state=5)
        folds = StratifiedKFold(3, shuffle=True, random_state=5)
        predicted = cross_val_predict(naive_bayes(), TEXTS, noisy, cv=folds)
        probabilities = cross_val_predict(naive_bayes(), TEXTS, noisy, cv=folds, method="predict_proba")
        assert 0 < validation.scores.accuracy == np.mean(predicted == np.array(noisy)) < 1
        areas = [
            roc_auc_score(np.array(noisy)[valid], probabilities[valid], multi_class="ovr")
            for _, valid in folds.split(noisy, noisy)
        ]
        assert validation.scores.roc_auc == pytest.approx(np.mean(areas))
        assert validation.scores.roc_auc != pytest.approx(roc_auc_score(noisy, probabilities, multi_class="ovr"))

    def test_folds_are_told(self):
        told = []
        cross_validate_texts(naive_bayes(), TEXTS, LABELS, folds=4, on_fold=told.append)
        assert told == [1, 2, 3, 4]

    def test_labels_that_are_numbers_and_texts_in_an_array(self):
        codes = np.unique(LABELS, return_inverse=True)[1]
        validation = cross_validate_texts(naive_bayes(), np.array(TEXTS), codes, folds=2)
        assert validation.scores.labels == [0, 1, 2]
        assert validation.scores.accuracy == 1

    @pytest.mark.parametrize(
        ("labels", "folds", "error", "message"),
        [
            (["a"] * 9 + ["b"] * 2, 3, InputError, "class 'b' has 2 documents, fewer than 3 folds"),
            (["a"] * 9, 3, InputError, "one class only"),
            (LABELS, 1, ParameterError, "folds=1"),
        ],
    )
    def test_what_cannot_be_folded(self, labels, folds, error, message):
        with pytest.raises(error, match=message):
            cross_validate_texts(naive_bayes(), ["x"] * len(labels), labels, folds=folds)


class TestSearch:
    def test_finds_the_parameters_that_tell_the_classes_apart(self):
        texts, labels = ["abab", "baba"] * 6, ["a", "b"] * 6
        grid = {"countvectorizer__analyzer": ["char", "word"], "multinomialnb__alpha": [1.0]}
        model = naive_bayes()
        found, accuracy = search_parameters(model, grid, texts, labels, folds=3)
        assert found == {"countvectorizer__analyzer": "word", "multinomialnb__alpha": 1.0}
        assert accuracy == 1
        assert model[0].analyzer == "word"
        assert not hasattr(model[0], "vocabulary_")

    def test_a_training_that_fails_is_not_hidden(self):
        with pytest.raises(ValueError, match="alpha"):
            search_parameters(naive_bayes(), {"multinomialnb__alpha": [-1.0]}, TEXTS, LABELS, folds=2)


class TestPrediction:
    def test_scores_of_a_margin_stand_for_both_classes(self):
        model = make_pipeline(CountVectorizer(), LinearSVC()).fit(["purrs", "barks"] * 3, ["cat", "dog"] * 3)
        scores = class_scores(model, ["purrs", "barks"])
        assert scores.shape == (2, 2)
        assert (scores[:, 0] == -scores[:, 1]).all()
        assert top_labels(model, ["purrs", "barks"], k=2)[0].tolist() == [["cat", "dog"], ["dog", "cat"]]
        assert score_model(model, ["purrs", "barks"], ["cat", "dog"]).roc_auc == 1
        assert not has_probabilities(model)

    def test_the_likeliest_labels_come_first(self):
        model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
        labels, probabilities = top_labels(model, ["purrs barks barks"], k=2)
        assert labels.tolist() == [["dog", "cat"]]
        assert probabilities[0, 0] > probabilities[0, 1]
        everything, _ = top_labels(model, TEXTS, k=99)
        assert everything.shape == (30, 3)
        assert everything[:, 0].tolist() == model.predict(TEXTS).tolist()

    def test_a_margin_ranks_without_probabilities(self):
        model = make_pipeline(CountVectorizer(), LinearSVC()).fit(TEXTS, LABELS)
        labels, probabilities = top_labels(model, ["barks"], k=3)
        assert labels[0, 0] == "dog"
        assert probabilities is None

    def test_a_model_that_only_answers(self):
        class Oracle:
            classes_ = np.array(["a", "b"])

            def predict(self, texts):
                return np.array(["b"] * len(texts))

        assert top_labels(Oracle(), ["x", "y"])[0].tolist() == [["b"], ["b"]]
        assert class_scores(Oracle(), ["x"]) is None
        assert score_model(Oracle(), ["x", "y"], ["a", "b"]).roc_auc is None
        with pytest.raises(ParameterError, match="k=2"):
            top_labels(Oracle(), ["x"], k=2)
        with pytest.raises(ParameterError, match="k=0"):
            top_labels(Oracle(), ["x"], k=0)

    def test_labels_unseen_in_training_count_as_wrong(self):
        model = naive_bayes().fit(TEXTS, LABELS)
        scores = score_model(model, ["purrs", "hisses"], ["cat", "snake"])
        assert scores.accuracy == 0.5
        assert scores.unseen == ["snake"]


class TestLabelSets:
    TEXTS = ["a cat", "a dog", "cat and dog"] * 20
    LABELS = [["cat"], ["dog"], ["cat", "dog"]] * 20

    @pytest.fixture
    def classifier(self):
        from embedkit.classify.fasttext.estimator import FastTextClassifier

        return FastTextClassifier(loss="ova", buckets=1000, random_state=1)

    def test_hold_out_takes_each_document_once(self, classifier):
        validation = validate_label_sets(classifier, self.TEXTS, self.LABELS, valid_size=0.25)
        assert (validation.n_train, validation.n_test) == (45, 15)
        assert [k for k, _, _ in validation.at] == [1, 2]
        assert validation.at[0][1] == 1.0
        assert validation.at[1][2] == 1.0

    def test_precision_and_recall_are_over_all_documents_together(self, classifier):
        model = make_pipeline(classifier).fit(self.TEXTS, self.LABELS)
        assert predicts_label_sets(model)
        scores = score_label_sets(model, ["a cat", "cat and dog"], [["cat"], ["cat", "dog"]])
        assert scores.at[0][1:] == (1.0, pytest.approx(2 / 3))
        assert scores.at[1][1:] == (pytest.approx(3 / 4), 1.0)

    def test_other_classifiers_have_one_label(self):
        model = naive_bayes().fit(TEXTS, LABELS)
        assert not predicts_label_sets(model)
        with pytest.raises(InputError, match="train a fasttext model"):
            score_label_sets(model, ["x"], [["cat", "dog"]])

    def test_what_cannot_be_held_out(self, classifier):
        with pytest.raises(ParameterError, match="valid_size"):
            validate_label_sets(classifier, self.TEXTS, self.LABELS, valid_size=1.0)
        with pytest.raises(InputError, match="one document"):
            validate_label_sets(classifier, ["a"], [["cat"]])
