"""Phrases found and joined, as a scikit-learn transformer from texts to lists of words, or to texts."""

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from embedkit.checks import check_choice, check_flag
from embedkit.errors import InputError
from embedkit.features.packing import pack_terms, unpack_terms
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import DOCUMENT_END, EncodedCorpus, encode_corpus
from embedkit.text.phrases import Phrase, PhraseSettings, PhraseTable, apply_phrases, join_phrases
from embedkit.text.tokenizers import TokenizerLike
from embedkit.threads import threads_of_jobs

__all__ = ["Phrases"]

Documents = str | os.PathLike[str] | Corpus | Iterable[str | Sequence[str]]

OUTPUTS = ("tokens", "text")

# A document that has a word, so that others may have none.
NOT_EMPTY = ["."]


class Phrases(TransformerMixin, BaseEstimator):
    """Texts to lists of words, or to texts, in which words that belong together are one: new_york.

    What is learned is which words stand together more often than chance has it; see
    `embedkit.text.phrases.PhraseSettings` for the scores. A document of X is a string or a list of words; a string or
    path in the place of X names a file, a directory or a glob, in which a line is a document.

    Parameters
    ----------
    min_count : int, default=5
        Pairs that occur less often are no phrases.
    threshold : float, optional
        A phrase has a higher score; fewer phrases the higher it is. None is 100 for "word2phrase", 10 for "gensim" and
        0.5 for "npmi".
    scoring : {"word2phrase", "gensim", "npmi"}, default="word2phrase"
        The scores of word2phrase, of gensim by default, or normalised pointwise mutual information, from -1 to 1.
    passes : int, default=1
        The second pass joins pairs of what the first one made, new_york and times, and so on.
    delimiter : str, default="_"
        Stands between the words of a phrase.
    connector_words : collection of str, optional
        Words that neither begin nor end a phrase and may stand inside, as in bank_of_america;
        `embedkit.text.phrases.ENGLISH_CONNECTOR_WORDS` is one.
    tokenizer : str, re.Pattern or callable, default="whitespace"
        How a text becomes words. Token lists are taken as they are.
    lowercase : bool, default=False
        Lower-case the words.
    encoding_errors : {"strict", "replace", "ignore"}, default="strict"
        What happens at bytes that are not UTF-8, at NUL and at lone surrogates.
    output : {"tokens", "text"}, default="tokens"
        What becomes of a document: a list of words, as Word2Vec takes it, or a string of the words with spaces between,
        as vectorizers and classifiers take it. A vectorizer cuts the string anew, in its own way; whitespace as its
        tokenizer gives just these words. Lists of words go to a vectorizer with ``tokenizer=list, lowercase=False``.
    n_jobs : int, optional
        Threads; None is 1 and -1 all processors. The result does not depend on them.

    Attributes
    ----------
    phrases_ : dict
        From phrase to score.
    table_ : PhraseTable
        The phrases of each pass, with their words and counts.

    Raises
    ------
    ParameterError
        From `fit`, if a parameter cannot work.
    InputError
        From `fit`, if there are no words; from `transform` with output="text", if a word holds white space.

    References
    ----------
    Mikolov, Sutskever, Chen, Corrado and Dean (2013), Distributed Representations of Words and Phrases and their
    Compositionality, section 4.

    Examples
    --------
    >>> texts = ["in new york", "new york is big", "a big day in the city"]
    >>> phrases = Phrases(min_count=1, threshold=2).fit(texts)
    >>> phrases.phrases_
    {'new_york': 3.25}
    >>> phrases.transform(["she left new york"])
    [['she', 'left', 'new_york']]

    A vectorizer behind it takes texts:

    >>> from sklearn.pipeline import make_pipeline
    >>> from embedkit.features import TfidfVectorizer
    >>> model = make_pipeline(Phrases(min_count=1, threshold=2, output="text"), TfidfVectorizer())
    >>> model.fit_transform(texts).shape
    (3, 7)
    >>> model[-1].get_feature_names_out().tolist()
    ['big', 'city', 'day', 'in', 'is', 'new_york', 'the']
    """

    phrases_: dict[str, float]
    table_: PhraseTable

    def __init__(
        self,
        *,
        min_count: int = 5,
        threshold: float | None = None,
        scoring: str = "word2phrase",
        passes: int = 1,
        delimiter: str = "_",
        connector_words: Collection[str] | None = None,
        tokenizer: TokenizerLike = "whitespace",
        lowercase: bool = False,
        encoding_errors: str = "strict",
        output: str = "tokens",
        n_jobs: int | None = None,
    ) -> None:
        self.min_count = min_count
        self.threshold = threshold
        self.scoring = scoring
        self.passes = passes
        self.delimiter = delimiter
        self.connector_words = connector_words
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.encoding_errors = encoding_errors
        self.output = output
        self.n_jobs = n_jobs

    def fit(self, X: Documents, y: Any = None) -> Self:
        """Find the phrases of documents.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
        y : ignored

        Returns
        -------
        self
        """
        self._fit(X).close()
        return self

    def fit_transform(self, X: Documents, y: Any = None) -> list[list[str]] | list[str]:
        """Find the phrases of documents and join them; the documents are read once.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents
        y : ignored

        Returns
        -------
        list of lists of str, or list of str
            The words and phrases of each document, as `output` says.
        """
        with self._fit(X) as joined:
            return self._documents(joined)

    def transform(self, X: Documents) -> list[list[str]] | list[str]:
        """Join the phrases of other documents.

        Parameters
        ----------
        X : str, path, Corpus or iterable of documents

        Returns
        -------
        list of lists of str, or list of str
            The words and phrases of each document, as `output` says.
        """
        check_is_fitted(self)
        check_choice("output", self.output, OUTPUTS)
        if isinstance(X, str | os.PathLike | Corpus) or not isinstance(X, Iterable):
            return self._joined(X)
        documents = list(X)
        if documents and isinstance(documents[0], os.PathLike):
            return self._joined(documents)
        return self._joined([*documents, NOT_EMPTY])[:-1]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the phrases as lines of phrase, score, count, words and pass, with tabs between.

        The file appears complete or not at all; it is compressed if its name ends in ``.gz``, ``.bz2`` or ``.xz``.

        Raises
        ------
        FormatError
            If a word holds white space or NUL, or a lone surrogate.
        OutputError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = pathlib.Path(folder.name) / "phrases.tsv"
        >>> Phrases(min_count=1, threshold=2).fit(["in new york", "new york is big", "a big day"]).save(path)
        >>> path.read_text().split()[-6:]
        ['new_york', '2.5', '2', 'new', 'york', '1']
        >>> folder.cleanup()
        """
        check_is_fitted(self)
        self.table_.save(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], **parameters: Any) -> Self:
        """Make a fitted transformer of the phrases that `save`, or ``embedkit train-w2v --save-phrases``, wrote.

        Parameters
        ----------
        path : str or path-like
        **parameters
            Of the class: how texts become words is not in the file.

        Raises
        ------
        InputError
            If the file is missing or may not be read.
        FormatError
            If it is no file of phrases.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = pathlib.Path(folder.name) / "phrases.tsv"
        >>> Phrases(min_count=1, threshold=2).fit(["in new york", "new york is big", "a big day"]).save(path)
        >>> Phrases.load(path, lowercase=True).transform(["New York at night"])
        [['new_york', 'at', 'night']]
        >>> folder.cleanup()
        """
        table = PhraseTable.load(path)
        phrases = cls(**{"delimiter": table.delimiter, "passes": max(len(table.passes), 1), **parameters})
        phrases._keep(table)
        return phrases

    def _fit(self, X: Documents) -> EncodedCorpus:
        """Find the phrases; the documents with all of them joined."""
        check_choice("output", self.output, OUTPUTS)
        connectors = frozenset() if self.connector_words is None else self.connector_words
        settings = PhraseSettings(self.min_count, self.threshold, self.scoring, self.passes, self.delimiter, connectors)
        settings.validate()
        joined = join_phrases(
            self._encode(X), settings, min_count=1, keep_empty=True, n_threads=threads_of_jobs(self.n_jobs)
        )
        self._keep(joined.phrases)
        return joined

    def _keep(self, table: PhraseTable) -> None:
        self.table_ = table
        self.phrases_ = table.scores

    def _joined(self, X: Documents) -> list[list[str]] | list[str]:
        with apply_phrases(self._encode(X), self.table_, n_threads=threads_of_jobs(self.n_jobs)) as joined:
            return self._documents(joined)

    def _documents(self, joined: EncodedCorpus) -> list[list[str]] | list[str]:
        if self.output == "tokens":
            return _word_lists(joined)
        for word in joined.vocabulary:
            if word.split() != [word]:
                raise InputError(
                    f"the word {word!r} holds white space, and would become several words in output='text'; set "
                    "output='tokens', or another tokenizer"
                )
        return list(map(" ".join, _word_lists(joined)))

    def _encode(self, X: Documents) -> EncodedCorpus:
        return encode_corpus(
            Corpus.from_any(X, encoding_errors=self.encoding_errors),
            tokenizer=self.tokenizer,
            lowercase=check_flag("lowercase", self.lowercase),
            min_count=1,
            keep_empty=True,
            n_threads=threads_of_jobs(self.n_jobs),
        )

    def __getstate__(self) -> dict[str, Any]:
        # As arrays: pickle and skops would visit each phrase.
        state = dict(super().__getstate__())
        state.pop("phrases_", None)
        table = state.pop("table_", None)
        if table is not None:
            state["_packed"] = {"delimiter": table.delimiter, "passes": [_packed(phrases) for phrases in table.passes]}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        packed = state.pop("_packed", None)
        super().__setstate__(state)
        if packed is not None:
            self._keep(PhraseTable([_unpacked(phrases) for phrases in packed["passes"]], packed["delimiter"]))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _word_lists(encoded: EncodedCorpus) -> list[list[str]]:
    """The words of each document."""
    words = np.array(encoded.vocabulary.words, object)
    documents, begin = [], 0
    for end in np.flatnonzero(encoded.ids == DOCUMENT_END).tolist():
        documents.append(words[encoded.ids[begin:end]].tolist())
        begin = end + 1
    return documents


def _packed(phrases: list[Phrase]) -> dict[str, Any]:
    """The phrases of a pass as arrays."""
    return {
        "parts": pack_terms([part for phrase in phrases for part in phrase.parts]),
        "lengths": np.array([len(phrase.parts) for phrase in phrases], np.int32),
        "scores": np.array([phrase.score for phrase in phrases], np.float64),
        "counts": np.array([phrase.count for phrase in phrases], np.int64),
    }


def _unpacked(packed: dict[str, Any]) -> list[Phrase]:
    parts = iter(unpack_terms(packed["parts"]))
    return [
        Phrase(tuple(next(parts) for _ in range(length)), score, count)
        for length, score, count in zip(
            packed["lengths"].tolist(), packed["scores"].tolist(), packed["counts"].tolist(), strict=True
        )
    ]
