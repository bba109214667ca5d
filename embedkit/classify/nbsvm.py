"""Support vector machines on naive Bayes features, as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils import Tags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, check_non_negative, validate_data

from embedkit.checks import check_choice, check_flag, check_integer, check_number
from embedkit.classify.labels import check_classes
from embedkit.errors import ParameterError

__all__ = ["NBSVMClassifier"]

BASES = ("svm", "logistic")
FEW_FEATURES = 1000


class NBSVMClassifier(ClassifierMixin, BaseEstimator):
    """Linear classifier on counts that are scaled by the log-count ratios of naive Bayes (NBSVM).

    With f the counts of a document, or whether each term is there at all, p the sum of f over the documents of a
    class plus `alpha`, and q the same over all others, the log-count ratio is r = ln(p / sum(p)) - ln(q / sum(q)). A
    linear classifier with the weights w is trained on the products of f and r, and its weights are drawn towards
    their mean magnitude, which is naive Bayes: w' = (1 - beta) mean(abs(w)) + beta w. More than two classes are
    told apart one against the rest.

    Parameters
    ----------
    alpha : float, default=1.0
        Added to the count of each term in each class; above 0.
    beta : float, default=0.5
        From 0 (the weights of naive Bayes) to 1 (those of the linear classifier). The paper has 0.25.
    C : float, default=0.1
        Inverse strength of the regularisation. The paper has 1.
    binarize : bool, default=True
        Look only at whether a term is there, not how often.
    base : {"svm", "logistic"}, default="svm"
        Squared hinge loss, or logistic loss, which gives probabilities.
    tol : float, default=1e-4
        Where the linear classifier stops.
    max_iter : int, default=1000
        Passes of the linear classifier, at most.
    random_state : int, RandomState instance or None, default=0
        Order in which it takes the documents.

    Attributes
    ----------
    classes_ : ndarray, (n_classes,)
    coef_ : ndarray of float64, (1 or n_classes, n_features)
        The products of w' and r. Two classes need one row, which speaks for the second.
    intercept_ : ndarray of float64, (1 or n_classes,)
    log_count_ratios_ : ndarray of float64, (1 or n_classes, n_features)
        r, of each class against the others.
    n_features_in_ : int
    n_iter_ : int
        Passes of the linear classifier, the most of all classes.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work.
    ValueError
        From `fit`, if a count is negative, NaN or infinite, or there is one class only.

    References
    ----------
    Wang and Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([[2, 0, 1], [1, 0, 2], [0, 3, 1], [0, 1, 1]])
    >>> model = NBSVMClassifier().fit(counts, ["good", "good", "bad", "bad"])
    >>> model.predict([[1, 0, 5], [0, 1, 0]]).tolist()
    ['good', 'bad']
    >>> model.log_count_ratios_.round(2)  # of "good", the second class: ln(3/7) - ln(1/7), and so on
    array([[ 1.1, -1.1,  0. ]])
    """

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        beta: float = 0.5,
        C: float = 0.1,
        binarize: bool = True,
        base: str = "svm",
        tol: float = 1e-4,
        max_iter: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.alpha = alpha
        self.beta = beta
        self.C = C
        self.binarize = binarize
        self.base = base
        self.tol = tol
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the ratios and the weights.

        Parameters
        ----------
        X : array-like or sparse matrix of counts, (n_documents, n_features)
            No count below 0.
        y : array-like, (n_documents,)
            Labels: strings or numbers.
        sample_weight : array-like of float, (n_documents,), optional
            A document of weight 2 counts as two. A class whose documents all have the weight 0 is never predicted.

        Returns
        -------
        self
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, accept_large_sparse=False)
        check_non_negative(X, type(self).__name__)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        check_classes(self.classes_[np.bincount(codes, weights) > 0], type(self).__name__)
        seed = int(check_random_state(self.random_state).randint(2**31))

        features = self._features(X)
        totals = weights @ features
        positive = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        ratios, coefficients, intercepts, passes = [], [], [], []
        for code in positive:
            inside = codes == code
            if not weights[inside].any():
                # Nothing is known of this class; alpha alone would make it likely for documents of rare terms.
                ratios.append(np.zeros(X.shape[1]))
                coefficients.append(np.zeros(X.shape[1]))
                intercepts.append(float(np.finfo(np.float64).min))
                continue
            ratio = self._ratio(features, np.where(inside, weights, 0.0), totals)
            linear = self._linear(seed, X.shape).fit(_scaled(features, ratio), inside, sample_weight=weights)
            w = linear.coef_.ravel()
            ratios.append(ratio)
            coefficients.append(((1 - self.beta) * np.abs(w).mean() + self.beta * w) * ratio)
            intercepts.append(float(linear.intercept_[0]))
            passes.append(int(np.max(linear.n_iter_)))
        self.log_count_ratios_ = np.array(ratios)
        self.coef_ = np.array(coefficients)
        self.intercept_ = np.array(intercepts)
        self.n_iter_ = max(passes)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Signed distances to the boundaries.

        Parameters
        ----------
        X : array-like or sparse matrix of counts, (n_documents, n_features)

        Returns
        -------
        ndarray of float64, (n_documents,) or (n_documents, n_classes)
            Of two classes, above 0 for the second.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        check_non_negative(X, type(self).__name__)
        scores = self._features(X) @ self.coef_.T + self.intercept_
        return scores.ravel() if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> np.ndarray:
        """Label of each document.

        Parameters
        ----------
        X : array-like or sparse matrix of counts, (n_documents, n_features)

        Returns
        -------
        ndarray, (n_documents,)
        """
        scores = self.decision_function(X)
        codes = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[codes]

    @available_if(lambda self: self.base == "logistic")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class; only with base="logistic".

        Parameters
        ----------
        X : array-like or sparse matrix of counts, (n_documents, n_features)

        Returns
        -------
        ndarray of float64, (n_documents, n_classes)
            In the order of `classes_`. More than two classes are told apart one against the rest, and the
            probabilities then divided by their sum.
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([expit(-scores), expit(scores)])
        # The largest score is taken out first, so that the sum is never 0.
        logs = -np.logaddexp(0.0, -scores)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def _check_parameters(self) -> None:
        check_number("alpha", self.alpha, 0.0, strict=True)
        if not 0 <= check_number("beta", self.beta) <= 1:
            raise ParameterError(f"beta={self.beta!r}: expected a number from 0 to 1")
        check_number("C", self.C, 0.0, strict=True)
        check_flag("binarize", self.binarize)
        check_choice("base", self.base, BASES)
        check_number("tol", self.tol, 0.0, strict=True)
        check_integer("max_iter", self.max_iter, 1)

    def _features(self, X: Any) -> Any:
        """Counts, or whether there are any."""
        if not self.binarize:
            return X
        if issparse(X):
            return csr_array(((X.data > 0).astype(np.float64), X.indices, X.indptr), shape=X.shape)
        return (X > 0).astype(np.float64)

    def _ratio(self, features: Any, weights: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """Log-count ratio of the documents that `weights` leaves, against all others."""
        inside = weights @ features
        # What is left of a difference can lie just below 0.
        p, q = self.alpha + inside, self.alpha + np.maximum(totals - inside, 0.0)
        return np.log(p / p.sum()) - np.log(q / q.sum())

    def _linear(self, seed: int, shape: tuple[int, int]) -> LinearSVC | LogisticRegression:
        settings = {"C": self.C, "tol": self.tol, "max_iter": self.max_iter, "random_state": seed}
        if self.base == "svm":
            # Dual coordinate descent is the faster with more features than documents. Newton's method, in the primal,
            # does not depend on the order of the documents, and costs next to nothing while there are few features.
            return LinearSVC(dual=shape[1] > max(shape[0], FEW_FEATURES), **settings)
        return LogisticRegression(solver="liblinear", **settings)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        # Points in the plane, which scikit-learn tries a classifier on, are no counts; naive Bayes says the same.
        tags.classifier_tags.poor_score = True
        return tags


def _scaled(features: Any, ratio: np.ndarray) -> Any:
    """Every column times its ratio."""
    if issparse(features):
        return csr_array((features.data * ratio[features.indices], features.indices, features.indptr), features.shape)
    return features * ratio
