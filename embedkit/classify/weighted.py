"""A classifier whose labels may be anything, and whose classes may have weights."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags, compute_class_weight, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, _num_samples, check_is_fitted, column_or_1d

from embedkit.classify.labels import check_classes

__all__ = ["WeightedClassifier"]


def _has(name: str) -> Any:
    """Available if the classifier inside has this method, fitted or not."""
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self.estimator), name))


class WeightedClassifier(ClassifierMixin, BaseEstimator):
    """Gives a classifier that takes sample weights class weights, too, and labels of any type.

    Labels reach the classifier inside as whole numbers from 0, which is all that some learners take.

    Parameters
    ----------
    estimator : classifier
        It stays as it is: a copy is fitted.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes; "balanced" gives each class the same in total.

    Attributes
    ----------
    classes_ : ndarray, (n_classes,)
    estimator_ : classifier
        The fitted copy.

    Examples
    --------
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> model = WeightedClassifier(MultinomialNB(), class_weight="balanced")
    >>> model.fit([[2, 0], [0, 1], [0, 1]], ["cat", "dog", "dog"]).predict([[1, 0]])
    array(['cat'], dtype='<U3')
    >>> np.exp(model.estimator_.class_log_prior_)
    array([0.5, 0.5])
    """

    def __init__(self, estimator: Any = None, *, class_weight: dict[Any, float] | str | None = None) -> None:
        self.estimator = estimator
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit a copy of the classifier.

        Parameters
        ----------
        X : array-like or sparse matrix, (n_documents, n_features)
        y : array-like, (n_documents,)
        sample_weight : array-like of float, (n_documents,), optional

        Returns
        -------
        self
        """
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        check_classes(self.classes_, type(self.estimator).__name__)
        settings = {}
        if sample_weight is not None or self.class_weight is not None:
            weights = _check_sample_weight(sample_weight, np.empty((_num_samples(X), 0)))
            if self.class_weight is not None:
                weights = weights * compute_class_weight(self.class_weight, classes=self.classes_, y=y)[codes]
            settings["sample_weight"] = weights
        self.estimator_ = clone(self.estimator).fit(X, codes, **settings)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Label of each document.

        Parameters
        ----------
        X : array-like or sparse matrix, (n_documents, n_features)

        Returns
        -------
        ndarray, (n_documents,)
        """
        check_is_fitted(self)
        return self.classes_[np.asarray(self.estimator_.predict(X), dtype=np.intp)]

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class, (n_documents, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        """Scores of the classes, as the classifier inside gives them."""
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    @property
    def n_features_in_(self) -> int:
        """Features that were seen in `fit`."""
        return self.estimator_.n_features_in_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        if self.estimator is not None:
            tags.input_tags = get_tags(self.estimator).input_tags
        return tags
