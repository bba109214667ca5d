"""Documents with several labels each: scores of the labels that a fastText classifier finds likeliest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from embedkit.classify.validation import check_valid_size
from embedkit.errors import InputError

__all__ = ["LabelSetScores", "predicts_label_sets", "score_label_sets", "validate_label_sets"]

LOOKED_AT = (1, 2, 3, 5)


@dataclass(frozen=True)
class LabelSetScores:
    """How many of the likeliest labels are right, and how many of the right ones are among them.

    Attributes
    ----------
    at : list of (int, float, float)
        k, precision and recall of the k likeliest labels, over all documents together.
    n_train : int
        Documents of the training; 0 for a model that was trained before.
    n_test : int
        Documents that were predicted.
    seconds : float
        Training and prediction.
    """

    at: list[tuple[int, float, float]]
    n_train: int
    n_test: int
    seconds: float


def predicts_label_sets(model: Any) -> bool:
    """Whether a fitted classifier was trained on documents with several labels."""
    return getattr(_last(model), "label_form_", "single") != "single"


def score_label_sets(model: Any, texts: Sequence[str], labels: Sequence[Sequence[Any]]) -> LabelSetScores:
    """Compare the likeliest labels with the right ones.

    Parameters
    ----------
    model : fitted FastTextClassifier, or pipeline that ends in one
    texts : sequence of str, (n_documents,)
    labels : sequence of lists of labels, (n_documents,)
        Those that the model does not know count as not found.

    Returns
    -------
    LabelSetScores

    Raises
    ------
    InputError
        If the model is none of fastText's.

    Examples
    --------
    >>> from embedkit.classify import FastTextClassifier
    >>> texts, labels = ["a cat", "a dog", "a cat, a dog"] * 20, [["cat"], ["dog"], ["cat", "dog"]] * 20
    >>> model = FastTextClassifier(loss="ova", random_state=1).fit(texts, labels)
    >>> score_label_sets(model, texts[:3], labels[:3]).at
    [(1, 1.0, 0.75), (2, 0.6666666666666666, 1.0)]
    """
    start = time.perf_counter()
    classifier = _last(model)
    if not hasattr(classifier, "precision_recall_at_k"):
        raise InputError(
            "documents have several labels, and this model predicts one; train a fasttext model on such documents, or "
            "leave one label to each"
        )
    n_classes = len(classifier.classes_)
    at = [(k, *classifier.precision_recall_at_k(texts, labels, k)) for k in LOOKED_AT if k <= n_classes]
    return LabelSetScores(at, 0, len(texts), time.perf_counter() - start)


def validate_label_sets(
    model: Any,
    texts: Sequence[str],
    labels: Sequence[Sequence[Any]],
    *,
    valid_size: float = 0.1,
    random_state: int = 0,
) -> LabelSetScores:
    """Train a copy of a classifier on most documents and score it on the rest, drawn whatever their labels.

    Parameters
    ----------
    model : FastTextClassifier, or pipeline that ends in one
        It stays as it is.
    texts : sequence of str, (n_documents,)
    labels : sequence of lists of labels, (n_documents,)
    valid_size : float, default=0.1
        Share of the documents, above 0 and below 1.
    random_state : int, default=0

    Returns
    -------
    LabelSetScores

    Raises
    ------
    ParameterError
        If `valid_size` is no such share.
    InputError
        If there is one document only, or the model is none of fastText's.

    Examples
    --------
    >>> from embedkit.classify import FastTextClassifier
    >>> texts, labels = ["a cat", "a dog", "a cat, a dog"] * 20, [["cat"], ["dog"], ["cat", "dog"]] * 20
    >>> validation = validate_label_sets(FastTextClassifier(loss="ova", random_state=1), texts, labels)
    >>> validation.n_train, validation.n_test
    (54, 6)
    """
    check_valid_size(valid_size)
    if len(texts) < 2:
        raise InputError("one document cannot be in training and validation both; add documents")
    start = time.perf_counter()
    n_valid = min(max(round(valid_size * len(texts)), 1), len(texts) - 1)
    train, valid = train_test_split(np.arange(len(texts)), test_size=n_valid, random_state=random_state)
    fitted = clone(model).fit([texts[row] for row in train], [labels[row] for row in train])
    scores = score_label_sets(fitted, [texts[row] for row in valid], [labels[row] for row in valid])
    return LabelSetScores(scores.at, len(train), len(valid), time.perf_counter() - start)


def _last(model: Any) -> Any:
    """The classifier itself, which may stand in a pipeline without features."""
    return model[-1] if isinstance(model, Pipeline) and len(model) == 1 else model
