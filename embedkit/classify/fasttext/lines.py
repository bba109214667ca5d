"""Documents as fastText sees them: lines of words, each line with its end, and what they are averaged from."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedkit._cext import fasttext as kernel
from embedkit.checks import check_flag
from embedkit.classify.fasttext.parameters import FastTextParameters
from embedkit.errors import ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer

__all__ = [
    "FASTTEXT",
    "LABEL_PREFIX",
    "LINE_END",
    "Lines",
    "bucket_rows",
    "compact_buckets",
    "features",
    "read_lines",
]

LINE_END = "</s>"
"""The word that fastText puts behind each line."""
LABEL_PREFIX = "__label__"
"""What fastText tells labels by; an unknown word that begins so is no word."""
FASTTEXT = "fasttext"
"""The tokenizer that cuts at ASCII white space alone, as fastText does; the others are `embedkit.text.tokenizers`'."""

ASCII_SPACE = re.compile("[ \n\r\t\v\f\0]+")


def _cut_as_fasttext(text: str) -> list[str]:
    words = [word for word in ASCII_SPACE.split(text) if word]
    # fastText takes a line's end that stands in the text for the end.
    return words[: words.index(LINE_END)] if LINE_END in words else words


@dataclass(frozen=True)
class Lines:
    """Documents as numbers of words.

    Attributes
    ----------
    ids : ndarray of int32
        Positions in `words`, and -1 behind each document.
    stop : ndarray of int64, (n_lines,)
        Where those -1 are.
    words : list of str
        All distinct words, and `LINE_END`.
    counts : ndarray of int64, (n_words,)
        Of each word; `LINE_END` has one for each line.
    line_end : int
        Position of `LINE_END`.
    """

    ids: np.ndarray
    stop: np.ndarray
    words: Sequence[str]
    counts: np.ndarray
    line_end: int

    def __len__(self) -> int:
        return len(self.stop)


def read_lines(
    documents: Iterable[str | Sequence[str]],
    *,
    tokenizer: TokenizerLike,
    lowercase: bool,
    encoding_errors: str,
    n_threads: int,
) -> Lines:
    """Cut documents into words and number those.

    Raises
    ------
    InputError
        If `documents` is not an iterable of strings and lists of strings.
    ParameterError
        If a parameter has another value.
    """
    check_flag("lowercase", lowercase)
    if tokenizer == FASTTEXT:
        tokenizer = _cut_as_fasttext
    try:
        check_tokenizer(tokenizer)
    except ParameterError as error:
        raise ParameterError(f"{error}; or {FASTTEXT!r}") from None
    Corpus.from_documents(documents, encoding_errors=encoding_errors)  # finds out a wrong type
    # With one more document there is always a word, and LINE_END has a number.
    corpus = Corpus.from_documents(itertools.chain(documents, [[LINE_END]]), encoding_errors=encoding_errors)
    with encode_corpus(
        corpus,
        tokenizer=tokenizer,
        lowercase=lowercase,
        min_count=1,
        keep_empty=True,
        n_threads=n_threads,
    ) as encoded:
        ids, vocabulary = encoded.ids[:-2].copy(), encoded.vocabulary
    stop = np.flatnonzero(ids == -1)
    line_end = vocabulary.index[LINE_END]
    counts = vocabulary.counts.copy()
    counts[line_end] += len(stop) - 1
    return Lines(ids, stop, vocabulary.words, counts, line_end)


def features(
    lines: Lines, vocabulary: Mapping[str, int], parameters: FastTextParameters, n_threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """What each line is averaged from, n-grams by the number of their bucket.

    Returns
    -------
    start : ndarray of int64, (n_lines + 1,)
    feature : ndarray of int32, (start[-1],)
        Rows of words in `vocabulary`, and its length + bucket.
    """
    encoded: list[Any] = [word.encode() for word in lines.words]
    unknown = (-2 if word.startswith(LABEL_PREFIX) else -1 for word in lines.words)
    rows = np.fromiter(map(vocabulary.get, lines.words, unknown), np.int32, len(lines.words))
    hashes = kernel.hash_words(encoded)
    encoded[lines.line_end] = b""  # has no characters
    parts = kernel.char_ngrams(encoded, parameters.min_n, parameters.max_n, parameters.buckets)
    return kernel.line_features(
        lines.ids,
        lines.stop,
        rows,
        hashes,
        lines.line_end,
        *parts,
        word_ngrams=parameters.word_ngrams,
        first_bucket=len(vocabulary),
        buckets=parameters.buckets,
        n_threads=n_threads,
    )


def compact_buckets(feature: np.ndarray, n_words: int, buckets: int, n_threads: int) -> np.ndarray:
    """Number the buckets that occur from `n_words` on, the most frequent first, in place.

    Returns
    -------
    ndarray of int32, (n_buckets_that_occur,)
        The bucket of each row behind the words.
    """
    counts = kernel.count_features(feature, n_words + buckets)[n_words:]
    occur = np.flatnonzero(counts)
    # Frequent rows lie together: caches hold them.
    bucket_ids = occur[np.argsort(-counts[occur], kind="stable")].astype(np.int32)
    kernel.renumber(feature, bucket_rows(bucket_ids, n_words, buckets), n_threads)
    return bucket_ids


def bucket_rows(bucket_ids: np.ndarray, n_words: int, buckets: int) -> np.ndarray:
    """Row of each feature, -1 for a bucket without one: ndarray of int32, (n_words + buckets,)."""
    rows = np.full(n_words + buckets, -1, np.int32)
    rows[:n_words] = np.arange(n_words)
    rows[n_words + bucket_ids.astype(np.int64)] = np.arange(n_words, n_words + len(bucket_ids))
    return rows
