"""The phrases that were found, and their file."""

import functools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedkit.errors import FormatError
from embedkit.text.decoding import UTF8_BOM, explain_damage
from embedkit.text.files import open_input, replace_file
from embedkit.text.phrases.settings import MOST_PASSES, check_delimiter

__all__ = ["Phrase", "PhraseTable"]

COLUMNS = ("phrase", "score", "count", "parts", "pass")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that were joined.

    Attributes
    ----------
    parts : tuple of str
        The words, connector words included; in later passes some are phrases themselves.
    score : float
    count : int
        How often they stood together when they were scored. Where phrases overlap, fewer of them are joined.
    """

    parts: tuple[str, ...]
    score: float
    count: int


@dataclass
class PhraseTable:
    """The phrases of each pass.

    Attributes
    ----------
    passes : list of lists of Phrase
        Those of the first pass, and so on.
    delimiter : str
        Stands between the words of a phrase.

    Examples
    --------
    >>> table = PhraseTable([[Phrase(("new", "york"), 120.5, 40)], [Phrase(("new_york", "times"), 150.0, 9)]])
    >>> table.scores
    {'new_york': 120.5, 'new_york_times': 150.0}
    """

    passes: list[list[Phrase]] = field(default_factory=list)
    delimiter: str = "_"

    def name(self, phrase: Phrase) -> str:
        """The word that a phrase becomes."""
        return self.delimiter.join(phrase.parts)

    @property
    def scores(self) -> dict[str, float]:
        """From phrase to score; the first one where several passes make the same word."""
        found: dict[str, float] = {}
        for phrase in self:
            found.setdefault(self.name(phrase), phrase.score)
        return found

    @functools.cached_property
    def by_first_word(self) -> list[dict[str, list[Phrase]]]:
        """The phrases of each pass that begin with a word; made once, so passes must not change any more."""
        tables: list[dict[str, list[Phrase]]] = []
        for phrases in self.passes:
            beginning: dict[str, list[Phrase]] = {}
            for phrase in phrases:
                beginning.setdefault(phrase.parts[0], []).append(phrase)
            tables.append(beginning)
        return tables

    def __len__(self) -> int:
        return sum(map(len, self.passes))

    def __iter__(self) -> Iterator[Phrase]:
        for phrases in self.passes:
            yield from phrases

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a line for each phrase: the phrase, its score, its count, its words and the pass, with tabs between.

        The first line names these columns, and the words stand with spaces between them. The file is UTF-8, appears
        complete or not at all, and is compressed if its name ends in ``.gz``, ``.bz2`` or ``.xz``.

        Raises
        ------
        FormatError
            If a word holds white space or NUL: the format could not tell where it ends.
        OutputError
            If the file cannot be written.
        """
        check_delimiter(self.delimiter)
        lines = ["\t".join(COLUMNS)]
        for number, phrases in enumerate(self.passes, 1):
            for phrase in phrases:
                words = " ".join(phrase.parts)
                if words.split() != list(phrase.parts) or "\0" in words:
                    raise FormatError(
                        f"cannot save the phrase {self.name(phrase)!r}: a file of phrases separates words by white "
                        "space, and has no NUL; replace it in the words, by an underscore for instance"
                    )
                lines.append(f"{self.name(phrase)}\t{phrase.score!r}\t{phrase.count}\t{words}\t{number}")
        with replace_file(path) as out:
            out.writelines(f"{line}\n".encode() for line in lines)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "PhraseTable":
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If the file is missing or may not be read.
        FormatError
            If it is no file of phrases: names file and line.
        """
        path = Path(path)
        table = cls(delimiter="")
        with open_input(path) as lines, explain_damage(str(path)):
            for number, line in enumerate(lines, 1):
                text = line.removeprefix(UTF8_BOM) if number == 1 else line
                where = f"{path}, line {number}"
                columns = _columns(text, where)
                if number == 1:
                    if tuple(columns) != COLUMNS:
                        raise FormatError(
                            f"{where}: found {' '.join(columns)[:60]!r}, expected the columns "
                            f"{', '.join(COLUMNS)} with tabs between; is this a file that PhraseTable.save wrote?"
                        )
                    continue
                table._add(columns, where)
        table.delimiter = table.delimiter or "_"
        return table

    def _add(self, columns: Sequence[str], where: str) -> None:
        """Take what stands in a line."""
        try:
            name, score, count, words, turn = columns
            phrase = Phrase(tuple(words.split(" ")), float(score), int(count))
            place = int(turn)
        except ValueError:
            raise FormatError(
                f"{where}: found {' '.join(columns)[:60]!r}, expected a phrase, its score, its count, its words and "
                "the pass, with tabs between"
            ) from None
        # All phrases have the same delimiter, which the first one shows.
        delimiter = self.delimiter or _delimiter(name, phrase.parts)
        if len(phrase.parts) < 2 or not delimiter or delimiter.join(phrase.parts) != name:
            raise FormatError(f"{where}: {name[:60]!r} is not made of the words {words[:60]!r}")
        if not 0 < place <= MOST_PASSES:
            raise FormatError(f"{where}: the pass is {place}, expected a number from 1 to {MOST_PASSES}")
        self.delimiter = delimiter
        while len(self.passes) < place:
            self.passes.append([])
        self.passes[place - 1].append(phrase)


def _delimiter(name: str, parts: Sequence[str]) -> str:
    """What could stand between the words of a name, "" if nothing fits."""
    length = (len(name) - sum(map(len, parts))) // max(len(parts) - 1, 1)
    begin = len(parts[0])
    return name[begin : begin + max(length, 0)]


def _columns(line: bytes, where: str) -> list[str]:
    try:
        return line.decode().rstrip("\r\n").split("\t")
    except UnicodeDecodeError as error:
        raise FormatError(f"{where}: not UTF-8 ({error.reason}); is this a file of phrases?") from None
