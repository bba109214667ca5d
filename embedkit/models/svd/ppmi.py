"""Pointwise mutual information as a scikit-learn transformer."""

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix, spmatrix
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from embedkit.checks import check_flag, check_number
from embedkit.models.svd.weighting import check_counts, context_distribution, pointwise_mutual_information

__all__ = ["PPMI"]


class PPMI(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Weigh counts by (positive) pointwise mutual information.

    The weight of word w and context c is log(P(c given w) / P(c)) - log(shift), where the probability of a
    context is its count to the power `context_smoothing`, normalised. `fit` learns the probabilities of the
    contexts, the columns; `transform` weighs any matrix with these columns, row by row. Only pairs that were
    seen have a weight, so that the matrix stays sparse.

    Parameters
    ----------
    shift : float, default=1
        log(shift) is taken from the information; the counterpart of negative samples in skip-gram.
    context_smoothing : float, default=0.75
        1 takes the counts of contexts as they are; less makes rare contexts weigh less.
    positive : bool, default=True
        Replace what is negative by zero.

    Attributes
    ----------
    context_distribution_ : ndarray of float64, (n_contexts,)
        Probability of each column. One that `fit` never saw has none, and no weight in `transform`.
    n_features_in_ : int

    References
    ----------
    Church and Hanks (1990), Word association norms, mutual information, and lexicography.
    Levy and Goldberg (2014), Neural word embedding as implicit matrix factorization, section 4.1: the shift.
    Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
    embeddings, section 3.2: smoothing.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> PPMI(context_smoothing=1).fit_transform(csr_array([[0, 8], [2, 2]])).toarray().round(2)
    array([[0.  , 0.18],
           [1.1 , 0.  ]])
    """

    def __init__(self, *, shift: float = 1.0, context_smoothing: float = 0.75, positive: bool = True) -> None:
        self.shift = shift
        self.context_smoothing = context_smoothing
        self.positive = positive

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the distribution of the contexts.

        Parameters
        ----------
        X : sparse matrix or array-like of counts, (n_words, n_contexts)
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a parameter cannot work.
        InputError
            If a count is negative.
        """
        check_number("shift", self.shift, 0.0, strict=True)
        check_number("context_smoothing", self.context_smoothing, 0.0)
        check_flag("positive", self.positive)
        counts = self._counts(X, reset=True)
        self.context_distribution_ = context_distribution(counts, self.context_smoothing)
        return self

    def transform(self, X: Any) -> csr_array | csr_matrix:
        """Weigh counts.

        Parameters
        ----------
        X : sparse matrix or array-like of counts, (n_words, n_contexts)
            Not changed.

        Returns
        -------
        csr_array, or csr_matrix for a scipy matrix, (n_words, n_contexts)
            float32 for float32, otherwise float64; no stored zeros.
        """
        check_is_fitted(self)
        counts = self._counts(X, reset=False)
        weights = pointwise_mutual_information(
            counts,
            self.context_distribution_,
            shift=self.shift,
            positive=self.positive,
            dtype=counts.dtype,
        )
        return csr_matrix(weights) if isinstance(X, spmatrix) else weights

    def _counts(self, X: Any, *, reset: bool) -> csr_array:
        """The counts in CSR format, checked the way scikit-learn checks."""
        return check_counts(validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
