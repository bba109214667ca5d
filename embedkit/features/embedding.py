"""Documents as pooled word vectors, as a scikit-learn transformer."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from embedkit.checks import check_choice, check_flag, check_number
from embedkit.errors import InputError, ParameterError
from embedkit.features.packing import pack_terms, unpack_terms
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import EncodedCorpus, encode_corpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors
from embedkit.vectors.pooling import (
    common_component,
    document_lengths,
    max_vectors,
    mean_vectors,
    min_vectors,
    sum_vectors,
)

__all__ = ["EmbeddingVectorizer"]

POOLINGS = ("mean", "sum", "max", "min-mean-max", "tfidf", "sif")
# Poolings for which `fit` learns from the documents.
LEARNED = ("tfidf", "sif")
UNKNOWN = ("zero", "nan", "error")


class EmbeddingVectorizer(TransformerMixin, BaseEstimator):
    """Documents to the pooled vectors of their words.

    Parameters
    ----------
    keyed_vectors : KeyedVectors or path
        The word vectors, or a file of them that `KeyedVectors.load` reads. Words without a vector are passed over.
    pooling : {"mean", "sum", "max", "min-mean-max", "tfidf", "sif"}, default="mean"
        Mean or sum of the vectors of all words; the largest number in each dimension; the smallest, the mean and the
        largest, side by side; the mean with each word weighted by its inverse document frequency
        ln((1 + documents) / (1 + documents with the word)) + 1; or smooth inverse frequency, which weighs a word of
        relative frequency p by a / (a + p), and takes away the direction that the documents have in common.
        Frequencies and direction are those of the documents of `fit`.
    sif_a : float, default=1e-3
        The a of smooth inverse frequency.
    unknown : {"zero", "nan", "error"}, default="zero"
        What becomes of a document without a known word: zeros, NaN, or an InputError that names it.
    tokenizer : str, re.Pattern or callable, default="words"
        How a text becomes words: a name such as "words" or "zh" (see `embedkit.text.tokenizers`), a pattern, or a
        function that takes a text and returns a list of words. Take what the vectors were trained with. Token lists
        are taken as they are.
    lowercase : bool, default=True
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at NUL and at lone surrogates.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. The result does not depend on them.

    Attributes
    ----------
    keyed_vectors_ : KeyedVectors
    word_weights_ : ndarray of float64, (n_words,)
        Of each word of `keyed_vectors_`; only with pooling="tfidf" and "sif".
    common_component_ : ndarray of float32, (vector_size,)
        What is taken away from each document, of length 1; only with pooling="sif".

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work.
    InputError
        From `fit`, if no word of any document has a vector.

    References
    ----------
    Arora, Liang and Ma (2017), A simple but tough-to-beat baseline for sentence embeddings, algorithm 1 (SIF).

    Examples
    --------
    >>> from embedkit import KeyedVectors
    >>> vectors = KeyedVectors(["good", "film", "bad"], [[1, 0], [0, 2], [-1, 0]])
    >>> EmbeddingVectorizer(vectors).fit_transform(["A good film!", "bad, bad film", "boring"])
    array([[ 0.5      ,  1.       ],
           [-0.6666667,  0.6666667],
           [ 0.       ,  0.       ]], dtype=float32)
    """

    keyed_vectors_: KeyedVectors

    def __init__(
        self,
        keyed_vectors: KeyedVectors | str | os.PathLike[str] | None = None,
        *,
        pooling: str = "mean",
        sif_a: float = 1e-3,
        unknown: str = "zero",
        tokenizer: TokenizerLike = "words",
        lowercase: bool = True,
        encoding_errors: str = "strict",
        n_jobs: int | None = None,
    ) -> None:
        self.keyed_vectors = keyed_vectors
        self.pooling = pooling
        self.sif_a = sif_a
        self.unknown = unknown
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.n_jobs = n_jobs

    def fit(self, X: Iterable[str | Sequence[str]], y: Any = None) -> Self:
        """Load the vectors, and learn what the pooling needs to know of the documents.

        Parameters
        ----------
        X : iterable of str or of lists of str
            The documents.
        y : ignored

        Returns
        -------
        self
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Iterable[str | Sequence[str]], y: Any = None) -> np.ndarray:
        """Fit, and transform the same documents, which are read once.

        Parameters
        ----------
        X : iterable of str or of lists of str
        y : ignored

        Returns
        -------
        ndarray of float32, (n_documents, n_features_out)
        """
        return self._with_unknown(*self._fit(X))

    def transform(self, X: Iterable[str | Sequence[str]]) -> np.ndarray:
        """Pool the vectors of each document's words.

        Parameters
        ----------
        X : iterable of str or of lists of str

        Returns
        -------
        ndarray of float32, (n_documents, n_features_out)
            Three times the size of the vectors with pooling="min-mean-max", otherwise once.

        Raises
        ------
        InputError
            If a document has no known word and `unknown` is "error", or is neither a string nor a list of strings.
        NotFittedError
            If `pooling` was set, since `fit`, to one that has to learn from documents.
        """
        check_is_fitted(self)
        check_choice("pooling", self.pooling, POOLINGS)
        learned = vars(self).get("_learned_pooling")
        if self.pooling in LEARNED and self.pooling != learned:
            raise NotFittedError(
                f"pooling={self.pooling!r} was set after fit, which has to learn for it: call fit again"
            )
        with self._encode(X) as encoded:
            lengths = document_lengths(encoded.ids)
            pooled = self._pooled(encoded.ids, lengths)
        if self.pooling == "sif":
            pooled -= np.outer(pooled @ self.common_component_, self.common_component_)
        return self._with_unknown(pooled, lengths)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns: ``embeddingvectorizer0`` and so on; with "min-mean-max", ``..._min0`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of object, (n_features_out,)
        """
        check_is_fitted(self)
        prefix = type(self).__name__.lower()
        parts = [f"{prefix}_{part}" for part in ("min", "mean", "max")] if self.pooling == "min-mean-max" else [prefix]
        size = range(self.keyed_vectors_.vector_size)
        return np.array([f"{part}{i}" for part in parts for i in size], dtype=object)

    def _fit(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Learn from the documents; their pooled vectors, and how many known words each has."""
        check_choice("pooling", self.pooling, POOLINGS)
        check_number("sif_a", self.sif_a, 0.0, strict=True)
        check_choice("unknown", self.unknown, UNKNOWN)
        check_flag("lowercase", self.lowercase)
        self.keyed_vectors_ = _loaded(self.keyed_vectors)
        with self._encode(X) as encoded:
            lengths = document_lengths(encoded.ids)
            if not lengths.any():
                raise InputError(
                    f"no word of the {len(lengths)} documents has a vector; the vectors begin with "
                    f"{self.keyed_vectors_.index_to_key[:3]}: use the tokenizer and the case they were trained with"
                )
            if self.pooling == "tfidf":
                self.word_weights_ = _inverse_document_frequencies(encoded.ids, lengths, len(self.keyed_vectors_))
            elif self.pooling == "sif":
                counts = np.bincount(encoded.ids[encoded.ids >= 0], minlength=len(self.keyed_vectors_))
                self.word_weights_ = self.sif_a / (self.sif_a + counts / encoded.n_words)
            self._learned_pooling = self.pooling
            pooled = self._pooled(encoded.ids, lengths)
        if self.pooling == "sif":
            self.common_component_ = common_component(pooled)
            pooled -= np.outer(pooled @ self.common_component_, self.common_component_)
        return pooled, lengths

    def _encode(self, X: Any) -> EncodedCorpus:
        words = self.keyed_vectors_.index_to_key
        return encode_corpus(
            Corpus.from_documents(X, encoding_errors=self.encoding_errors),
            tokenizer=self.tokenizer,
            lowercase=self.lowercase,
            vocabulary=Vocabulary.from_ordered(words, np.zeros(len(words), np.int64)),
            min_count=0,
            keep_empty=True,
            n_threads=threads_of_jobs(self.n_jobs),
        )

    def _pooled(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Pooled vectors before any direction is taken away."""
        vectors, n_threads = self.keyed_vectors_.vectors, threads_of_jobs(self.n_jobs)
        if self.pooling == "mean":
            return mean_vectors(ids, vectors, n_threads=n_threads)
        if self.pooling == "tfidf":
            return mean_vectors(ids, vectors, self.word_weights_, n_threads=n_threads)
        if self.pooling == "max":
            return max_vectors(ids, vectors)
        if self.pooling == "min-mean-max":
            mean = mean_vectors(ids, vectors, n_threads=n_threads)
            return np.hstack([min_vectors(ids, vectors), mean, max_vectors(ids, vectors)])
        weights = self.word_weights_ if self.pooling == "sif" else None
        total = sum_vectors(ids, vectors, weights, n_threads=n_threads)
        return total if self.pooling == "sum" else total / np.maximum(lengths, 1).astype(np.float32)[:, None]

    def _with_unknown(self, pooled: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """What `unknown` says about documents without a known word; they are zero so far."""
        empty = np.flatnonzero(lengths == 0)
        if len(empty) and self.unknown == "error":
            raise InputError(
                f"documents[{empty[0]}] has no word with a vector (so it is with {len(empty)} of {len(lengths)} "
                "documents): leave them out, or use unknown='zero'"
            )
        if self.unknown == "nan":
            pooled[empty] = np.nan
        return pooled

    def __getstate__(self) -> dict[str, Any]:
        # As arrays: pickle and skops would visit each word. What was given and what is in use are one object, unless
        # a file was named; its name is kept.
        state = dict(super().__getstate__())
        given, used = self.keyed_vectors, state.pop("keyed_vectors_", None)
        state["_shared"] = used is given and used is not None
        state["keyed_vectors"] = _packed(given) if isinstance(given, KeyedVectors) else _name(given)
        if used is not None and used is not given:
            state["_used"] = _packed(used)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        shared, used = state.pop("_shared"), state.pop("_used", None)
        if isinstance(state["keyed_vectors"], dict):
            state["keyed_vectors"] = _unpacked(state["keyed_vectors"])
        if shared:
            state["keyed_vectors_"] = state["keyed_vectors"]
        elif used is not None:
            state["keyed_vectors_"] = _unpacked(used)
        super().__setstate__(state)

    def __sklearn_clone__(self) -> Self:
        # A copy for every fold of a cross-validation would not fit into memory; fitting does not change the vectors.
        return type(self)(**self.get_params(deep=False))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _loaded(given: Any) -> KeyedVectors:
    """The vectors that were given, or those of the file that was named."""
    if isinstance(given, KeyedVectors):
        return given
    if isinstance(given, str | os.PathLike):
        return KeyedVectors.load(given)
    raise ParameterError(
        f"keyed_vectors is {type(given).__name__}, expected KeyedVectors or the path of a file of them"
    )


def _packed(vectors: KeyedVectors) -> dict[str, Any]:
    """Words and vectors as arrays."""
    return {"words": pack_terms(vectors.index_to_key), "vectors": np.asarray(vectors.vectors), "counts": vectors.counts}


def _unpacked(packed: dict[str, Any]) -> KeyedVectors:
    # What was loaded with allow_nonfinite once need not be refused now.
    return KeyedVectors(unpack_terms(packed["words"]), packed["vectors"], counts=packed["counts"], allow_nonfinite=True)


def _name(given: Any) -> Any:
    """A path as a string, which every machine can read."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


def _inverse_document_frequencies(ids: np.ndarray, lengths: np.ndarray, n_words: int) -> np.ndarray:
    """ln((1 + documents) / (1 + documents with the word)) + 1 of each word."""
    documents = np.repeat(np.arange(len(lengths)), lengths)
    pairs = np.unique(documents * n_words + ids[ids >= 0])
    return np.log((1 + len(lengths)) / (1 + np.bincount(pairs % n_words, minlength=n_words))) + 1
