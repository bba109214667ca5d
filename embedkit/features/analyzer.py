"""From a document to its terms: the parameters that every vectorizer shares, with scikit-learn's names and meaning."""

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode

from embedkit.checks import check_choice, check_flag
from embedkit.errors import InputError, ParameterError
from embedkit.features.cjk import cjk_words
from embedkit.features.counting import MOST_UNITS, Analysis
from embedkit.features.python_road import char_n_grams, char_wb_n_grams, word_n_grams
from embedkit.text.chinese import looks_unsegmented_chinese
from embedkit.text.stop_words import STOP_WORD_LISTS, load_stop_words
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer, resolve_tokenizer

__all__ = ["DEFAULT_PATTERN", "TextAnalyzer", "analysis_of", "kernel_documents", "refuse_string"]

logger = logging.getLogger(__name__)

DEFAULT_PATTERN = r"(?u)\b\w\w+\b"
# The patterns that the kernel knows, and the least characters of their words.
KERNEL_PATTERNS = {DEFAULT_PATTERN: 2, r"\b\w\w+\b": 2, r"(?u)\b\w+\b": 1, r"\b\w+\b": 1, r"(?u)\w+": 1, r"\w+": 1}
ACCENTS = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}
ANALYZERS = ("word", "char", "char_wb")
SAMPLED = 100  # documents that are looked at to tell whether they are Chinese without spaces


class TextAnalyzer:
    """What of a document are its terms. To be mixed into an estimator that stores the parameters."""

    input: str
    encoding: str
    decode_error: str
    strip_accents: str | Callable[[str], str] | None
    lowercase: bool
    preprocessor: Callable[[Any], Any] | None
    tokenizer: TokenizerLike | None
    stop_words: str | list[str] | None
    token_pattern: str | None
    ngram_range: tuple[int, int]
    analyzer: str | Callable[[Any], Iterable[Any]]

    def decode(self, doc: Any) -> Any:
        """Return the text of a document: read from its file, and decoded, where it has to be.

        Parameters
        ----------
        doc : str, bytes, path or file
            As `input` says.

        Returns
        -------
        str
            A document that is neither bytes nor str is returned as it is: a callable `analyzer` may know it.

        Raises
        ------
        UnicodeDecodeError
            If `decode_error` is "strict" and the bytes are not in `encoding`.
        InputError
            If the document is the missing value NaN.
        """
        if self.input == "filename":
            doc = Path(doc).read_bytes()
        elif self.input == "file":
            doc = doc.read()
        if isinstance(doc, bytes):
            return doc.decode(self.encoding, self.decode_error)
        if isinstance(doc, float) and np.isnan(doc):
            raise InputError("a document is NaN: expected a string or bytes; fill in or leave out missing texts")
        return doc

    def build_preprocessor(self) -> Callable[[Any], Any]:
        """Return the function that is applied to a text before it is cut: `preprocessor`, or lower case and accents."""
        if self.preprocessor is not None:
            return self.preprocessor
        accents = self.strip_accents
        if isinstance(accents, str):
            check_choice("strip_accents", accents, tuple(ACCENTS))
            accents = ACCENTS[accents]
        return partial(_preprocess, lower=self.lowercase, strip=accents)

    def build_tokenizer(self) -> Callable[[Any], Any]:
        """Return the function that cuts a text into words: `tokenizer`, or what `token_pattern` finds.

        Raises
        ------
        ParameterError
            If `token_pattern` has more than one group.
        """
        if isinstance(self.tokenizer, str | re.Pattern):
            return resolve_tokenizer(self.tokenizer).tokenize
        if self.tokenizer is not None:
            return self.tokenizer
        if self.token_pattern is None:
            return cjk_words
        pattern = re.compile(self.token_pattern)
        if pattern.groups > 1:
            raise ParameterError(
                f"token_pattern={self.token_pattern!r} has {pattern.groups} groups, and only one can be the word: "
                "write the others as (?:...)"
            )
        return pattern.findall

    def get_stop_words(self) -> frozenset[str] | None:
        """Return the words that are left out, or None."""
        if self.stop_words is None:
            return None
        if isinstance(self.stop_words, str):
            check_choice("stop_words", self.stop_words, STOP_WORD_LISTS)
            return load_stop_words(self.stop_words)
        return frozenset(self.stop_words)

    def build_analyzer(self) -> Callable[[Any], Any]:
        """Return the function that turns a document into the list of its terms.

        Warns
        -----
        UserWarning
            If the stop words, cut as the documents are, give words that are no stop words.
        """
        if callable(self.analyzer):
            return partial(_call, function=self.analyzer, decode=self.decode)
        check_choice("analyzer", self.analyzer, ANALYZERS)
        preprocess = self.build_preprocessor()
        if self.analyzer == "word":
            n_grams = partial(
                _word_terms,
                tokenize=self.build_tokenizer(),
                stop_words=self.get_stop_words(),
                ngram_range=self.ngram_range,
            )
            self._warn_of_stop_words()
        else:
            cut = char_n_grams if self.analyzer == "char" else char_wb_n_grams
            n_grams = partial(cut, ngram_range=self.ngram_range)
        return partial(_analyze, decode=self.decode, preprocess=preprocess, n_grams=n_grams)

    def _check_analysis(self) -> None:
        """Raise ParameterError unless the parameters can work."""
        check_choice("input", self.input, ("content", "file", "filename"))
        if not isinstance(self.encoding, str):
            raise ParameterError(f"encoding={self.encoding!r}: expected the name of an encoding, such as 'utf-8'")
        check_choice("decode_error", self.decode_error, ("strict", "ignore", "replace"))
        check_flag("lowercase", self.lowercase)
        _check_function("strip_accents", self.strip_accents, ("ascii", "unicode"))
        _check_function("preprocessor", self.preprocessor)
        if self.tokenizer is not None:
            check_tokenizer(self.tokenizer)
        if not callable(self.analyzer):
            check_choice("analyzer", self.analyzer, ANALYZERS)
        own = self.stop_words is None or isinstance(self.stop_words, list)
        if not own and not (isinstance(self.stop_words, str) and self.stop_words in STOP_WORD_LISTS):
            known = ", ".join(map(repr, STOP_WORD_LISTS))
            raise ParameterError(
                f"stop_words={self.stop_words!r}: expected {known}, a list of words, or None; "
                "load_stop_words of embedkit.text.stop_words reads a file, of which list() makes a list"
            )
        if not (self.token_pattern is None or isinstance(self.token_pattern, str)):
            raise ParameterError(f"token_pattern={self.token_pattern!r}: expected a regular expression, or None")
        bounds = self.ngram_range
        whole = isinstance(bounds, tuple) and len(bounds) == 2 and all(isinstance(n, int | np.integer) for n in bounds)
        if not whole or bounds[0] > bounds[1]:
            raise ParameterError(
                f"ngram_range={bounds!r}: expected a tuple of two whole numbers, the smaller one first, such as (1, 2)"
            )

    def _announce(self) -> None:
        """Warn of parameters that have no effect or disagree, and log which of them need Python."""
        for name, reason in _unused_parameters(self):
            warnings.warn(f"{name} has no effect, because {reason}", UserWarning, stacklevel=5)
        if self.analyzer == "word":
            self._warn_of_stop_words()
        slow = python_parameters(self)
        if slow:
            logger.info("%s: %s need Python at each document, slower than the kernel", type(self).__name__, slow)

    def _notice_chinese(self, raw_documents: Any) -> None:
        """Say so if documents that are at hand are Chinese without spaces, and nothing cuts them into words."""
        whole = self.analyzer == "word" and self.tokenizer is None and self.token_pattern == DEFAULT_PATTERN
        if not whole or self.input != "content" or not isinstance(raw_documents, list | tuple | np.ndarray):
            return
        sample = [document for document in raw_documents[:SAMPLED] if isinstance(document, str)]
        if looks_unsegmented_chinese("\n".join(sample)):
            logger.warning(
                "the documents look Chinese, and have no spaces between their words, so that whole sentences are taken "
                "for words; set tokenizer='zh', or token_pattern=None for characters"
            )

    def _warn_of_stop_words(self) -> None:
        """Warn if a stop word is cut into words that are no stop words; nobody can change our own lists."""
        if isinstance(self.stop_words, str) and self.stop_words == "chinese":
            return
        stop_words = self.get_stop_words() or frozenset()
        preprocess, tokenize = self.build_preprocessor(), self.build_tokenizer()
        found: set[Any] = set()
        # Functions of the caller may be made for documents of another kind, and need not understand a word.
        try:
            for word in stop_words:
                found.update(tokenize(preprocess(word)))
        except Exception:
            return
        unknown = sorted(found - stop_words, key=str)
        if unknown:
            warnings.warn(
                f"stop_words may not fit the preprocessing: cut as the documents are, they give {unknown}, "
                "which are not among them",
                UserWarning,
                stacklevel=3,
            )


def refuse_string(raw_documents: object) -> None:
    """Raise InputError if a string is given where documents are expected."""
    if isinstance(raw_documents, str):
        raise InputError("the documents are one string: expected an iterable of them, such as a list with this one")


def analysis_of(estimator: TextAnalyzer) -> Analysis | None:
    """Return what the kernel has to do, or None where Python has to find the terms."""
    if set(python_parameters(estimator)) - {"preprocessor", "strip_accents"}:
        return None
    of_words = estimator.analyzer == "word"
    return Analysis(
        analyzer=str(estimator.analyzer),
        ngram_range=(int(estimator.ngram_range[0]), int(estimator.ngram_range[1])),
        lowercase=bool(estimator.lowercase) and not _prepared(estimator),
        shortest=KERNEL_PATTERNS.get(estimator.token_pattern or "", 1) if of_words else 1,
        split_cjk=of_words and estimator.token_pattern is None,
        # What is no string is no word of a text, so that it need not be left out.
        stop_words=frozenset(
            word for word in (estimator.get_stop_words() if of_words else None) or () if isinstance(word, str)
        ),
    )


def kernel_documents(estimator: TextAnalyzer, raw_documents: Iterable[Any]) -> Iterator[Any]:
    """Yield the documents as the kernel takes them: decoded, and preprocessed if it cannot do that itself."""
    documents = map(estimator.decode, raw_documents)
    return map(estimator.build_preprocessor(), documents) if _prepared(estimator) else documents


def python_parameters(estimator: TextAnalyzer) -> list[str]:
    """Return the names of the parameters whose values call for Python at each document."""
    if callable(estimator.analyzer):
        return ["analyzer"]
    names = [name for name in ("preprocessor", "strip_accents") if callable(getattr(estimator, name))]
    if estimator.preprocessor is not None:
        names = names[:1]
    if estimator.analyzer == "word":
        if estimator.tokenizer is not None:
            names.append("tokenizer")
        elif not (estimator.token_pattern is None or estimator.token_pattern in KERNEL_PATTERNS):
            names.append("token_pattern")
    if estimator.ngram_range[0] < 1 or estimator.ngram_range[1] > MOST_UNITS:
        names.append("ngram_range")
    return names


def _prepared(estimator: TextAnalyzer) -> bool:
    """Whether Python lower-cases and changes the texts before the kernel cuts them."""
    return estimator.preprocessor is not None or estimator.strip_accents is not None


def _unused_parameters(estimator: TextAnalyzer) -> Iterator[tuple[str, str]]:
    """Names of parameters without effect, and why."""
    own_pattern = estimator.token_pattern not in (None, DEFAULT_PATTERN)
    named = isinstance(estimator.tokenizer, str | re.Pattern) and not own_pattern
    if estimator.tokenizer is not None and estimator.token_pattern is not None and not named:
        yield "token_pattern", "a tokenizer is given"
    if callable(estimator.analyzer):
        if estimator.preprocessor is not None:
            yield "preprocessor", "the analyzer is a function"
        if tuple(estimator.ngram_range) != (1, 1):
            yield "ngram_range", "the analyzer is a function"
    if estimator.analyzer != "word":
        for name, given in (
            ("stop_words", estimator.stop_words is not None),
            ("token_pattern", own_pattern and estimator.tokenizer is None),
            ("tokenizer", estimator.tokenizer is not None),
        ):
            if given:
                yield name, "the analyzer is not 'word'"


def _check_function(name: str, value: object, choices: tuple[str, ...] = ()) -> None:
    """Raise ParameterError unless a value is None, a function, or one of the choices."""
    if value is not None and not callable(value) and value not in choices:
        known = "".join(f"{choice!r}, " for choice in choices)
        raise ParameterError(f"{name}={value!r}: expected {known}a function, or None")


def _preprocess(text: Any, lower: bool, strip: Callable[[str], str] | None) -> Any:
    if lower:
        text = text.lower()
    return text if strip is None else strip(text)


def _word_terms(
    text: Any, tokenize: Callable[[Any], Any], stop_words: frozenset[str] | None, ngram_range: tuple[int, int]
) -> list[Any]:
    words = tokenize(text)
    if stop_words is not None:
        words = [word for word in words if word not in stop_words]
    return word_n_grams(words, ngram_range)


def _analyze(
    document: Any, decode: Callable[[Any], Any], preprocess: Callable[[Any], Any], n_grams: Callable[[Any], list[Any]]
) -> list[Any]:
    return n_grams(preprocess(decode(document)))


def _call(document: Any, function: Callable[[Any], Any], decode: Callable[[Any], Any]) -> Any:
    return function(decode(document))
