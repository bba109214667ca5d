"""What estimators that read text share: how documents become ids, and ids become document vectors."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from embedkit.checks import check_flag
from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import EncodedCorpus, encode_corpus
from embedkit.text.tokenizers import TokenizerLike
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors
from embedkit.vectors.pooling import mean_vectors

__all__ = ["Documents", "EmbeddingEstimator", "TextEstimator", "after_each"]

Documents = str | os.PathLike[str] | Corpus | Iterable[str | Sequence[str]]
"""A string or path names a file, a directory or a glob, in which a line is a document; any other iterable
yields documents, each a string or a list of words."""


class TextEstimator(TransformerMixin, BaseEstimator):
    """Estimator whose X is text. A subclass stores the parameters that are annotated here."""

    tokenizer: TokenizerLike
    lowercase: bool
    encoding_errors: str
    n_jobs: int | None
    memory: int

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit, then transform the same documents; an iterator is read into a list first.

        Raises
        ------
        InputError
            If `X` is standard input, which can be read only once.
        """
        if isinstance(X, str) and X == "-":
            raise InputError("standard input can be read only once; fit on it, then transform other documents")
        return super().fit_transform(list(X) if isinstance(X, Iterator) else X, y, **fit_params)

    def _encode(self, X: Documents, **settings: Any) -> EncodedCorpus:
        """Documents as word ids; `settings` of `encode_corpus`."""
        return encode_corpus(
            Corpus.from_any(X, encoding_errors=self.encoding_errors),
            tokenizer=self.tokenizer,
            lowercase=check_flag("lowercase", self.lowercase),
            n_threads=threads_of_jobs(self.n_jobs),
            **({"memory": self.memory} | settings),
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class EmbeddingEstimator(ClassNamePrefixFeaturesOutMixin, TextEstimator):
    """Estimator that learns word vectors, and turns a document into the mean of its words' vectors.

    `fit` of a subclass leaves `keyed_vectors_` and `vocabulary_`.
    """

    keyed_vectors_: KeyedVectors
    vocabulary_: Vocabulary

    def transform(self, X: Documents) -> np.ndarray:
        """Mean of the vectors of each document's words.

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
            return mean_vectors(encoded.ids, self.keyed_vectors_.vectors)

    @property
    def _n_features_out(self) -> int:
        return self.keyed_vectors_.vector_size


def after_each(given: Any) -> Callable[[Any], bool]:
    """Make one function of a callable, several or None: it calls all, and is true if one of them wants to stop."""
    callbacks = [given] if callable(given) or given is None else given
    if not isinstance(callbacks, list | tuple) or not all(callable(one) or one is None for one in callbacks):
        raise ParameterError(f"callbacks={given!r}: expected a callable or a list of callables")

    def call_all(report: Any) -> bool:
        answers = [callback(report) for callback in callbacks if callback is not None]
        return any(answers)

    return call_all
