"""Documents to weights of their terms."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from embedkit.errors import ParameterError
from embedkit.features.analyzer import DEFAULT_PATTERN
from embedkit.features.count import CountVectorizer
from embedkit.features.matrices import check_dtype, float_dtype
from embedkit.features.stream import Frequencies
from embedkit.features.tfidf_transformer import TfidfTransformer
from embedkit.text.tokenizers import TokenizerLike

__all__ = ["TfidfVectorizer"]


class TfidfVectorizer(CountVectorizer):
    r"""TF-IDF, or BM25, weights of terms in documents: CountVectorizer and TfidfTransformer in one.

    Parameters, attributes and results are those of scikit-learn's class of this name; `weighting`, `k1`, `b` and
    `n_jobs` are more than it has.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, analyzer, stop_words, \
token_pattern, ngram_range, max_df, min_df, max_features, vocabulary, binary
        As of CountVectorizer. With `binary`, the weights are those of documents that have each of their terms once.
    dtype : numpy dtype, default=numpy.float64
        Of the weights: float64 or float32; others become float64, with a warning.
    norm, use_idf, smooth_idf, sublinear_tf
        As of TfidfTransformer.
    weighting : {"sklearn", "textbook", "bm25"}, default="sklearn"
        Formulas of the weights: scikit-learn's, those of textbooks, or BM25; TfidfTransformer has a table of them.
    k1 : float, default=1.2
        How slowly the weight of BM25 saturates with the count; at least 0.
    b : float, default=0.75
        How much BM25 holds the length of a document against it, from 0 to 1.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.

    Attributes
    ----------
    vocabulary_ : dict
        Columns of the terms.
    fixed_vocabulary_ : bool
        Whether the vocabulary was given.
    idf_ : ndarray, (n_terms,)
        What each column is multiplied by; only if `use_idf`. It can be set.

    Raises
    ------
    ParameterError, InputError
        As from CountVectorizer.

    Warns
    -----
    UserWarning
        As from CountVectorizer, and if `dtype` is not a type of floats.

    Examples
    --------
    >>> from embedkit.features import TfidfVectorizer
    >>> vectorizer = TfidfVectorizer()
    >>> vectorizer.fit_transform(["red fox", "red hen"]).toarray().round(2)
    array([[0.81, 0.  , 0.58],
           [0.  , 0.81, 0.58]])
    >>> bm25 = TfidfVectorizer(weighting="bm25", norm=None, token_pattern=None)
    >>> bm25.fit_transform(["红狐狸", "红母鸡"]).toarray().round(2)
    array([[0.  , 0.69, 0.69, 0.18, 0.  ],
           [0.69, 0.  , 0.  , 0.18, 0.69]])
    """

    def __init__(
        self,
        *,
        input: str = "content",  # noqa: A002
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: str | Callable[[str], str] | None = None,
        lowercase: bool = True,
        preprocessor: Callable[[Any], Any] | None = None,
        tokenizer: TokenizerLike | None = None,
        analyzer: str | Callable[[Any], Iterable[Any]] = "word",
        stop_words: str | list[str] | None = None,
        token_pattern: str | None = DEFAULT_PATTERN,
        ngram_range: tuple[int, int] = (1, 1),
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Mapping[Any, int] | Iterable[Any] | None = None,
        binary: bool = False,
        dtype: DTypeLike = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        weighting: str = "sklearn",
        k1: float = 1.2,
        b: float = 0.75,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            analyzer=analyzer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
            n_jobs=n_jobs,
        )
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.weighting = weighting
        self.k1 = k1
        self.b = b

    @property
    def idf_(self) -> np.ndarray:
        """What each column is multiplied by, (n_terms,); only if `use_idf`."""
        if "_tfidf" not in vars(self):
            raise NotFittedError(f"this {type(self).__name__} has no idf_ yet: call fit first")
        return self._tfidf.idf_

    @idf_.setter
    def idf_(self, value: np.ndarray) -> None:
        if not self.use_idf:
            raise ParameterError("idf_ cannot be set where use_idf=False: there is nothing that it would multiply")
        if "vocabulary_" not in vars(self):
            self._take_vocabulary()
        value = np.asarray(value)
        expected = (len(self.vocabulary_),) if "vocabulary_" in vars(self) else value.shape
        if value.shape != expected or value.ndim != 1:
            wanted = f", shape {expected}" if value.ndim == 1 or value.shape != expected else ""
            raise ParameterError(f"idf_ of shape {value.shape}: expected a number for each term{wanted}")
        if "_tfidf" not in vars(self):
            self._tfidf = self._new_transformer()
        self._tfidf.idf_ = value

    def fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn the vocabulary and how rare each term is.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says. Read once.
        y : ignored

        Returns
        -------
        self
        """
        self._learn_weights(self._learn(raw_documents, matrix=False)[1])
        return self

    def fit_transform(self, raw_documents: Iterable[Any], y: Any = None) -> Any:
        """Learn the vocabulary and weights, and return those of the same documents.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says. Read once.
        y : ignored

        Returns
        -------
        sparse matrix of `dtype`, (n_documents, n_terms)
            CSR, indices of a row in order; int32 indices, or int64 where there are 2**31 weights or more.
        """
        X, frequencies = self._learn(raw_documents, matrix=True)
        self._learn_weights(frequencies)
        return self._weighed(X)

    def partial_fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn from one more part of a stream of documents, as of CountVectorizer. scikit-learn has no such method.

        Parameters
        ----------
        raw_documents : iterable
            More documents, as `input` says.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If the vectorizer was fitted by `fit`, which forgets what it leaves out.
        """
        if "_tfidf" in vars(self) and "_stream" not in vars(self):
            raise ParameterError(
                "partial_fit after fit: fit keeps no frequencies, so begin with partial_fit, or with a clone"
            )
        self._learn_weights(self._learn_more(raw_documents))
        return self

    def transform(self, raw_documents: Iterable[Any]) -> Any:
        """Weigh the known terms of documents.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says.

        Returns
        -------
        sparse matrix of `dtype`, (n_documents, n_terms)
            As of `fit_transform`. Terms that are not in the vocabulary do not count.
        """
        check_is_fitted(self, "_tfidf", msg=f"this {type(self).__name__} is not fitted: call fit first")
        return self._weighed(super().transform(raw_documents))

    def _new_transformer(self) -> TfidfTransformer:
        """A transformer with the parameters of this vectorizer."""
        return TfidfTransformer(
            norm=self.norm,
            use_idf=self.use_idf,
            smooth_idf=self.smooth_idf,
            sublinear_tf=self.sublinear_tf,
            weighting=self.weighting,
            k1=self.k1,
            b=self.b,
            n_jobs=self.n_jobs,
        )

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_dtype(self.dtype, weights=True)
        self._new_transformer()._check_parameters()
        if self.dtype is None or np.dtype(self.dtype) not in (np.float64, np.float32):
            warnings.warn(
                f"dtype={self.dtype!r}: weights are float64 or float32, so float64 is taken", UserWarning, stacklevel=5
            )

    def _weighed(self, X: Any) -> Any:
        """Weights of counts, which are overwritten; counts of another type than floats are counted in it first."""
        X = X.astype(float_dtype(self.dtype), copy=False)
        self._tfidf._weigh(X)
        return X

    def _learn_weights(self, frequencies: Frequencies) -> None:
        """Learn how rare each term is."""
        self._tfidf = self._new_transformer()
        self._tfidf._learn(frequencies, float_dtype(self.dtype))
        self._tfidf.n_features_in_ = len(self.vocabulary_)
