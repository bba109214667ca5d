"""Counts of terms to weights."""

from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from embedkit.checks import check_choice, check_flag, check_number
from embedkit.errors import InputError, ParameterError
from embedkit.features.matrices import as_csr, check_indices, float_dtype
from embedkit.features.rows import weigh_rows
from embedkit.features.stream import Frequencies
from embedkit.threads import threads_of_jobs

__all__ = ["TfidfTransformer", "check_norm"]

WEIGHTINGS = ("sklearn", "textbook", "bm25")


def check_norm(norm: object) -> None:
    """Raise ParameterError unless rows can be scaled so."""
    if norm is not None and not (isinstance(norm, str) and norm in ("l1", "l2")):
        raise ParameterError(f"norm={norm!r}: expected 'l1', 'l2' or None")


class TfidfTransformer(  # type: ignore[call-arg]
    OneToOneFeatureMixin, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Weights of terms from their counts in documents and the number of documents that have them.

    Parameters, attributes and results are those of scikit-learn's class of this name; `weighting`, `k1`, `b` and
    `n_jobs` are more than it has. With N documents, of which df have the term:

    ========== ==================================================== ==================================
    weighting  weight of the count                                  idf
    ========== ==================================================== ==================================
    "sklearn"  count                                                ln((1 + N) / (1 + df)) + 1
    "textbook" count / length                                       ln(N / (1 + df)), can be negative
    "bm25"     count (k1 + 1) / (count + k1 (1 - b + b length / L)) ln(1 + (N - df + 0.5) / (df + 0.5))
    ========== ==================================================== ==================================

    where `length` is the sum of a row and L its mean over the documents of `fit`. The weights of a row are then
    scaled as `norm` says; `norm=None` gives the formulas as they are.

    Parameters
    ----------
    norm : {"l1", "l2"} or None, default="l2"
        Scale the rows to a sum of absolute values, or of squares, of 1.
    use_idf : bool, default=True
        Multiply by the idf.
    smooth_idf : bool, default=True
        False leaves the ones inside the logarithms out: ln(N / df) + 1, ln(N / df), and the idf of Robertson and
        Spärck Jones, ln((N - df + 0.5) / (df + 0.5)), which can be negative.
    sublinear_tf : bool, default=False
        Replace counts by 1 + ln(count); only for the weighting "sklearn".
    weighting : {"sklearn", "textbook", "bm25"}, default="sklearn"
    k1 : float, default=1.2
        How slowly the weight of BM25 saturates with the count.
    b : float, default=0.75
        How much BM25 holds the length of a document against it, from 0 to 1.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.

    Attributes
    ----------
    idf_ : ndarray, (n_terms,)
        What each column is multiplied by; only if `use_idf`.
    average_length_ : float
        Mean sum of a row, L; only for the weighting "bm25".
    n_features_in_ : int
        Columns.
    feature_names_in_ : ndarray of str, (n_terms,)
        Names of the columns, if `fit` saw some.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work.
    InputError
        If a sparse matrix points outside its own shape; from `transform`, if `idf_` has not a number for each column.

    References
    ----------
    Salton and Buckley (1988), Term-weighting approaches in automatic text retrieval.
    Robertson and Zaragoza (2009), The probabilistic relevance framework: BM25 and beyond, section 3.4.

    Examples
    --------
    >>> from embedkit.features import TfidfTransformer
    >>> counts = [[3, 0], [2, 1]]
    >>> TfidfTransformer(smooth_idf=False, norm=None).fit_transform(counts).toarray().round(3)
    array([[3.   , 0.   ],
           [2.   , 1.693]])
    >>> TfidfTransformer(weighting="textbook", norm=None).fit_transform(counts).toarray().round(3)
    array([[-0.405,  0.   ],
           [-0.27 ,  0.   ]])
    """

    idf_: np.ndarray
    average_length_: float

    def __init__(
        self,
        *,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        weighting: str = "sklearn",
        k1: float = 1.2,
        b: float = 0.75,
        n_jobs: int | None = None,
    ) -> None:
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.weighting = weighting
        self.k1 = k1
        self.b = b
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn how rare each term is.

        Parameters
        ----------
        X : sparse matrix or array, (n_documents, n_terms)
            Counts.
        y : ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        check_indices(X)
        X = validate_data(self, X, accept_sparse=("csr", "csc"))
        X = X if issparse(X) else as_csr(X)
        stored = np.bincount(X.indices, minlength=X.shape[1]) if X.format == "csr" else np.diff(X.indptr)
        self._learn(Frequencies(X.shape[0], stored, float(X.sum())), X.dtype)
        return self

    def transform(self, X: Any, copy: bool = True) -> Any:
        """Weigh counts.

        Parameters
        ----------
        X : sparse matrix or array, (n_documents, n_terms)
            Counts.
        copy : bool, default=True
            False may overwrite a CSR matrix of float32 or float64.

        Returns
        -------
        sparse matrix of float64, or of float32 if X is, (n_documents, n_terms)
        """
        check_is_fitted(self)
        check_indices(X)
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], copy=copy, reset=False)
        X = as_csr(X)
        self._weigh(X)
        return X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _check_parameters(self) -> None:
        """Raise ParameterError unless the parameters can work."""
        check_norm(self.norm)
        check_flag("use_idf", self.use_idf)
        check_flag("smooth_idf", self.smooth_idf)
        check_choice("weighting", self.weighting, WEIGHTINGS)
        if check_flag("sublinear_tf", self.sublinear_tf) and self.weighting != "sklearn":
            raise ParameterError(f"sublinear_tf=True: expected False, as weighting={self.weighting!r} is given")
        check_number("k1", self.k1, 0.0)
        if check_number("b", self.b, 0.0) > 1:
            raise ParameterError(f"b={self.b!r}: expected a number from 0 to 1")
        threads_of_jobs(self.n_jobs)

    def _learn(self, seen: Frequencies, dtype: np.dtype) -> None:
        """Learn from frequencies."""
        dtype = float_dtype(dtype)
        if self.weighting == "bm25":
            self.average_length_ = seen.n_occurrences / max(seen.n_documents, 1)
        if not self.use_idf:
            self.__dict__.pop("idf_", None)
            return
        ones = dtype.type(self.smooth_idf)
        n = dtype.type(max(seen.n_documents, 1))  # a stream may begin with an empty part
        df = seen.document_frequency.astype(dtype)
        if self.weighting == "sklearn":
            self.idf_ = np.log((n + ones) / (df + ones)) + dtype.type(1)
        elif self.weighting == "textbook":
            self.idf_ = np.log(n / (df + ones))
        else:
            half = dtype.type(0.5)
            self.idf_ = np.log(ones + (n - df + half) / (df + half))

    def _weigh(self, X: Any) -> None:
        """Turn the counts of a CSR matrix of floats into weights, in place."""
        # As in scikit-learn, what was learned counts, and not what use_idf was set to since.
        weights = np.asarray(self.idf_) if "idf_" in vars(self) else None
        if weights is not None and weights.shape != (X.shape[1],):
            raise InputError(
                f"X has {X.shape[1]} features, but {type(self).__name__} is expecting idf_ of shape {(X.shape[1],)} "
                f"for them, and it has shape {weights.shape}: fit again, or set a number for each feature"
            )
        if self.sublinear_tf:
            np.log(X.data, out=X.data)
            X.data += 1
        if self.weighting != "sklearn":
            lengths = np.repeat(np.asarray(X.sum(axis=1), X.dtype).ravel(), np.diff(X.indptr))
            if self.weighting == "textbook":
                np.divide(X.data, lengths, out=X.data, where=lengths != 0)
            else:
                relative = lengths / X.dtype.type(self.average_length_ or 1)
                X.data *= (self.k1 + 1) / (X.data + self.k1 * (1 - self.b + self.b * relative))
        weigh_rows(X.data, X.indices, X.indptr, weights, self.norm, threads_of_jobs(self.n_jobs))
