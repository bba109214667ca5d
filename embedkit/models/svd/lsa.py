"""Latent semantic analysis as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from embedkit.checks import check_choice, check_flag, check_integer, check_number
from embedkit.errors import ParameterError
from embedkit.models.base import Documents, TextEstimator
from embedkit.models.cooccurrence.documents import term_document_matrix
from embedkit.models.svd.truncated import truncated_svd
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["LSA"]

WEIGHTINGS = ("tfidf", "log-entropy", "count")


class LSA(ClassNamePrefixFeaturesOutMixin, TextEstimator):
    """Latent semantic analysis, also called latent semantic indexing (LSI): vectors of words and of documents.

    `fit` counts how often each word occurs in each document, weighs the counts, and keeps the largest singular
    values of the matrix X = T S D' of words and documents. `transform` gives documents, old ones or new, their
    place in this space.

    Parameters
    ----------
    vector_size : int, default=100
        Dimensions, no more than there are words or documents.
    weighting : {"tfidf", "log-entropy", "count"}, default="tfidf"
        Count times ln((1 + documents) / (1 + documents with the word)) + 1, documents then scaled to length 1,
        which is scikit-learn's TF-IDF; ln(1 + count) times 1 less the entropy of the word over the documents,
        relative to the largest there could be; the counts.
    tol : float, default=1e-3
        Residuals of the singular triplets to reach, relative to their values.
    min_count : int, default=2
        Words that occur less often are left out.
    max_vocab : int, optional
        At most so many words, the most frequent.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors.
    random_state : int, RandomState instance or None, default=0
        Seed of the first vectors of the iteration.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function that takes a text, its line ends turned into spaces, and returns a list of words. Token lists are
        taken as they are.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are no UTF-8; a `Corpus` keeps what it was made with.
    memory : int, default=4 GiB
        Bytes of word ids that are held in memory; more go to a memory-mapped temporary file.

    Attributes
    ----------
    keyed_vectors_ : KeyedVectors
        The words and T S: their inner products approximate those of the words' rows in X.
    vocabulary_ : Vocabulary
        The words and their counts.
    components_ : ndarray of float32, (vector_size, n_words)
        T', what documents are folded in with.
    word_weights_ : ndarray of float64, (n_words,)
        What the counts of each word are multiplied by.
    singular_values_ : ndarray of float64, (vector_size,)
        Descending.
    residuals_ : ndarray of float64, (vector_size,)
        How far each triplet is from a true one, relative to its singular value.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work, or there are fewer words or documents than `vector_size`.
    InputError
        From `fit`, if the corpus is missing, empty or wrongly encoded.

    References
    ----------
    Deerwester, Dumais, Furnas, Landauer and Harshman (1990), Indexing by latent semantic analysis.
    Dumais (1991), Improving the retrieval of information from external sources: the entropy of a word.

    Examples
    --------
    >>> from embedkit.models.svd.lsa import LSA
    >>> texts = ["cats chase mice", "mice fear cats", "stocks fell", "bonds and stocks fell"]
    >>> vectors = LSA(vector_size=2, min_count=1).fit_transform(texts)
    >>> cosines = vectors @ vectors.T / np.outer(*2 * [np.linalg.norm(vectors, axis=1)])
    >>> abs(cosines.round(1))
    array([[1., 1., 0., 0.],
           [1., 1., 0., 0.],
           [0., 0., 1., 1.],
           [0., 0., 1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        *,
        vector_size: int = 100,
        weighting: str = "tfidf",
        tol: float = 1e-3,
        min_count: int = 2,
        max_vocab: int | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        memory: int = 4 * 2**30,
    ) -> None:
        self.vector_size = vector_size
        self.weighting = weighting
        self.tol = tol
        self.min_count = min_count
        self.max_vocab = max_vocab
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.memory = memory

    def fit(self, X: Documents, y: Any = None) -> Self:
        """Learn the space of a corpus.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            A string or path names a file, a directory or a glob, in which a line is a document. Any other
            iterable yields documents, each a string or a list of words; it is read once.
        y : ignored

        Returns
        -------
        self
        """
        size = check_integer("vector_size", self.vector_size, 1)
        check_choice("weighting", self.weighting, WEIGHTINGS)
        check_number("tol", self.tol, 0.0, strict=True)
        check_flag("lowercase", self.lowercase)
        n_threads = threads_of_jobs(self.n_jobs)
        seed = int(check_random_state(self.random_state).randint(2**31))
        with self._encode(X, min_count=self.min_count, max_vocab=self.max_vocab, keep_empty=True) as encoded:
            vocabulary = encoded.vocabulary
            counts = term_document_matrix(encoded, n_threads=n_threads)
        n_words, n_documents = counts.shape
        if size > min(n_words, n_documents):
            raise ParameterError(
                f"vector_size={size}, but there are {n_words} words in {n_documents} documents: "
                f"use vector_size={min(n_words, n_documents)} or less, or more text"
            )
        word_weights = _word_weights(counts, self.weighting)
        weights = _weigh(counts, self.weighting, word_weights)
        found = truncated_svd(weights, size, tol=self.tol, n_threads=n_threads, seed=seed)
        self.vocabulary_ = vocabulary
        self.word_weights_ = word_weights
        self.components_ = np.ascontiguousarray(found.U.T, np.float32)
        self.singular_values_ = found.singular_values
        self.residuals_ = found.residuals
        vectors = (found.U * found.singular_values).astype(np.float32)
        self.keyed_vectors_ = KeyedVectors(vocabulary.words, vectors, counts=vocabulary.counts)
        return self

    def transform(self, X: Documents) -> np.ndarray:
        """Fold documents in: the weighted counts of their words, times T.

        For the documents of `fit` this is D S, up to rounding: inner products of documents are approximated by
        those of their vectors. (Deerwester et al. divide by S and multiply again to compare.)

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
            As for `fit`.

        Returns
        -------
        ndarray of float32, (n_documents, vector_size)
            Zeros for a document without a known word.
        """
        check_is_fitted(self)
        with self._encode(X, vocabulary=self.vocabulary_, min_count=0, keep_empty=True) as encoded:
            counts = term_document_matrix(encoded, n_threads=threads_of_jobs(self.n_jobs))
        weights = _weigh(counts, self.weighting, self.word_weights_)
        return weights.T @ self.components_.T

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


def _word_weights(counts: csr_array, weighting: str) -> np.ndarray:
    """How much each word tells about documents."""
    n_words, n_documents = counts.shape
    if weighting == "tfidf":
        return np.log((1 + n_documents) / (1 + np.diff(counts.indptr))) + 1
    if weighting == "count" or n_documents == 1:
        return np.ones(n_words)
    rows = np.repeat(np.arange(n_words), np.diff(counts.indptr))
    share = counts.data / counts.sum(axis=1, dtype=np.float64)[rows]
    return np.maximum(1 + np.bincount(rows, share * np.log(share), n_words) / np.log(n_documents), 0.0)


def _weigh(counts: csr_array, weighting: str, word_weights: np.ndarray) -> csr_array:
    """Weighted counts of words in documents, float32."""
    data = np.log1p(counts.data) if weighting == "log-entropy" else counts.data.astype(np.float64)
    data *= np.repeat(word_weights, np.diff(counts.indptr))
    if weighting == "tfidf":
        data /= np.sqrt(np.bincount(counts.indices, data**2, counts.shape[1]))[counts.indices]
    return csr_array((data.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)
