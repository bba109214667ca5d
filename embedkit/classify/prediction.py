"""What any fitted text classifier says of documents: the likeliest labels, and scores for each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from embedkit.checks import check_integer
from embedkit.errors import ParameterError

__all__ = ["class_scores", "has_probabilities", "top_labels"]


def has_probabilities(model: Any) -> bool:
    """Whether a classifier gives probabilities; those of a margin (svm, ridge) give distances alone."""
    return hasattr(model, "predict_proba")


def class_scores(model: Any, texts: Sequence[str]) -> np.ndarray | None:
    """Score every class for each document: what a ROC curve is drawn from.

    Parameters
    ----------
    model : fitted classifier
    texts : sequence of str

    Returns
    -------
    ndarray of float64, (n_documents, n_classes), or None
        Probabilities; distances to the boundaries where there are none; None if the model has neither. In the order
        of `model.classes_`.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["it purrs", "it barks"], ["cat", "dog"])
    >>> class_scores(model, ["it purrs", "it"]).round(2).tolist()
    [[0.67, 0.33], [0.5, 0.5]]
    """
    if has_probabilities(model):
        return np.asarray(model.predict_proba(texts), dtype=np.float64)
    if hasattr(model, "decision_function"):
        distances = np.asarray(model.decision_function(texts), dtype=np.float64)
        return np.column_stack([-distances, distances]) if distances.ndim == 1 else distances
    return None


def top_labels(model: Any, texts: Sequence[str], k: int = 1) -> tuple[np.ndarray, np.ndarray | None]:
    """Find the likeliest labels of each document.

    Parameters
    ----------
    model : fitted classifier
    texts : sequence of str
    k : int, default=1
        How many; all classes if there are fewer.

    Returns
    -------
    labels : ndarray, (n_documents, min(k, n_classes))
        The likeliest first.
    probabilities : ndarray of float64 of the same shape, or None
        None if the model has none.

    Raises
    ------
    ParameterError
        If `k` is less than 1, or more than 1 for a model that scores nothing but its one answer.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["it purrs", "it barks"], ["cat", "dog"])
    >>> labels, probabilities = top_labels(model, ["it barks"], k=2)
    >>> labels.tolist(), probabilities.round(2).tolist()
    ([['dog', 'cat']], [[0.67, 0.33]])
    """
    check_integer("k", k, 1)
    if k == 1 and not has_probabilities(model):
        return np.asarray(model.predict(texts)).reshape(-1, 1), None
    scores = class_scores(model, texts)
    if scores is None:
        raise ParameterError(f"k={k}: this model gives one label a document and scores no others; expected k=1")
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    probabilities = np.take_along_axis(scores, order, axis=1) if has_probabilities(model) else None
    return np.asarray(model.classes_)[order], probabilities
