"""A text as words and what stands between them, so that a word can be changed and all else stays."""

from collections.abc import Callable, Iterable

from embedkit._cext import segment
from embedkit.text.cutters import SegmentCutter
from embedkit.text.tokenizers import Tokenizer

__all__ = ["bound", "cutter_of", "gap_without_word", "glue_after"]

# What makes one of two words where it stands between them without a space.
JOINERS = frozenset("-‐‑'’/&@_+.:=·")
OPENING = frozenset("([{<\"'“‘«‹„¿¡（【《「『")
BLANKS = frozenset(" \t\u3000\xa0")
# Han characters, kana and bopomofo, which stand side by side without a space.
UNSPACED = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))


def cutter_of(tokenizer: Tokenizer) -> Callable[[str], list[str]]:
    """Return the function that cuts a text into pieces that join to it.

    Parameters
    ----------
    tokenizer : Tokenizer
        Its steps of normalisation are not taken.

    Returns
    -------
    callable
        From a text to a list of 2n + 1 strings, for n words: the words have odd places, and the gaps before, between
        and after them even ones.

    Examples
    --------
    >>> from embedkit.text.tokenizers import resolve_tokenizer
    >>> cutter_of(resolve_tokenizer("words"))("Good, it's good!")
    ['', 'Good', ', ', "it's", ' ', 'good', '!']
    """
    cutter = tokenizer.cutter
    if isinstance(cutter, SegmentCutter):
        characters = cutter.characters
        return lambda text: _segments(text, characters)
    spans = cutter.spans
    return lambda text: _alternate(text, ((start, end) for start, end, kind in spans(text) if kind == "word"))


def _segments(text: str, characters: bool) -> list[str]:
    """Pieces by the kernel."""
    if not text.isascii():
        ends, kinds = segment.spans(text, characters)
        places = ends.tolist()
        spans = zip([0, *places], places, kinds.tolist(), strict=False)
        return _alternate(text, ((start, end) for start, end, kind in spans if kind == segment.WORD))
    words = segment.tokens(text, characters)
    pieces = [" "] * (2 * len(words) + 1)
    pieces[1::2] = words
    pieces[0] = ""
    plain = " ".join(words)
    if text.startswith(plain):
        pieces[-1] = text[len(plain) :]
        return pieces
    # No gap of ASCII holds a letter or a digit, so that a word is not found before its place.
    at = 0
    find = text.find
    for place, word in enumerate(words):
        start = find(word, at)
        pieces[2 * place] = text[at:start]
        at = start + len(word)
    pieces[-1] = text[at:]
    return pieces


def _alternate(text: str, words: Iterable[tuple[int, int]]) -> list[str]:
    """Gaps and words in turn."""
    pieces: list[str] = []
    at = 0
    for start, end in words:
        pieces += (text[at:start], text[start:end])
        at = end
    pieces.append(text[at:])
    return pieces


def bound(pieces: list[str], place: int) -> bool:
    """Whether a hyphen or the like binds the word at `place` to the next.

    Examples
    --------
    >>> bound(["", "well", "-", "made", "."], 1), bound(["", "well", "-", "made", "."], 3)
    (True, False)
    """
    return pieces[place + 1] in JOINERS and place + 2 < len(pieces)


def glue_after(pieces: list[str], place: int) -> str:
    """What belongs between the word at `place` and another that is put after it: a space, or nothing in Chinese.

    Examples
    --------
    >>> glue_after(["", "good", " ", "film", "."], 3), glue_after(["", "很", "", "好", "。"], 3)
    (' ', '')
    """
    before, after = pieces[place - 1], pieces[place + 1]
    if after[:1].isspace():
        return " "
    if not after and place + 2 < len(pieces):
        return ""  # the next word follows at once
    if before[-1:].isspace():
        return " "
    last = pieces[place][-1:]
    return "" if any(least <= last <= most for least, most in UNSPACED) else " "


def gap_without_word(before: str, after: str, *, first: bool, last: bool) -> str:
    """What is left of the gaps on both sides of a word that is taken away.

    One of the two spaces goes with the word, and one of two equal marks.

    Parameters
    ----------
    before, after : str
    first, last : bool
        Whether no word is left before it, or none after it.

    Returns
    -------
    str

    Examples
    --------
    >>> gap_without_word(" ", ", ", first=False, last=False)
    ', '
    >>> gap_without_word(", ", ", ", first=False, last=False)
    ', '
    >>> gap_without_word(' "', " ", first=False, last=False)
    ' "'
    """
    if before == after:
        return after
    if first and not before:
        return after.lstrip()
    if after[:1] in BLANKS and after and (before[-1:].isspace() or before[-1:] in OPENING):
        return before + after[1:]
    if before[-1:] in BLANKS and before and (after or last):
        return before[:-1] + after
    return before + after
