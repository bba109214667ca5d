"""Naive twin of the word breaker: the rules of UAX #29, section 4.1, as a list, over the characters that WB4 leaves."""

import functools
import itertools

from embedkit._cext import segment

CLASSES = (
    "Other", "CR", "LF", "Newline", "Extend", "ZWJ", "Format", "Regional_Indicator", "Katakana", "Hebrew_Letter",
    "ALetter", "Single_Quote", "Double_Quote", "MidNumLet", "MidLetter", "MidNum", "Numeric", "ExtendNumLet",
    "WSegSpace",
)  # fmt: skip
PICTOGRAPH, WORD, SPACE = 32, 64, 128
NARROW_SPACE, EMOJI_SELECTOR, SKIN_TONES = "\u202f", "\ufe0f", "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"

NEWLINES = {"CR", "LF", "Newline"}
ATTACHED = {"Extend", "Format", "ZWJ"}
LETTER = {"ALetter", "Hebrew_Letter"}
HEBREW, KATAKANA, NUMERIC, CONNECTOR = {"Hebrew_Letter"}, {"Katakana"}, {"Numeric"}, {"ExtendNumLet"}
QUOTE, DOUBLE_QUOTE = {"Single_Quote"}, {"Double_Quote"}
IN_WORDS = {"MidLetter", "MidNumLet", "Single_Quote"}
IN_NUMBERS = {"MidNum", "MidNumLet", "Single_Quote"}

# What stands before a place and what stands after it, where the rule forbids a boundary.
JOINS = (
    ("WB5", [LETTER], [LETTER]),
    ("WB6", [LETTER], [IN_WORDS, LETTER]),
    ("WB7", [LETTER, IN_WORDS], [LETTER]),
    ("WB7a", [HEBREW], [QUOTE]),
    ("WB7b", [HEBREW], [DOUBLE_QUOTE, HEBREW]),
    ("WB7c", [HEBREW, DOUBLE_QUOTE], [HEBREW]),
    ("WB8", [NUMERIC], [NUMERIC]),
    ("WB9", [LETTER], [NUMERIC]),
    ("WB10", [NUMERIC], [LETTER]),
    ("WB11", [NUMERIC, IN_NUMBERS], [NUMERIC]),
    ("WB12", [NUMERIC], [IN_NUMBERS, NUMERIC]),
    ("WB13", [KATAKANA], [KATAKANA]),
    ("WB13a", [LETTER | NUMERIC | KATAKANA | CONNECTOR], [CONNECTOR]),
    ("WB13b", [CONNECTOR], [LETTER | NUMERIC | KATAKANA]),
)


@functools.cache
def properties(char: str, tailored: bool) -> tuple[str, int]:
    """Word_Break class and flags of a character."""
    if char == NARROW_SPACE and tailored:
        return "WSegSpace", SPACE
    flags = segment.flags(ord(char))
    return CLASSES[flags & 31], flags & ~31


def segments(text: str, characters: bool = False, tailored: bool = True) -> list[str]:
    """The text cut at its boundaries."""
    found = [properties(char, tailored) for char in text]
    classes, flags = [name for name, _ in found], [flag for _, flag in found]
    # What WB4 leaves: all but what is attached to a character before it.
    bases = [i for i, one in enumerate(classes) if one not in ATTACHED or i == 0 or classes[i - 1] in NEWLINES]
    names = [classes[i] for i in bases]
    pieces, start, n_before = [], 0, 0
    for i in range(1, len(text)):
        n_before += n_before < len(bases) and bases[n_before] < i
        base = bases[n_before - 1]
        joined = _joined_as_they_stand(classes[i - 1], classes[i], characters)
        if joined is None and classes[i - 1] == "ZWJ" and flags[i] & PICTOGRAPH:  # WB3c
            joined = not tailored or not (classes[base] in ATTACHED or flags[base] & SPACE)
        elif joined is None and classes[i] in ATTACHED:  # WB4
            joined = True
        elif joined is None:
            joined = _joined_in_pairs(names, n_before) or (not characters and _joined_by_a_rule(names, n_before))
        if not joined:
            pieces.append(text[start:i])
            start = i
    return [*pieces, text[start:]] if text else []


def _joined_as_they_stand(before: str, after: str, characters: bool) -> bool | None:
    """WB3, WB3a, WB3b, WB3d: what the two neighbours decide alone."""
    if (before, after) == ("CR", "LF"):
        return True
    if before in NEWLINES or after in NEWLINES:
        return False
    if before == after == "WSegSpace":
        return not characters
    return None


def _joined_in_pairs(names: list[str], at: int) -> bool:
    """WB15, WB16: regional indicators."""
    if names[at] != "Regional_Indicator":
        return False
    run = itertools.takewhile("Regional_Indicator".__eq__, reversed(names[:at]))
    return len(list(run)) % 2 == 1


def _joined_by_a_rule(names: list[str], at: int) -> bool:
    """WB5 to WB13b; WB999 where none holds."""
    return any(
        at >= len(left) and _are(names[at - len(left) : at], left) and _are(names[at : at + len(right)], right)
        for left, right in _rules_between(names[at - 1], names[at])
    )


@functools.cache
def _rules_between(before: str, after: str) -> list[tuple[list[set[str]], list[set[str]]]]:
    """Those of the rules that have these two names next to the place."""
    return [(left, right) for _, left, right in JOINS if before in left[-1] and after in right[0]]


def _are(names: list[str], expected: list[set[str]]) -> bool:
    return len(names) == len(expected) and all(name in one for name, one in zip(names, expected, strict=True))


def kind(piece: str, tailored: bool = True) -> int:
    """Whether a segment is a word, punctuation, or white space."""
    found = [properties(char, tailored) for char in piece]
    if any(flags & WORD for _, flags in found):
        return segment.WORD
    picture = False
    for char, (name, flags) in zip(piece, found, strict=True):
        if picture and char in EMOJI_SELECTOR + SKIN_TONES:
            return segment.WORD
        picture = bool(flags & PICTOGRAPH) or (picture and name in ATTACHED)
    return segment.SPACE if found[0][1] & SPACE or found[0][0] in ATTACHED else segment.PUNCTUATION


def tokens(text: str, characters: bool = False, punctuation: bool = False) -> list[str]:
    """The segments that are words, or anything but white space."""
    wanted = {segment.WORD, segment.PUNCTUATION} if punctuation else {segment.WORD}
    return [piece for piece in segments(text, characters) if kind(piece) in wanted]
