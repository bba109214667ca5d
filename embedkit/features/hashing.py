"""Documents to counts of their terms in hashed columns."""

from collections.abc import Callable, Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction import FeatureHasher

from embedkit.checks import check_flag, check_integer
from embedkit.errors import ParameterError
from embedkit.features.analyzer import DEFAULT_PATTERN, TextAnalyzer, analysis_of, kernel_documents, refuse_string
from embedkit.features.counting import hash_terms
from embedkit.features.matrices import check_dtype, csr_rows, float_dtype
from embedkit.features.rows import weigh_rows
from embedkit.features.tfidf_transformer import check_norm
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs

__all__ = ["HashingVectorizer"]


class HashingVectorizer(TextAnalyzer, TransformerMixin, BaseEstimator):
    r"""Counts of terms in columns that a hash of each term gives: no vocabulary, nothing to learn.

    Parameters and results are those of scikit-learn's class of this name, and the work is done by a kernel on
    `n_jobs` threads. Different terms may share a column, and which terms a column stands for is not known. Terms with
    a lone surrogate, for which scikit-learn raises UnicodeEncodeError, are hashed as the three bytes that UTF-8 would
    have for it.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, stop_words, token_pattern, \
ngram_range, analyzer
        As of CountVectorizer.
    n_features : int, default=2**20
        Columns.
    binary : bool, default=False
        One for each column that a term of the document falls in, however often.
    norm : {"l1", "l2"} or None, default="l2"
        Scale the rows to a sum of absolute values, or of squares, of 1.
    alternate_sign : bool, default=True
        Count terms whose hash is negative negatively, so that terms that share a column tend to cancel out.
    dtype : numpy dtype, default=numpy.float64
        Of the values: counted in it, and float64 where rows are scaled, unless it is float32. Signs need a type that
        has negative numbers; with bool, each column that a term falls in is True.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.

    Raises
    ------
    ParameterError
        If a parameter cannot work.
    InputError
        If the documents are one string, or one of them is no text.

    References
    ----------
    Weinberger, Dasgupta, Langford, Smola and Attenberg (2009), Feature hashing for large scale multitask learning.

    Examples
    --------
    >>> from embedkit.features import HashingVectorizer
    >>> vectorizer = HashingVectorizer(n_features=8, norm=None)
    >>> vectorizer.transform(["red fox", "red red hen"]).toarray()
    array([[ 0.,  0.,  0., -1.,  0.,  0.,  0., -1.],
           [ 0.,  1.,  0., -2.,  0.,  0.,  0.,  0.]])
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
        stop_words: str | list[str] | None = None,
        token_pattern: str | None = DEFAULT_PATTERN,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: str | Callable[[Any], Iterable[Any]] = "word",
        n_features: int = 2**20,
        binary: bool = False,
        norm: str | None = "l2",
        alternate_sign: bool = True,
        dtype: DTypeLike = np.float64,
        n_jobs: int | None = None,
    ) -> None:
        self.input = input
        self.encoding = encoding
        self.decode_error = decode_error
        self.strip_accents = strip_accents
        self.lowercase = lowercase
        self.preprocessor = preprocessor
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.token_pattern = token_pattern
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.n_features = n_features
        self.binary = binary
        self.norm = norm
        self.alternate_sign = alternate_sign
        self.dtype = dtype
        self.n_jobs = n_jobs

    def fit(self, X: Iterable[Any], y: Any = None) -> Self:
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        X : iterable
            Documents; a list of them is looked at to tell whether it is Chinese without spaces.
        y : ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        refuse_string(X)
        self._announce()
        self._notice_chinese(X)
        return self

    def partial_fit(self, X: Iterable[Any], y: Any = None) -> Self:
        """Check the parameters, as `fit` does: a stream can be transformed part by part.

        Parameters
        ----------
        X : iterable
            Documents; they are not read.
        y : ignored

        Returns
        -------
        self
        """
        return self.fit(X)

    def fit_transform(self, X: Iterable[Any], y: Any = None) -> Any:
        """Check the parameters, and hash documents.

        Parameters
        ----------
        X : iterable
            Documents, as `input` says. Read once.
        y : ignored

        Returns
        -------
        sparse matrix, (n_documents, n_features)
            As of `transform`.
        """
        return self.fit(X).transform(X)

    def transform(self, X: Iterable[Any]) -> Any:
        """Hash documents.

        Parameters
        ----------
        X : iterable
            Documents, as `input` says.

        Returns
        -------
        sparse matrix of `dtype`, (n_documents, n_features)
            CSR, indices of a row in order. Terms that cancel out leave a stored 0. Where rows are scaled, a `dtype`
            that is not of floats becomes float64.
        """
        self._check_parameters()
        refuse_string(X)
        n_threads = threads_of_jobs(self.n_jobs)
        analysis = analysis_of(self)
        # In bool, -1 is True as 1 is, and they do not cancel out.
        signed = self.alternate_sign and np.dtype(self.dtype).kind != "b"
        if analysis is None:
            hasher = FeatureHasher(self.n_features, input_type="string", dtype=self.dtype, alternate_sign=signed)
            analyze = self.build_analyzer()
            documents = [list(map(_hashed_as, analyze(document))) for document in X]
            hashed = hasher.transform(documents or [[]])[: len(documents)]  # the hasher takes no empty list
            hashed.sort_indices()
            rows = hashed.data, hashed.indices, hashed.indptr
        else:
            rows = hash_terms(kernel_documents(self, X), analysis, int(self.n_features), signed, n_threads, self.dtype)
        hashed = csr_rows(rows, int(self.n_features), self.dtype, binary=self.binary)
        if self.norm is not None:
            hashed = hashed.astype(float_dtype(self.dtype), copy=False)
            weigh_rows(hashed.data, hashed.indices, hashed.indptr, None, self.norm, n_threads)
        return hashed

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags

    def _check_parameters(self) -> None:
        """Raise ParameterError unless the parameters can work."""
        self._check_analysis()
        if self.n_features is not True:  # 1, as in scikit-learn
            check_integer("n_features", self.n_features, 1, 2**31 - 2)
        check_flag("binary", self.binary)
        check_norm(self.norm)
        check_dtype(self.dtype, weights=self.norm is not None)
        if check_flag("alternate_sign", self.alternate_sign) and np.dtype(self.dtype).kind == "u":
            raise ParameterError(
                f"dtype={self.dtype!r} has no negative numbers: give another type, or alternate_sign=False"
            )
        threads_of_jobs(self.n_jobs)


def _hashed_as(term: Any) -> Any:
    """The bytes that the kernel hashes, for a string that may have no UTF-8; anything else as it is."""
    if isinstance(term, str) and not term.isascii():
        return term.encode("utf-8", "surrogatepass")
    return term
