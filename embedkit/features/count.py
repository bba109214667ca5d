"""Documents to counts of their terms."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_array
from sklearn.utils.metadata_routing import UNUSED

from embedkit.checks import check_flag, check_integer
from embedkit.errors import InputError, ParameterError
from embedkit.features.analyzer import DEFAULT_PATTERN, TextAnalyzer, analysis_of, kernel_documents, refuse_string
from embedkit.features.counting import KnownTerms, count_known, count_terms
from embedkit.features.matrices import as_csr, check_dtype, check_indices, csr_rows
from embedkit.features.packing import PackedVocabulary
from embedkit.features.python_road import PythonCounts, count_known_terms
from embedkit.features.stream import Frequencies, TermStream
from embedkit.features.vocabulary import bounds_of_frequency, choose_terms, given_vocabulary
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs

__all__ = ["CountVectorizer"]


class CountVectorizer(PackedVocabulary, TextAnalyzer, BaseEstimator):
    r"""Counts of terms in documents: bag of words, of word n-grams, or of character n-grams.

    Parameters, attributes and results are those of scikit-learn's class of this name, and the work is done by a
    kernel on `n_jobs` threads. Functions of the caller and regular expressions of his own are slower, as Python has
    to call them; logging says so.

    Parameters
    ----------
    input : {"content", "file", "filename"}, default="content"
        What a document is: a string or bytes; an object with `read`; or the path of a file.
    encoding : str, default="utf-8"
        Of documents that are bytes or files.
    decode_error : {"strict", "ignore", "replace"}, default="strict"
        What happens at bytes that are not in the encoding.
    strip_accents : {"ascii", "unicode"}, callable or None, default=None
        Decompose characters (NFKD), and drop what is not ASCII, or what is a combining mark; or a function of a
        text.
    lowercase : bool, default=True
        Lower-case the texts, before accents are stripped.
    preprocessor : callable, optional
        Function of a text, in place of lower-casing and stripping.
    tokenizer : str, re.Pattern or callable, optional
        A name as `embedkit.text.tokenizers` has them, such as "words" or "zh"; or a function that cuts a text into
        words. Only for the analyzer "word", and in the place of `token_pattern`.
    stop_words : {"english", "chinese"}, list of str or None, default=None
        Words that are left out before n-grams are made; only for the analyzer "word".
    token_pattern : str or None, default=r"(?u)\b\w\w+\b"
        Regular expression of a word, or of what is around the one group that is the word; only for the analyzer
        "word". None: runs of word characters of any length, and each Chinese or Japanese character (Han, kana,
        bopomofo) a word of its own.
    ngram_range : tuple of (int, int), default=(1, 1)
        Least and most words, or characters, of a term.
    analyzer : {"word", "char", "char_wb"} or callable, default="word"
        Whether terms are n-grams of words; of characters; or of the characters of each word with a space at either
        end. Or a function that takes a decoded document and returns its terms.
    max_df, min_df : int or float, default=1.0 and 1
        Terms that are in more, or in fewer, documents are left out. An int is a number of documents, a float from
        0 to 1 a share of them.
    max_features : int, optional
        At most so many terms, the most frequent.
    vocabulary : mapping or iterable, optional
        The terms, with their columns or in order of their columns (a set: in order of the terms). `fit` then learns
        none.
    binary : bool, default=False
        One for each term that is there, however often (one-hot).
    dtype : numpy dtype, default=numpy.int64
        Of the counts.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.

    Attributes
    ----------
    vocabulary_ : dict
        Columns of the terms. To change it, assign another dict: `transform` keeps what it made of this one, and notices
        a change in place only by the number of terms.
    fixed_vocabulary_ : bool
        Whether the vocabulary was given.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work or leaves no term.
    InputError
        From `fit` and `transform`, if the documents are one string, or one of them is no text; from `fit`, if they
        have no term.

    Warns
    -----
    UserWarning
        From `fit`, if a parameter has no effect, if stop words do not fit the preprocessing, or if a given term has
        upper-case characters where texts are lower-cased.

    See Also
    --------
    TfidfVectorizer : Weighted by how rare the terms are.
    HashingVectorizer : Without a vocabulary.

    Examples
    --------
    >>> from embedkit.features import CountVectorizer
    >>> vectorizer = CountVectorizer(ngram_range=(1, 2))
    >>> vectorizer.fit_transform(["red fox", "red red hen"]).toarray()
    array([[1, 0, 1, 1, 0, 0],
           [0, 1, 2, 0, 1, 1]])
    >>> vectorizer.get_feature_names_out()
    array(['fox', 'hen', 'red', 'red fox', 'red hen', 'red red'], dtype=object)
    """

    # scikit-learn routes what is no X, y or metadata only where it is told.
    __metadata_request__fit = {"raw_documents": UNUSED}  # noqa: RUF012
    __metadata_request__partial_fit = {"raw_documents": UNUSED}  # noqa: RUF012
    __metadata_request__transform = {"raw_documents": UNUSED}  # noqa: RUF012

    vocabulary_: dict[Any, int]
    fixed_vocabulary_: bool
    _stream: TermStream

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
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Mapping[Any, int] | Iterable[Any] | None = None,
        binary: bool = False,
        dtype: DTypeLike = np.int64,
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
        self.max_df = max_df
        self.min_df = min_df
        self.max_features = max_features
        self.vocabulary = vocabulary
        self.binary = binary
        self.dtype = dtype
        self.n_jobs = n_jobs

    def fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn the vocabulary.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says. Read once.
        y : ignored

        Returns
        -------
        self
        """
        self._learn(raw_documents, matrix=False)
        return self

    def fit_transform(self, raw_documents: Iterable[Any], y: Any = None) -> Any:
        """Learn the vocabulary, and return the counts of the same documents; quicker than one after the other.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says. Read once.
        y : ignored

        Returns
        -------
        sparse matrix of `dtype`, (n_documents, n_terms)
            CSR, indices of a row in order; int32 indices, or int64 where there are 2**31 counts or more.
        """
        return self._learn(raw_documents, matrix=True)[0]

    def partial_fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn from one more part of a stream of documents. scikit-learn has no such method.

        After the last part, the vectorizer is what `fit` on all the documents would have made. In between,
        `max_df`, `min_df` and `max_features` are applied to all documents so far: a float is a share of them, and a
        term that is left out now may be a feature later, so the number and the order of the columns change with
        each part, and there may be no term at first. Frequencies of all terms are kept in memory.

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
        self._learn_more(raw_documents)
        return self

    def transform(self, raw_documents: Iterable[Any]) -> Any:
        """Count the known terms in documents.

        Parameters
        ----------
        raw_documents : iterable
            Documents, as `input` says.

        Returns
        -------
        sparse matrix of `dtype`, (n_documents, n_terms)
            As of `fit_transform`. Terms that are not in the vocabulary do not count.
        """
        refuse_string(raw_documents)
        self._check_vocabulary()
        return self._count_known(raw_documents)

    def inverse_transform(self, X: Any) -> list[np.ndarray]:
        """Return the terms that each row has.

        Parameters
        ----------
        X : sparse matrix or array, (n_documents, n_terms)

        Returns
        -------
        list of ndarrays of str, (n_documents,)
            In order of the columns.

        Raises
        ------
        InputError
            If a column beyond the vocabulary is not 0.
        """
        self._check_vocabulary()
        check_indices(X)
        X = check_array(X, accept_sparse="csr")
        terms = np.array(self._terms_by_column())
        columns = X.indices[X.data != 0] if issparse(X) else np.flatnonzero(X.any(axis=0))
        if columns.max(initial=-1) >= len(terms):
            raise _too_wide(X, len(terms))
        if not issparse(X):
            return [terms[np.flatnonzero(row)] for row in X]
        rows = (slice(*bounds) for bounds in zip(X.indptr, X.indptr[1:], strict=False))
        return [terms[X.indices[row][X.data[row] != 0]] for row in rows]

    def top_terms(self, X: Any, k: int = 10) -> list[list[tuple[Any, float]]]:
        """Return the terms of greatest weight of each row: keywords of the documents. Not in scikit-learn.

        Parameters
        ----------
        X : sparse matrix or array, (n_documents, n_terms)
            Such as `transform` gives.
        k : int, default=10
            At most so many terms; those of weight 0 are no terms of a document.

        Returns
        -------
        list of lists of (term, weight)
            Greatest weight first, and terms of the same weight in order of the columns.

        Raises
        ------
        InputError
            If there are more columns than terms.

        Examples
        --------
        >>> from embedkit.features import TfidfVectorizer
        >>> vectorizer = TfidfVectorizer(norm=None)
        >>> X = vectorizer.fit_transform(["red fox", "red red hen", "red hen fox fox"])
        >>> [[term for term, weight in row] for row in vectorizer.top_terms(X, k=2)]
        [['fox', 'red'], ['red', 'hen'], ['fox', 'hen']]
        """
        check_integer("k", k, 1)
        self._check_vocabulary()
        check_indices(X)
        X = as_csr(check_array(X, accept_sparse="csr"))
        terms = self._terms_by_column()
        if X.shape[1] > len(terms):
            raise _too_wide(X, len(terms))
        found = []
        for start, end in zip(X.indptr, X.indptr[1:], strict=False):
            columns, weights = X.indices[start:end], X.data[start:end]
            order = np.lexsort([columns, -weights.astype(np.float64)])
            order = order[weights[order] != 0][:k]
            found.append(
                [(terms[column], weight) for column, weight in zip(columns[order], weights[order], strict=True)]
            )
        return found

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the terms in order of their columns.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of object, (n_terms,)
        """
        self._check_vocabulary()
        terms = self._terms_by_column()
        names = np.empty(len(terms), object)
        names[:] = terms
        return names

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "_stream" in state:
            state["_stream"] = state["_stream"].state()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_stream" in vars(self):
            self._stream = TermStream.restored(self.__dict__["_stream"])

    @property
    def _matrix_dtype(self) -> np.dtype:
        """Type of the counts in the matrix; None stands for C's int, as in scikit-learn."""
        return np.dtype(np.intc if self.dtype is None else self.dtype)

    def _check_parameters(self) -> None:
        """Raise ParameterError unless the parameters can work."""
        self._check_analysis()
        for name, value in (("max_df", self.max_df), ("min_df", self.min_df)):
            if isinstance(value, float | np.floating):
                if not 0 <= value <= 1:
                    raise ParameterError(f"{name}={value!r}: expected a share of the documents from 0.0 to 1.0")
            else:
                _check_count(name, value)
        if self.max_features is not None:
            _check_count("max_features", self.max_features)
        if self.vocabulary is not None and not isinstance(self.vocabulary, Iterable):
            raise ParameterError(f"vocabulary={self.vocabulary!r}: expected terms, with or without their columns")
        check_flag("binary", self.binary)
        check_dtype(self.dtype, weights=False)

    def _begin(self, raw_documents: object) -> None:
        """Check parameters, and forget what was learned."""
        self._check_parameters()
        refuse_string(raw_documents)
        threads_of_jobs(self.n_jobs)
        self._announce()
        self._notice_chinese(raw_documents)
        self._take_vocabulary()
        if self.fixed_vocabulary_ and self.lowercase:
            self._warn_of_upper_case()
        self.__dict__.pop("_known", None)

    def _learn(self, raw_documents: Iterable[Any], *, matrix: bool) -> tuple[Any, Frequencies]:
        """Learn the vocabulary; the counts, if a matrix is wanted, and the frequencies of the terms."""
        self._begin(raw_documents)
        self.__dict__.pop("_stream", None)
        if self.fixed_vocabulary_:
            X = self._count_known(raw_documents)
            return X, self._frequencies_of(X)
        counts = self._count(raw_documents)
        if not len(counts.document_frequency):
            raise InputError("empty vocabulary; perhaps the documents only contain stop words")
        least, most = bounds_of_frequency(self.min_df, self.max_df, counts.n_documents)
        if most < least:
            raise ParameterError(
                f"max_df={self.max_df!r} stands for fewer documents than min_df={self.min_df!r} among "
                f"{counts.n_documents}: no term can be in as many"
            )
        order = self._choose(counts, least, most)
        if not len(order):
            raise ParameterError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
        frequencies = self._frequencies(counts, order)
        if not matrix:
            return None, frequencies
        columns = np.full(len(counts.document_frequency), -1, np.int32)
        columns[order] = np.arange(len(order), dtype=np.int32)
        rows = counts.matrix(columns, len(order), self._matrix_dtype)
        return csr_rows(rows, len(order), self._matrix_dtype, binary=self.binary), frequencies

    def _learn_more(self, raw_documents: Iterable[Any]) -> Frequencies:
        """Learn from more documents; the frequencies of the terms in all so far."""
        if "_stream" not in vars(self):
            if "vocabulary_" in vars(self) and not self.fixed_vocabulary_:
                raise ParameterError(
                    "partial_fit after fit: fit forgets the terms that it leaves out, "
                    "so begin with partial_fit, or with a clone of the vectorizer"
                )
            self._begin(raw_documents)
            stream = TermStream()
        else:
            refuse_string(raw_documents)
            self.__dict__.pop("_known", None)
            stream = self._stream
        if self.fixed_vocabulary_:
            X = self._count_known(raw_documents)
            documents = np.bincount(X.indices, minlength=X.shape[1])
            stream.add(X.shape[0], self._terms_by_column(), documents, np.asarray(X.sum(axis=0), np.int64).ravel())
            order = np.array([stream.numbers[term] for term in self._terms_by_column()], np.int64)
            frequencies = self._frequencies(stream, order, learn=False)
        else:
            counts = self._count(raw_documents)
            numbers = np.arange(len(counts.document_frequency))
            stream.add(counts.n_documents, counts.terms(numbers), counts.document_frequency, counts.term_frequency)
            bounds = bounds_of_frequency(self.min_df, self.max_df, stream.n_documents)
            frequencies = self._frequencies(stream, self._choose(stream, *bounds))
        self._stream = stream
        return frequencies

    def _choose(self, table: Any, least: float, most: float) -> np.ndarray:
        """Numbers of the terms that become features."""
        return choose_terms(table, least, most, self.max_features, binary=self.binary, dtype=self._matrix_dtype)

    def _frequencies(self, table: Any, order: np.ndarray, *, learn: bool = True) -> Frequencies:
        """Frequencies of the terms with these numbers, which become the vocabulary if it is learned."""
        if learn:
            self.vocabulary_ = dict(zip(table.terms(order), range(len(order)), strict=True))
        documents = table.document_frequency[order]
        occurrences = documents if self.binary or self._matrix_dtype.kind == "b" else table.term_frequency[order]
        return Frequencies(table.n_documents, documents, float(occurrences.sum()))

    def _frequencies_of(self, X: Any) -> Frequencies:
        """Frequencies of the columns of a matrix of counts."""
        return Frequencies(X.shape[0], np.bincount(X.indices, minlength=X.shape[1]), float(X.sum()))

    def _count(self, raw_documents: Iterable[Any]) -> Any:
        """Count documents of an unknown vocabulary."""
        analysis = analysis_of(self)
        if analysis is None:
            return PythonCounts(map(self.build_analyzer(), raw_documents))
        return count_terms(kernel_documents(self, raw_documents), analysis, threads_of_jobs(self.n_jobs))

    def _count_known(self, raw_documents: Iterable[Any]) -> Any:
        """Count documents over the vocabulary."""
        analysis = analysis_of(self)
        n_columns, dtype = len(self.vocabulary_), self._matrix_dtype
        if analysis is None:
            rows = count_known_terms(map(self.build_analyzer(), raw_documents), self.vocabulary_, dtype)
        else:
            # Making a large vocabulary ready takes longer than counting a short text.
            known = vars(self).get("_known")
            if known is None or known[0] is not self.vocabulary_ or known[1:3] != (n_columns, analysis):
                strings = {str(term): column for term, column in self.vocabulary_.items() if isinstance(term, str)}
                known = self._known = (self.vocabulary_, n_columns, analysis, KnownTerms(strings, analysis))
            documents = kernel_documents(self, raw_documents)
            rows = count_known(documents, known[3], n_columns, threads_of_jobs(self.n_jobs), dtype)
        return csr_rows(rows, n_columns, dtype, binary=self.binary)

    def _terms_by_column(self) -> list[Any]:
        """The terms in order of their columns."""
        return sorted(self.vocabulary_, key=self.vocabulary_.__getitem__)

    def _check_vocabulary(self) -> None:
        """Take the vocabulary that was given, if none was learned; raise if there is none."""
        if "vocabulary_" not in vars(self):
            self._take_vocabulary()
            if not self.fixed_vocabulary_:
                raise NotFittedError(f"this {type(self).__name__} has no vocabulary: call fit, or give it one")
        if not self.vocabulary_:
            raise InputError("the vocabulary is empty: no term so far is in enough documents")

    def _warn_of_upper_case(self) -> None:
        """Warn if a term of the vocabulary is in no text, because texts are lower-cased."""
        unmatched = next((term for term in self.vocabulary_ if _has_upper_case(term)), None)
        if unmatched is not None:
            warnings.warn(
                f"vocabulary has terms with upper-case characters, such as {unmatched!r}, which no text has with "
                "lowercase=True: lower-case them, or set lowercase=False",
                UserWarning,
                stacklevel=5,
            )

    def _take_vocabulary(self) -> None:
        """Take the vocabulary that was given, if one was, and check it."""
        self.fixed_vocabulary_ = self.vocabulary is not None
        if self.vocabulary is not None:
            self.vocabulary_ = given_vocabulary(self.vocabulary)


def _has_upper_case(term: Any) -> bool:
    """Whether a character of a string, or a part of a tuple, is upper-case."""
    return isinstance(term, str | tuple) and any(isinstance(part, str) and part.isupper() for part in term)


def _check_count(name: str, value: object) -> None:
    """Raise ParameterError unless a value is a whole number of at least 1; True is one, as in scikit-learn."""
    if value is not True:
        check_integer(name, value, 1)


def _too_wide(X: Any, n_terms: int) -> InputError:
    """The error of a matrix with columns that stand for no term."""
    return InputError(
        f"X has {X.shape[1]} columns, and the vocabulary has {n_terms} terms: expected a matrix of this vectorizer"
    )
