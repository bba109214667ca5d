"""What the scores share: the lines of a question file, and a vocabulary under case folding."""

import os
from collections.abc import Iterator, Sequence

from embedkit.checks import check_integer
from embedkit.errors import InputError
from embedkit.text.decoding import UTF8_BOM, explain_damage
from embedkit.text.files import open_input

__all__ = ["Lexicon", "numbered_lines"]


def numbered_lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the text of each line of a UTF-8 file that is not blank.

    A byte-order mark, line ends and surrounding white space are taken off.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is not UTF-8.
    """
    with open_input(path) as file, explain_damage(str(path)):
        data = file.read()
    for number, line in enumerate(data.removeprefix(UTF8_BOM).split(b"\n"), start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}, line {number}: not UTF-8 (byte {line[error.start]:#04x} at offset {error.start} "
                "of the line); convert the file to UTF-8"
            ) from None
        if text:
            yield number, text


class Lexicon:
    """The most frequent words of a vocabulary, found by any spelling of their case.

    Of several spellings that differ only in case the most frequent one stands for all: positions go by
    frequency, so it is the first. Folding is to upper case, as word2vec's `compute-accuracy` does it.

    Parameters
    ----------
    words : sequence of str
        Words by descending frequency.
    restrict_vocab : int or None
        How many of them count; None for all.
    case_insensitive : bool
        False leaves every spelling a word of its own.

    Raises
    ------
    ParameterError
        If `restrict_vocab` is less than 1.
    """

    def __init__(self, words: Sequence[str], restrict_vocab: int | None, case_insensitive: bool) -> None:
        if restrict_vocab is not None:
            check_integer("restrict_vocab", restrict_vocab, 1)
        self._fold = str.upper if case_insensitive else str
        self._positions: dict[str, list[int]] = {}
        for position, word in enumerate(words[:restrict_vocab]):
            self._positions.setdefault(self._fold(word), []).append(position)

    def spellings(self, word: str) -> list[int]:
        """Positions of all spellings of `word`, the most frequent first; an empty list for an unknown word."""
        return self._positions.get(self._fold(word), [])
