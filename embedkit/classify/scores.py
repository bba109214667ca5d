"""How well predicted labels agree with the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from embedkit.classify.labels import unseen_labels
from embedkit.errors import InputError

__all__ = ["Averages", "Scores", "classification_scores"]


@dataclass(frozen=True)
class Averages:
    """Precision, recall and F1 over all classes, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, eq=False)
class Scores:
    """What `classification_scores` found.

    Attributes
    ----------
    labels : list
        Those the model knows and those of the documents, sorted. The arrays are in this order.
    accuracy : float
        Share of the documents whose label was predicted, from 0 to 1.
    precision, recall, f1 : ndarray of float64, (n_labels,)
        Of each label; 0 where nothing was predicted, or nothing is true.
    support : ndarray of int64, (n_labels,)
        Documents that have the label.
    macro : Averages
        Means over the labels that occur, true or predicted, each counting the same.
    weighted : Averages
        Means weighted by support.
    roc_auc : float or None
        Area under the ROC curve; the mean over the classes, each against the rest, if there are more than two. None
        without scores, or if a class has no document here.
    confusion : ndarray of int64, (n_labels, n_labels)
        Documents with the label of the row that were given the label of the column.
    unseen : list
        Labels of the documents that the model does not know, sorted. It can only be wrong about them.
    """

    labels: list[Any]
    accuracy: float
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    macro: Averages
    weighted: Averages
    roc_auc: float | None
    confusion: np.ndarray
    unseen: list[Any]


def classification_scores(
    y_true: Sequence[Any] | np.ndarray,
    y_predicted: Sequence[Any] | np.ndarray,
    probabilities: np.ndarray | None,
    labels: Sequence[Any] | np.ndarray,
) -> Scores:
    """Compare predicted labels with the true ones.

    Parameters
    ----------
    y_true, y_predicted : sequence of labels, (n_documents,)
    probabilities : ndarray, (n_documents, n_known) or None
        Of each known label, for the ROC curve; any scores will do that grow with them.
    labels : sequence, (n_known,)
        The labels that the model knows, in the order of the columns of `probabilities`.

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        If there are no documents, sizes differ, or labels are of two kinds that cannot be ordered.

    Examples
    --------
    >>> scores = classification_scores(["ham", "ham", "spam", "eggs"], ["ham", "spam", "spam", "ham"], None,
    ...                                ["ham", "spam"])
    >>> scores.accuracy, scores.unseen, scores.labels
    (0.5, ['eggs'], ['eggs', 'ham', 'spam'])
    >>> scores.f1.round(2).tolist(), scores.confusion.tolist()
    ([0.0, 0.5, 0.67], [[0, 1, 0], [0, 1, 1], [0, 0, 1]])
    """
    true, predicted = _plain(y_true), _plain(y_predicted)
    known = _plain(labels)
    if not true:
        raise InputError("there are no documents to score; give at least one")
    if len(true) != len(predicted):
        raise InputError(
            f"{len(true)} true and {len(predicted)} predicted labels: expected as many of one as the other"
        )
    try:
        every = sorted({*known, *true, *predicted})
    except TypeError as error:
        raise InputError(
            f"the labels {true[0]!r} of the documents and {known[0]!r} of the model cannot be ordered ({error}); give "
            "them in one type"
        ) from error
    unseen = unseen_labels(true, known)
    # As numbers: scikit-learn would take a mixture of bool and int, or of str and its subclasses, for something else.
    code_of = {label: code for code, label in enumerate(every)}
    true_codes = np.array([code_of[label] for label in true])
    predicted_codes = np.array([code_of[label] for label in predicted])
    codes = np.arange(len(every))
    precision, recall, f1, support = precision_recall_fscore_support(
        true_codes, predicted_codes, labels=codes, zero_division=0.0
    )
    known_codes = np.array([code_of[label] for label in known])
    occurring = np.union1d(true_codes, predicted_codes)
    return Scores(
        labels=every,
        accuracy=float((true_codes == predicted_codes).mean()),
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
        macro=Averages(*(float(of[occurring].mean()) for of in (precision, recall, f1))),
        weighted=Averages(*(float(of @ support / len(true)) for of in (precision, recall, f1))),
        roc_auc=None if probabilities is None else _roc_auc(true_codes, np.asarray(probabilities), known_codes),
        confusion=confusion_matrix(true_codes, predicted_codes, labels=codes),
        unseen=unseen,
    )


def _plain(labels: Sequence[Any] | np.ndarray) -> list[Any]:
    """Labels as Python's own values, which print as they are typed."""
    return [label.item() if isinstance(label, np.generic) else label for label in labels]


def _roc_auc(true: np.ndarray, scores: np.ndarray, known: np.ndarray) -> float | None:
    """Area under the curve of the second of two classes, or the mean over more, each against all others."""
    if scores.shape != (len(true), len(known)):
        raise InputError(
            f"probabilities of shape {scores.shape}, expected ({len(true)}, {len(known)}): a column a known label"
        )
    if not np.isfinite(scores).all():
        return None
    binary = len(known) == 2 and np.isin(true, known).all()
    areas = []
    for column in [1] if binary else range(len(known)):
        of_class = true == known[column]
        if of_class.all() or not of_class.any():
            return None
        areas.append(roc_auc_score(of_class, scores[:, column]))
    return float(np.mean(areas))
