"""What a storage format reads: words, their matrix, perhaps their counts. And the rules all formats share for words."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedkit.errors import FormatError
from embedkit.vectors.formats.source import Source

logger = logging.getLogger(__name__)

EncodingErrors = Literal["strict", "replace", "ignore"]
UNWRITABLE = frozenset(" \t\n\v\f\r\0")
CHECKED_VALUES = 2**20


@dataclass
class StoredVectors:
    """Words and vectors as they lie in a file.

    Parameters
    ----------
    words : list of str, or a function that reads it
        A function is called when the words are first asked for.
    vectors : ndarray of float32, shape (n_words, vector_size)
    counts : ndarray of int64, shape (n_words,), optional
    """

    words: list[str] | Callable[[], list[str]]
    vectors: NDArray[np.float32]
    counts: NDArray[np.int64] | None = None


def decode_words(
    raw: list[bytes], encoding_errors: EncodingErrors, source: Source, place: Callable[[int], tuple[str, int]]
) -> list[str]:
    """Decode words as UTF-8; `place` gives the line or number of the word of an index, and its offset in the file."""
    if not raw:
        return []
    joined = b"\n".join(raw)
    if b"\0" in joined or joined.count(b"\n") >= len(raw):
        index = next(i for i, word in enumerate(raw) if b"\0" in word or b"\n" in word)
        name, offset = place(index)
        met = "a NUL byte" if b"\0" in raw[index] else "a line end"
        raise source.error(f"{name} at byte {offset}: {met} in {shown(raw[index])}; the file is damaged or foreign")
    try:
        return joined.decode("utf-8", encoding_errors).split("\n")
    except UnicodeDecodeError as error:
        index = joined.count(b"\n", 0, error.start)
        name, offset = place(index)
        offset += error.start - (joined.rfind(b"\n", 0, error.start) + 1)
        raise source.error(
            f"{name}: {shown(raw[index])} is not UTF-8 (byte {joined[error.start]:#04x} at byte {offset} of the file); "
            'go on with encoding_errors="replace" or "ignore"'
        ) from None


def first_of_each(words: list[str], vectors: NDArray[np.float32], source: Source) -> StoredVectors:
    """Drop the later ones of words that come more than once, saying how many."""
    kept = dict(zip(reversed(words), range(len(words) - 1, -1, -1), strict=True))
    if len(kept) == len(words):
        return StoredVectors(words, vectors)
    rows = np.sort(np.fromiter(kept.values(), np.intp, len(kept)))
    again = next(word for row, word in enumerate(words) if kept[word] != row)
    logger.warning(
        "%s: %d of %d words come more than once (%r is the first); the first vector of each is kept",
        source.path,
        len(words) - len(rows),
        len(words),
        again,
    )
    return StoredVectors([words[row] for row in rows], vectors[rows])


def check_words_fit(words: Sequence[str], format_name: str) -> None:
    """Raise FormatError for a word that would break a line of words and numbers apart."""
    for word in words:
        if not word or not UNWRITABLE.isdisjoint(word):
            reason = "it is empty" if not word else "it holds a space, a line end or a NUL byte"
            raise FormatError(
                f"the word {shown(word)} does not fit the format {format_name}: {reason}; "
                "save in the native format (a name that ends in .embedkit), which holds any word"
            )
        if not word.isascii():
            try:
                word.encode("utf-8")
            except UnicodeEncodeError:
                raise FormatError(
                    f"the word {shown(word)} does not fit the format {format_name}: it holds half of a surrogate "
                    "pair, which is not UTF-8; save in the native format (a name that ends in .embedkit)"
                ) from None


def first_nonfinite(vectors: NDArray[np.float32]) -> int | None:
    """Row of the first vector that holds NaN or infinity; None if all is well."""
    rows = max(1, CHECKED_VALUES // max(1, vectors.shape[1]))
    for start in range(0, len(vectors), rows):
        finite = np.isfinite(vectors[start : start + rows])
        if not finite.all():
            return start + int(np.argmin(finite.all(axis=1)))
    return None


def shown(word: str | bytes) -> str:
    """Return a word as a message can hold it: quoted, and not longer than a line."""
    start = word[:60].decode("utf-8", "backslashreplace") if isinstance(word, bytes) else word[:60]
    return repr(start) if len(word) <= 60 else f"{start!r}... ({len(word)} long)"
