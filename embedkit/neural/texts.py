"""Texts as numbers of words, flat or in sentences, and rows of them as batches."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedkit.neural.layers.embedding import PADDING, UNKNOWN
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import DOCUMENT_END, encode_corpus
from embedkit.text.sentences import split_sentences
from embedkit.text.tokenizers import TokenizerLike

__all__ = ["NumberedTexts", "WordCounts", "read_texts"]

# A document of its own behind the others, so that there is always a word.
LAST = ["</s>"]


@dataclass(frozen=True)
class NumberedTexts:
    """Texts whose words are numbers.

    Attributes
    ----------
    ids : ndarray of int64, (n_ids,)
        Of all words of all texts.
    start : ndarray of int64, (n_sentences + 1,)
        Where each sentence begins in `ids`, and where the last one ends. Texts that are not split into sentences are
        one each.
    first : ndarray of int64, (n_texts + 1,), or None
        The first sentence of each text; None where texts are not split.

    Examples
    --------
    >>> texts = NumberedTexts(np.array([5, 6, 7, 8]), np.array([0, 1, 4]))
    >>> texts.batch([1, 0]).tolist()
    [[6, 7, 8], [5, 0, 0]]
    >>> NumberedTexts(np.array([5, 6, 7, 8]), np.array([0, 1, 4]), np.array([0, 2])).batch([0]).tolist()
    [[[5, 0, 0], [6, 7, 8]]]
    """

    ids: np.ndarray
    start: np.ndarray
    first: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.start if self.first is None else self.first) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Words of each text: ndarray of int64, (n_texts,)."""
        return np.diff(self.start if self.first is None else self.start[self.first])

    def batch(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Some texts, filled up with `PADDING`.

        Parameters
        ----------
        rows : sequence of int, (n_rows,)

        Returns
        -------
        ndarray of int64, (n_rows, n_words), or (n_rows, n_sentences, n_words) if texts are split
            As wide as the longest of them, and one word at least.
        """
        rows = np.asarray(rows, np.intp)
        if self.first is None:
            return self._rows(rows)
        counts = np.diff(self.first)[rows]
        sentences = _spread(self.first[:-1][rows], counts)
        words = self._rows(sentences)
        filled = np.full((len(rows), max(1, counts.max(initial=0)), words.shape[1]), PADDING)
        filled[np.arange(filled.shape[1]) < counts[:, None]] = words
        return filled

    def take(self, rows: Sequence[int] | np.ndarray) -> "NumberedTexts":
        """Some of the texts, in this order."""
        rows = np.asarray(rows, np.intp)
        if self.first is None:
            lengths = self.lengths[rows]
            ids = self.ids[_spread(self.start[:-1][rows], lengths)]
            return NumberedTexts(ids, np.concatenate([[0], np.cumsum(lengths)]))
        counts = np.diff(self.first)[rows]
        sentences = NumberedTexts(self.ids, self.start).take(_spread(self.first[:-1][rows], counts))
        return replace(sentences, first=np.concatenate([[0], np.cumsum(counts)]))

    def cut(self, max_length: int | None) -> tuple["NumberedTexts", int]:
        """Keep the first words of each text; also return how many texts were longer."""
        if max_length is None:
            return self, 0
        longer = int((self.lengths > max_length).sum())
        if not longer:
            return self, 0
        start = self.start if self.first is None else self.start[self.first]
        offset = np.arange(len(self.ids)) - np.repeat(start[:-1], np.diff(start))
        kept = np.concatenate([[0], np.cumsum(offset < max_length)])
        ids = self.ids[offset < max_length]
        if self.first is None:
            return replace(self, ids=ids, start=kept[self.start]), longer
        # Sentences that are cut whole are none any more.
        lengths = np.diff(kept[self.start])
        n_left = np.concatenate([[0], np.cumsum(lengths > 0)])
        left = np.concatenate([[0], np.cumsum(lengths[lengths > 0])])
        return NumberedTexts(ids, left, n_left[self.first]), longer

    def _rows(self, rows: np.ndarray) -> np.ndarray:
        lengths = np.diff(self.start)[rows]
        filled = np.full((len(rows), max(1, lengths.max(initial=0))), PADDING)
        filled[np.arange(filled.shape[1]) < lengths[:, None]] = self.ids[_spread(self.start[:-1][rows], lengths)]
        return filled


@dataclass(frozen=True)
class WordCounts:
    """Texts as they were read: by numbers of their own words.

    Attributes
    ----------
    words : list of str
        Distinct words, the most frequent first.
    counts : ndarray of int64, (n_words,)
    texts : NumberedTexts
        Its numbers are positions in `words`.
    """

    words: Sequence[str]
    counts: np.ndarray
    texts: NumberedTexts

    def part(self, rows: np.ndarray) -> "WordCounts":
        """Some of the texts, with the counts that words have there, and the words in that order."""
        texts = self.texts.take(rows)
        counts = np.bincount(texts.ids, minlength=len(self.words))
        order = np.argsort(-counts, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return WordCounts([self.words[i] for i in order], counts[order], replace(texts, ids=place[texts.ids]))

    def numbered(self, vocabulary: Mapping[str, int]) -> NumberedTexts:
        """Number the words as a vocabulary does, those that it lacks as `UNKNOWN`."""
        numbers = np.fromiter((vocabulary.get(word, UNKNOWN) for word in self.words), np.int64, len(self.words))
        return replace(self.texts, ids=numbers[self.texts.ids])


def read_texts(
    texts: Iterable[str | Sequence[str]],
    *,
    tokenizer: TokenizerLike = "words",
    lowercase: bool = True,
    encoding_errors: str = "strict",
    sentence_length: int | None = None,
    n_threads: int = 1,
) -> WordCounts:
    """Cut texts into words and number those.

    Parameters
    ----------
    texts : iterable of str or of lists of words
    tokenizer : str, re.Pattern or callable
        See `embedkit.text.tokenizers`.
    lowercase : bool
    encoding_errors : {"strict", "replace", "ignore"}
        What happens at lone surrogates and NUL.
    sentence_length : int, optional
        Split texts into sentences, and sentences of more words into pieces of so many.
    n_threads : int

    Returns
    -------
    WordCounts

    Raises
    ------
    InputError
        If `texts` is no iterable of strings and lists of strings.
    ParameterError
        If a parameter has another value.

    Examples
    --------
    >>> read = read_texts(["It purrs.", "", "It barks: it is a dog."])
    >>> read.words[0], read.texts.lengths.tolist()
    ('it', [2, 0, 6])
    >>> read_texts(["It purrs. It sleeps."], sentence_length=10).texts.batch([0]).shape
    (1, 2, 2)
    """
    Corpus.from_documents(texts, encoding_errors=encoding_errors)  # finds out a wrong type
    if sentence_length is not None:
        sentences, n_sentences = _split(texts)
        read = read_texts(
            sentences,
            tokenizer=tokenizer,
            lowercase=lowercase,
            encoding_errors=encoding_errors,
            n_threads=n_threads,
        )
        return replace(read, texts=_gathered(read.texts, n_sentences, sentence_length))
    corpus = Corpus.from_documents(itertools.chain(texts, [LAST]), encoding_errors=encoding_errors)
    with encode_corpus(
        corpus, tokenizer=tokenizer, lowercase=lowercase, min_count=1, keep_empty=True, n_threads=n_threads
    ) as encoded:
        ids, vocabulary = encoded.ids[:-2].astype(np.int64), encoded.vocabulary
    ends = np.flatnonzero(ids == DOCUMENT_END)
    counts = vocabulary.counts.copy()
    counts[vocabulary.index[LAST[0]]] -= 1
    start = np.concatenate([[0], ends - np.arange(len(ends))])
    return WordCounts(vocabulary.words, counts, NumberedTexts(ids[ids != DOCUMENT_END], start))


def _split(texts: Iterable[str | Sequence[str]]) -> tuple[list[str | Sequence[str]], list[int]]:
    """All sentences, and how many of them each text has; a list of words is one."""
    sentences: list[str | Sequence[str]] = []
    counts = []
    for text in texts:
        found: Sequence[str | Sequence[str]] = split_sentences(text) if isinstance(text, str) else [text]
        sentences += found
        counts.append(len(found))
    return sentences, counts


def _gathered(sentences: NumberedTexts, n_sentences: Sequence[int], sentence_length: int) -> NumberedTexts:
    """Sentences as parts of texts again, long ones in pieces."""
    pieces = -(-sentences.lengths // sentence_length)  # none of an empty sentence
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start = np.append(np.repeat(sentences.start[:-1], pieces) + number * sentence_length, len(sentences.ids))
    first = np.concatenate([[0], np.cumsum(pieces)])[np.concatenate([[0], np.cumsum(n_sentences, dtype=np.int64)])]
    return NumberedTexts(sentences.ids, start, first)


def _spread(start: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Numbers from each start on, as many as its length, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(start - (ends - lengths), lengths)
