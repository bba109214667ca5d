"""How well a classifier will do on documents that it has not seen: hold-out, cross-validation, and search."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from embedkit.checks import check_integer, check_number
from embedkit.classify.labels import check_classes, check_labels
from embedkit.classify.prediction import class_scores
from embedkit.classify.scores import Scores, classification_scores
from embedkit.errors import InputError, ParameterError

__all__ = ["Validation", "cross_validate_texts", "score_model", "search_parameters", "split_texts", "validate_held_out"]


@dataclass(frozen=True)
class Validation:
    """Scores of a classifier on documents that it was not trained on.

    Attributes
    ----------
    scores : Scores
        Over all documents that were predicted.
    n_train : int
        Documents of a training, the mean over the folds.
    n_test : int
        Documents that were predicted.
    fold_accuracies : list of float
        Accuracy on each fold; empty for a hold-out.
    seconds : float
        All trainings and predictions.
    """

    scores: Scores
    n_train: int
    n_test: int
    fold_accuracies: list[float]
    seconds: float


def split_texts(labels: Sequence[Any], valid_size: float = 0.1, random_state: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Choose documents to hold out, of each class in proportion.

    Parameters
    ----------
    labels : sequence, (n_documents,)
    valid_size : float, default=0.1
        Share of the documents, above 0 and below 1.
    random_state : int, default=0

    Returns
    -------
    train, valid : ndarray of int
        Positions, each in ascending order.

    Raises
    ------
    ParameterError
        If `valid_size` is no such share.
    InputError
        If a class has one document only, or a part would have fewer documents than there are classes.

    Examples
    --------
    >>> train, valid = split_texts(["a"] * 8 + ["b"] * 4, valid_size=0.25)
    >>> len(train), [("a" if i < 8 else "b") for i in valid]
    (9, ['a', 'a', 'b'])
    """
    check_valid_size(valid_size)
    known = check_labels(labels)
    counts, label, least = _rarest(known)
    if least < 2:
        raise InputError(
            f"class {label!r} has one document, which cannot be in training and validation both; "
            "add documents of it, leave it out, or validate with a test set of your own"
        )
    n_valid = max(round(valid_size * len(known)), len(counts))
    if n_valid > len(known) - len(counts):
        raise InputError(
            f"{len(known)} documents of {len(counts)} classes are too few to hold some out; add documents, or use "
            "cross-validation"
        )
    train, valid = train_test_split(np.arange(len(known)), test_size=n_valid, stratify=known, random_state=random_state)
    return np.sort(train), np.sort(valid)


def score_model(model: Any, texts: Sequence[str], labels: Sequence[Any]) -> Scores:
    """Predict documents and compare with their labels.

    Parameters
    ----------
    model : fitted classifier
    texts : sequence of str, (n_documents,)
    labels : sequence, (n_documents,)
        May hold some that the model does not know; they count as wrong.

    Returns
    -------
    Scores
    """
    return classification_scores(check_labels(labels), model.predict(texts), class_scores(model, texts), model.classes_)


def validate_held_out(
    model: Any, texts: Sequence[str], labels: Sequence[Any], *, valid_size: float = 0.1, random_state: int = 0
) -> Validation:
    """Train a copy of a classifier on most documents and score it on the rest.

    Parameters
    ----------
    model : classifier
        It stays as it is.
    texts : sequence of str, (n_documents,)
    labels : sequence, (n_documents,)
    valid_size, random_state
        As for `split_texts`.

    Returns
    -------
    Validation

    Raises
    ------
    ParameterError, InputError
        As `split_texts` does.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB())
    >>> validation = validate_held_out(model, ["it purrs", "it barks"] * 10, ["cat", "dog"] * 10)
    >>> validation.scores.accuracy, validation.n_train, validation.n_test
    (1.0, 18, 2)
    """
    start = time.perf_counter()
    train, valid = split_texts(labels, valid_size, random_state)
    fitted = _fitted(model, texts, labels, train)
    scores = score_model(fitted, _taken(texts, valid), _taken(labels, valid))
    return Validation(scores, len(train), len(valid), [], time.perf_counter() - start)


def cross_validate_texts(
    model: Any,
    texts: Sequence[str],
    labels: Sequence[Any],
    *,
    folds: int = 5,
    random_state: int = 0,
    on_fold: Callable[[int], None] | None = None,
) -> Validation:
    """Predict each document by a classifier that was trained on the other folds.

    Parameters
    ----------
    model : classifier
        It stays as it is.
    texts : sequence of str, (n_documents,)
    labels : sequence, (n_documents,)
    folds : int, default=5
        Shuffled, with each class in proportion.
    random_state : int, default=0
    on_fold : callable, optional
        Called with the number of each fold, from 1, before its training.

    Returns
    -------
    Validation
        One set of scores over all documents, but for ROC-AUC: that is the mean over the folds, since scores of
        different trainings do not compare.

    Raises
    ------
    ParameterError
        If `folds` is less than 2.
    InputError
        If a class has fewer documents than there are folds.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB())
    >>> validation = cross_validate_texts(model, ["it purrs", "it barks"] * 10, ["cat", "dog"] * 10)
    >>> validation.fold_accuracies, validation.n_train, validation.n_test
    ([1.0, 1.0, 1.0, 1.0, 1.0], 16, 20)
    """
    start = time.perf_counter()
    true = check_labels(labels)
    predicted = np.empty_like(true)
    accuracies, areas = [], []
    for number, (train, valid) in enumerate(_folds(true, folds, random_state), start=1):
        if on_fold is not None:
            on_fold(number)
        fitted = _fitted(model, texts, true, train)
        held = _taken(texts, valid)
        predicted[valid] = fitted.predict(held)
        accuracies.append(float((predicted[valid] == true[valid]).mean()))
        of_fold = classification_scores(true[valid], predicted[valid], class_scores(fitted, held), fitted.classes_)
        areas.append(of_fold.roc_auc)
    known = [area for area in areas if area is not None]
    scores = classification_scores(true, predicted, None, np.unique(true))
    return Validation(
        replace(scores, roc_auc=float(np.mean(known)) if len(known) == len(areas) else None),
        round(len(true) * (folds - 1) / folds),
        len(true),
        accuracies,
        time.perf_counter() - start,
    )


def search_parameters(
    model: Any,
    grid: Mapping[str, Sequence[Any]],
    texts: Sequence[str],
    labels: Sequence[Any],
    *,
    folds: int = 5,
    random_state: int = 0,
) -> tuple[dict[str, Any], float]:
    """Find the parameters of a grid that score best in cross-validation.

    Parameters
    ----------
    model : classifier
        It stays as it is; its own threads are the only ones.
    grid : mapping of str to sequence
        As for scikit-learn's GridSearchCV, `param_grid` has one for each classifier.
    texts : sequence of str, (n_documents,)
    labels : sequence, (n_documents,)
    folds, random_state
        As for `cross_validate_texts`.

    Returns
    -------
    parameters : dict
        For `model.set_params`.
    accuracy : float
        Mean over the folds. The best of many is a little too good: score it on other documents.

    Raises
    ------
    ParameterError, InputError
        As `cross_validate_texts` does.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB())
    >>> grid = {"countvectorizer__analyzer": ["char", "word"]}
    >>> search_parameters(model, grid, ["abab", "baba"] * 5, ["a", "b"] * 5, folds=2)
    ({'countvectorizer__analyzer': 'word'}, 1.0)
    """
    true = check_labels(labels)
    search = GridSearchCV(
        model, dict(grid), cv=list(_folds(true, folds, random_state)), refit=False, error_score="raise"
    )
    search.fit(texts, true)
    return dict(search.best_params_), float(search.best_score_)


def check_valid_size(valid_size: float) -> None:
    """Raise ParameterError unless it is above 0 and below 1."""
    if not 0 < check_number("valid_size", valid_size) < 1:
        raise ParameterError(f"valid_size={valid_size!r}: expected a share of the documents, above 0 and below 1")


def _rarest(labels: np.ndarray) -> tuple[Counter[Any], Any, int]:
    """How often each label occurs, the rarest one, and how often that is."""
    counts = Counter(labels.tolist())
    check_classes(sorted(counts))
    label, least = min(counts.items(), key=lambda item: item[1])
    return counts, label, least


def _folds(labels: np.ndarray, folds: int, random_state: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    check_integer("folds", folds, 2)
    _, label, least = _rarest(labels)
    if least < folds:
        raise InputError(
            f"class {label!r} has {least} document{'' if least == 1 else 's'}, fewer than {folds} folds; take fewer "
            "folds, add documents of it, or leave it out"
        )
    return StratifiedKFold(folds, shuffle=True, random_state=random_state).split(labels, labels)


def _fitted(model: Any, texts: Sequence[str], labels: Any, rows: np.ndarray) -> Any:
    return clone(model).fit(_taken(texts, rows), np.asarray(labels)[rows])


def _taken(values: Sequence[Any], rows: np.ndarray) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows]
