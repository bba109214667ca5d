"""The phrases that were found, and their file."""

import functools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedkit.checks import check_integer, check_number
from embedkit.errors import FormatError, ParameterError
from embedkit.text.decoding import UTF8_BOM, explain_damage
from embedkit.text.files import open_input, replace_file
from embedkit.text.phrases.settings import LARGEST_COUNT, MOST_PASSES, check_delimiter

__all__ = ["Phrase", "PhraseTable"]

COLUMNS = ("phrase", "score", "count", "parts", "pass")
# What float and int read as well, such as 1_0 and digits of other scripts, no program writes.
DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
SURROGATE = re.compile("[\ud800-\udfff]")
WHOLE = re.compile(r"[0-9]{1,19}")


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

    Examples
    --------
    >>> Phrase(("bank", "of", "america"), 350.0, 12).parts
    ('bank', 'of', 'america')
    """

    parts: tuple[str, ...]
    score: float
    count: int

    def validate(self) -> None:
        """Check parts, score and count.

        Raises
        ------
        ParameterError
            If there are fewer than two words or an empty one, if the score is no finite number or the count negative.

        Examples
        --------
        >>> Phrase(("york",), 1.0, 3).validate()
        Traceback (most recent call last):
        embedkit.errors.ParameterError: parts=('york',): expected a tuple of two words or more, none of them empty
        """
        parts = self.parts
        if not isinstance(parts, tuple) or len(parts) < 2 or not all(isinstance(w, str) and w for w in parts):
            raise ParameterError(f"parts={parts!r}: expected a tuple of two words or more, none of them empty")
        check_number("score", self.score)
        check_integer("count", self.count, 0, LARGEST_COUNT)


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

    def validate(self) -> None:
        """Check the delimiter and every phrase.

        Raises
        ------
        ParameterError
            Naming the first phrase that cannot be one, and what was expected.
        """
        check_delimiter(self.delimiter)
        if len(self.passes) > MOST_PASSES:
            raise ParameterError(f"{len(self.passes)} passes: expected {MOST_PASSES} or fewer")
        for turn, phrases in enumerate(self.passes, 1):
            for number, phrase in enumerate(phrases, 1):
                try:
                    phrase.validate()
                except ParameterError as error:
                    raise ParameterError(f"phrase {number} of pass {turn} has {error}") from None

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
        """The phrases of each pass that begin with a word; checked and made once, so passes must not change any more.

        Raises
        ------
        ParameterError
            As from `validate`.
        """
        self.validate()
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
        ParameterError
            If the delimiter or a phrase cannot be one, as from `validate`.
        FormatError
            If a word holds white space or NUL, so that the format could not tell where it ends, or a lone surrogate,
            which UTF-8 has not.
        OutputError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = pathlib.Path(folder.name) / "phrases.tsv"
        >>> PhraseTable([[Phrase(("new", "york"), 120.5, 40)]]).save(path)
        >>> [line.split() for line in path.read_text().splitlines()]
        [['phrase', 'score', 'count', 'parts', 'pass'], ['new_york', '120.5', '40', 'new', 'york', '1']]
        >>> folder.cleanup()
        """
        self.validate()
        lines = ["\t".join(COLUMNS)]
        for number, phrases in enumerate(self.passes, 1):
            for phrase in phrases:
                words = " ".join(phrase.parts)
                name = self.name(phrase)
                if words.split() != list(phrase.parts) or "\0" in words or SURROGATE.search(name):
                    raise FormatError(
                        f"cannot save the phrase {name!r}: a file of phrases separates words by white space, is UTF-8 "
                        "and has no NUL; replace what cannot stand there, by an underscore for instance"
                    )
                # Numbers of numpy would be written with their types.
                lines.append(f"{name}\t{float(phrase.score)!r}\t{int(phrase.count)}\t{words}\t{number}")
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

        Examples
        --------
        >>> import tempfile, pathlib
        >>> folder = tempfile.TemporaryDirectory()
        >>> path = pathlib.Path(folder.name) / "phrases.tsv"
        >>> PhraseTable([[Phrase(("new", "york"), 120.5, 40)]]).save(path)
        >>> PhraseTable.load(path).passes
        [[Phrase(parts=('new', 'york'), score=120.5, count=40)]]
        >>> folder.cleanup()
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
        if (
            len(columns) != len(COLUMNS)
            or not DECIMAL.fullmatch(columns[1])
            or not all(map(WHOLE.fullmatch, (columns[2], columns[4])))
        ):
            raise FormatError(
                f"{where}: found {' '.join(columns)[:60]!r}, expected a phrase, its score, its count, its words and "
                "the pass, with tabs between"
            )
        name, score, count, words, turn = columns
        phrase, place = Phrase(tuple(words.split(" ")), float(score), int(count)), int(turn)
        # All phrases have the same delimiter, which the first one shows.
        delimiter = self.delimiter or _delimiter(name, phrase.parts)
        parts = list(phrase.parts)
        if len(parts) < 2 or words.split() != parts or not delimiter or delimiter.join(parts) != name:
            raise FormatError(f"{where}: {name[:60]!r} is not made of the words {words[:60]!r}")
        try:
            check_delimiter(delimiter)
            phrase.validate()
        except ParameterError as error:
            raise FormatError(f"{where}: {error}") from None
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
    if b"\0" in line:
        raise FormatError(f"{where}: a NUL byte, expected text; is this a file of phrases?")
    try:
        return line.decode().rstrip("\r\n").split("\t")
    except UnicodeDecodeError as error:
        raise FormatError(f"{where}: not UTF-8 ({error.reason}); is this a file of phrases?") from None
