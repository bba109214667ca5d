"""A classifier that is trained on augmented texts, and predicts texts as they are."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from embedkit.augment.base import Augmenter
from embedkit.augment.resampling import extended
from embedkit.augment.sampler import fresh_augmenter

__all__ = ["AugmentingClassifier"]


def _has(method: str) -> Any:
    """Whether the classifier within has a method."""
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self.estimator), method))


class AugmentingClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier of texts whose training texts are augmented, and no others.

    With it cross-validation, a grid search and pipelines of scikit-learn keep new texts to the training folds: each
    `fit` augments the texts that it is given. imbalanced-learn's pipeline does the same with an `AugmentingSampler`.

    Parameters
    ----------
    estimator : classifier
        Of texts: a pipeline that begins with a vectorizer, for instance.
    augmenter : Augmenter, optional
        `EDA` or another. Without one the texts are taken as they are.

    Attributes
    ----------
    estimator_ : classifier
        The one that was fitted.
    augmenter_ : Augmenter or None
        The one whose texts it was fitted on.
    classes_ : ndarray, (n_classes,)

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from embedkit.augment import EDA
    >>> texts, labels = ["a good film", "a bad film", "good fun", "bad luck"], [1, 0, 1, 0]
    >>> eda = EDA(lexicon={"good": ["fine"], "bad": ["poor"]})
    >>> model = AugmentingClassifier(make_pipeline(CountVectorizer(), LogisticRegression()), eda)
    >>> model.fit(texts, labels).predict(["fine", "poor"]).tolist()
    [1, 0]
    >>> search = GridSearchCV(model, {"augmenter__n_aug": [1, 4]}, cv=2).fit(texts, labels)
    >>> float(search.best_score_)
    1.0
    """

    def __init__(self, estimator: Any, augmenter: Augmenter | None = None) -> None:
        self.estimator = estimator
        self.augmenter = augmenter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Augment the texts and fit the classifier on all of them.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)
        y : list, ndarray or Series, (n_texts,)
        sample_weight : array-like of float, (n_texts,), optional
            New texts have the weight of the text they were made of. Only for a classifier that takes weights.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If `augmenter` is none, or a parameter of it cannot work.
        InputError
            If X or y cannot be augmented.
        """
        self.augmenter_ = None if self.augmenter is None else fresh_augmenter(self.augmenter)
        settings = {} if sample_weight is None else {"sample_weight": sample_weight}
        if self.augmenter_ is not None:
            X, y = self.augmenter_.fit_resample(X, y)
            if sample_weight is not None:
                sources = self.augmenter_.sample_indices_[len(sample_weight) :].tolist()
                settings["sample_weight"] = extended(np.asarray(sample_weight), sources)
        self.estimator_ = clone(self.estimator).fit(X, y, **settings)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Label of each text.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)

        Returns
        -------
        ndarray, (n_texts,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class, if the classifier gives any.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)

        Returns
        -------
        ndarray of float, (n_texts, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        """Signed distances to the boundaries, if the classifier gives any.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)

        Returns
        -------
        ndarray of float, (n_texts,) or (n_texts, n_classes)
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    @property
    def classes_(self) -> np.ndarray:
        """Labels, in the order of the columns of `predict_proba`."""
        check_is_fitted(self)
        return self.estimator_.classes_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
