"""What cuts a text: white space, words, characters, patterns, functions, and the dictionary of Chinese words."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from embedkit._cext import scan, segment
from embedkit.errors import InputError

__all__ = ["ChineseCutter", "Cutter", "FunctionCutter", "PatternCutter", "SegmentCutter", "SpaceCutter", "Span"]

NOT_SPACE = re.compile(r"\S+")
KINDS = {segment.SPACE: "space", segment.PUNCTUATION: "punctuation", segment.WORD: "word"}


class Span(NamedTuple):
    """A piece of a text.

    Attributes
    ----------
    start, end : int
        Where it is: ``text[start:end]``.
    kind : {"word", "punctuation", "space"}
        Symbols are punctuation, and marks that stand on white space are space.
    """

    start: int
    end: int
    kind: str


class Cutter(Protocol):
    """A way to cut.

    Attributes
    ----------
    mode : int
        How the scanner does it for whole corpora; ``scan.TOKENS`` if it has to be done in Python.
    punctuation : bool
        Whether punctuation counts as words.
    """

    mode: int
    punctuation: bool

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text."""


class SpaceCutter:
    """White space, as `str.split` knows it."""

    mode: int = scan.WHITESPACE
    punctuation = False

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""
        return text.split()

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text."""
        return list(_with_gaps(text, (match.span() for match in NOT_SPACE.finditer(text))))


class SegmentCutter:
    """Words, or characters, by the kernel."""

    def __init__(self, characters: bool, punctuation: bool) -> None:
        self.characters = characters
        self.punctuation = punctuation
        self.mode: int = scan.CHARACTERS if characters else scan.WORDS

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""
        return segment.tokens(text, self.characters, self.punctuation)

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text."""
        ends, kinds = segment.spans(text, self.characters)
        places = ends.tolist()
        return list(map(Span, [0, *places], places, map(KINDS.__getitem__, kinds.tolist())))


class PatternCutter:
    """What a regular expression finds; its group, if it has one."""

    mode: int = scan.TOKENS
    punctuation = False

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""
        return [word for word in self.pattern.findall(text) if word]

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text."""
        return list(_with_gaps(text, (match.span(self.pattern.groups) for match in self.pattern.finditer(text))))


class FunctionCutter:
    """A function of the user's."""

    mode: int = scan.TOKENS
    punctuation = False

    def __init__(self, function: Callable[[str], Any]) -> None:
        self.tokens = function

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text.

        Raises
        ------
        InputError
            If the words of the function do not stand in the text one after another.
        """
        return list(_with_gaps(text, self._places(text)))

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        at = 0
        words = self.tokens(text)
        if isinstance(words, str) or not isinstance(words, Iterable):
            raise InputError(f"the tokenizer, given {text[:60]!r}, returned {repr(words)[:50]}, not a list of words")
        for word in words:
            if not isinstance(word, str):
                raise InputError(
                    f"the tokenizer, given {text[:60]!r}, returned {repr(word)[:60]} as a word, expected a string"
                )
            start = text.find(word, at)
            if start < 0:
                raise InputError(
                    f"the tokenizer, given {text[:60]!r}, returned {word[:60]!r}, which does not stand there, so that "
                    "its place cannot be told; use one that leaves the text as it is"
                )
            at = start + len(word)
            yield start, at


class ChineseCutter:
    """Chinese words; other text in between by the same dictionary."""

    mode: int = scan.TOKENS

    def __init__(self, *, search: bool, dictionary: str | None, punctuation: bool) -> None:
        from embedkit.text.chinese import ChineseWords

        self.words = ChineseWords(dictionary)
        self.search = search
        self.punctuation = punctuation

    def tokens(self, text: str) -> list[str]:
        """Words of a text."""
        pieces = self.words.search(text) if self.search else self.words.pieces(text)
        if not self.punctuation:
            return segment.words_of(pieces)
        found = []
        for piece in pieces:
            found += segment.words_of([piece]) or segment.tokens(piece, False, True)
        return found

    def spans(self, text: str) -> list[Span]:
        """Pieces that cover a text; without the words inside words."""
        found = []
        at = 0
        for piece in self.words.pieces(text):
            if segment.words_of([piece]):
                found.append(Span(at, at + len(piece), "word"))
            else:
                ends, kinds = segment.spans(piece)
                places = [at, *(at + end for end in ends.tolist())]
                found += map(Span, places, places[1:], map(KINDS.__getitem__, kinds.tolist()))
            at += len(piece)
        return found


def _with_gaps(text: str, words: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Words, and between them white space and punctuation, each run one piece."""
    at = 0
    for start, end in words:
        if start < at or start == end:
            continue
        yield from _gap(text, at, start)
        yield Span(start, end, "word")
        at = end
    yield from _gap(text, at, len(text))


def _gap(text: str, start: int, end: int) -> Iterator[Span]:
    for match in NOT_SPACE.finditer(text, start, end):
        if match.start() > start:
            yield Span(start, match.start(), "space")
        start = match.end()
        yield Span(*match.span(), "punctuation")
    if end > start:
        yield Span(start, end, "space")
