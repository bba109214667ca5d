"""The words of a corpus with their counts, most frequent first."""

import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedkit.errors import FormatError, ParameterError
from embedkit.text.decoding import UTF8_BOM, explain_damage
from embedkit.text.files import open_input, replace_file

__all__ = ["Vocabulary"]

MOST_COUNT = 2**63 - 1


class Vocabulary:
    """Words in the order of their counts, the most frequent first, then in code point order.

    Parameters
    ----------
    words : sequence of str
        Each once, in any order.
    counts : sequence of int
        Occurrences of each word, at least 0.

    Attributes
    ----------
    words : list of str
    counts : ndarray of int64, (n_words,)
    index : dict
        From word to position.

    Raises
    ------
    ParameterError
        If words and counts differ in number, a count is negative, or a word comes twice.

    Examples
    --------
    >>> vocabulary = Vocabulary(["cat", "the", "ant"], [3, 10, 3])
    >>> vocabulary.words
    ['the', 'ant', 'cat']
    >>> vocabulary.index["cat"], vocabulary.total, "dog" in vocabulary
    (2, 16, False)
    """

    words: list[str]
    counts: np.ndarray

    def __init__(self, words: Sequence[str], counts: Sequence[int] | np.ndarray) -> None:
        counts = np.asarray(counts, dtype=np.int64)
        if counts.shape != (len(words),):
            raise ParameterError(f"{len(words)} words and counts of shape {counts.shape}: expected one count a word")
        if counts.size and counts.min() < 0:
            at = int(counts.argmin())
            raise ParameterError(f"word {words[at]!r} has the count {counts[at]}: expected 0 or more")
        order = sorted(range(len(words)), key=lambda i: (-counts[i], words[i]))
        self.words = [words[i] for i in order]
        self.counts = counts[order]
        if len(self.index) < len(self.words):
            twice = next(word for i, word in enumerate(self.words) if self.index[word] != i)
            raise ParameterError(f"word {twice!r} comes twice: add up the counts")

    @classmethod
    def from_ordered(cls, words: list[str], counts: np.ndarray) -> "Vocabulary":
        """A vocabulary of words that are in order and distinct already: nothing is checked or copied."""
        vocabulary = cls.__new__(cls)
        vocabulary.words = words
        vocabulary.counts = counts
        return vocabulary

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Position of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @property
    def total(self) -> int:
        """Sum of the counts."""
        return int(self.counts.sum())

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self.words == other.words and bool(np.array_equal(self.counts, other.counts))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} words, {self.total} occurrences>"

    def __getstate__(self) -> dict[str, Any]:
        return {"words": self.words, "counts": self.counts}

    def prune(self, *, min_count: int = 0, max_vocab: int | None = None) -> "Vocabulary":
        """Keep the words with at least `min_count` occurrences, and of these the first `max_vocab`.

        Examples
        --------
        >>> Vocabulary(["a", "b", "c"], [5, 3, 1]).prune(min_count=2).words
        ['a', 'b']
        """
        kept = int(np.count_nonzero(self.counts >= min_count))
        if max_vocab is not None:
            kept = min(kept, max_vocab)
        return Vocabulary.from_ordered(self.words[:kept], self.counts[:kept].copy())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write lines of a word, a space and its count, in UTF-8, as word2vec's ``-save-vocab`` does.

        The file appears complete or not at all; it is compressed if its name ends in ``.gz``, ``.bz2`` or ``.xz``.

        Raises
        ------
        FormatError
            If a word is empty, or holds white space or NUL: the format could not tell where it ends.
        OutputError
            If the file cannot be written.
        """
        for word in self.words:
            if word.split() != [word] or "\0" in word:
                raise FormatError(
                    f"cannot save the word {word!r}: a vocabulary file separates word and count by white space, and "
                    "has no NUL; replace it in the corpus, by an underscore for instance"
                )
        lines = (f"{word} {count}\n" for word, count in zip(self.words, self.counts.tolist(), strict=True))
        with replace_file(path) as out:
            out.writelines(line.encode() for line in lines)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, bare: bool = False) -> "Vocabulary":
        """Read what `save`, or word2vec's ``-save-vocab``, wrote.

        Lines may come in any order; white space around them, a byte-order mark and empty lines are passed over.

        Parameters
        ----------
        path : str or path-like
        bare : bool
            Take lines of a word alone as well, with the count 0.

        Raises
        ------
        InputError
            If the file is missing or may not be read.
        FormatError
            If a line is not a word and its count, or a word comes twice: names file and line.
        """
        first_line: dict[str, int] = {}
        counts: list[int] = []
        path = Path(path)
        with open_input(path) as lines, explain_damage(str(path)):
            for number, line in enumerate(lines, 1):
                text = line.removeprefix(UTF8_BOM) if number == 1 else line
                fields = _fields(text, f"{path}, line {number}", bare)
                if fields is None:
                    continue
                word, count = fields
                if word in first_line:
                    earlier = first_line[word]
                    raise FormatError(f"{path}, line {number}: {word!r} was on line {earlier} too; keep one of them")
                first_line[word] = number
                counts.append(count)
        return cls(list(first_line), counts)


def _fields(line: bytes, where: str, bare: bool) -> tuple[str, int] | None:
    """Word and count of a line, None if it is blank."""
    try:
        fields = line.decode().split()
    except UnicodeDecodeError as error:
        raise FormatError(f"{where}: not UTF-8 ({error.reason}); is this a vocabulary file?") from None
    if not fields:
        return None
    if b"\0" in line:
        raise FormatError(f"{where}: a NUL byte in {fields[0][:60]!r}, expected text; is this a vocabulary file?")
    if bare and len(fields) == 1:
        return fields[0], 0
    if len(fields) != 2:
        raise FormatError(f"{where}: found {' '.join(fields)[:60]!r}, expected a word, a space and its count")
    word, digits = fields
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and int(digits) <= MOST_COUNT):
        raise FormatError(f"{where}: the count of {word[:60]!r} is {digits[:60]!r}, expected a whole number from 0")
    return word, int(digits)
