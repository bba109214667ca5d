"""Text as rows of words: what stands between two words, which characters can be shown, and where each word stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width, name

from embedkit.viz.fonts import boxed

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["FONT", "PlacedWord", "TextRows", "clean", "lay_out", "outline", "space_between"]

# In points.
FONT = 11.0
ROW = 20.0
SPACE = 3.5
ROW_WIDTH = 470.0
LONGEST_WORD = 32  # characters

# Marks that English and Chinese share: to which of them one belongs, its neighbour tells.
SHARED_MARKS = frozenset("“”‘’…—·")
# What a page of HTML must not hold, or would turn the text around it: controls, halves of surrogate pairs, directions,
# and code points that are no characters.
UNFIT = re.compile(
    "[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


@dataclass(frozen=True)
class PlacedWord:
    """A word, as it is written, and where: `y` is that of its base line, which falls from row to row."""

    text: str
    line: int
    place: int
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class TextRows:
    """Words in rows, in points from the upper left corner: `tops` has the base line where each line starts."""

    words: list[PlacedWord]
    tops: list[float]
    width: float
    height: float
    fonts: list[str]
    missing: set[str]


def clean(text: str) -> str:
    r"""Return a text with spaces for tabs and line breaks, and U+FFFD for what cannot be shown.

    Examples
    --------
    >>> from embedkit.viz.text_rows import clean
    >>> clean("two\nrows")
    'two rows'
    """
    return UNFIT.sub(lambda match: " " if match[0].isspace() else "\ufffd", text)


def space_between(left: str, right: str) -> str:
    """Return what stands between two words: nothing where both sides are Chinese or Japanese, a space elsewhere.

    Examples
    --------
    >>> from embedkit.viz.text_rows import space_between
    >>> space_between("体育", "新闻"), space_between("体育", "news"), space_between("新闻", "”")
    ('', ' ', '')
    """
    ends = left[-1:], right[:1]
    cjk = [_is_cjk(end) for end in ends]
    joined = any(cjk) and all(one or end in SHARED_MARKS for one, end in zip(cjk, ends, strict=True))
    return "" if joined else " "


def _is_cjk(character: str) -> bool:
    """Whether it is of a script without spaces: not Hangul, which has them, and no emoji."""
    return (
        bool(character)
        and east_asian_width(character) in "WF"
        and category(character)[0] in "LNP"
        and not name(character, "").startswith("HANGUL")
    )


def lay_out(lines: Sequence[Sequence[str]], margin: float = 0.0) -> TextRows:
    """Place the words of lines, each of which starts a row.

    Parameters
    ----------
    lines : sequence of sequences of str
    margin : float, default=0.0
        Points that are left free before each row.

    Returns
    -------
    TextRows
        Rows are 470 points wide, and wider in a long text, which then is about as high as it is wide. Words of more
        than 32 characters are cut in the middle. Characters that no font here has are boxes.

    Examples
    --------
    >>> from embedkit.viz.text_rows import lay_out
    >>> rows = lay_out([["a", "film"], ["fine"]])
    >>> [(word.text, word.line, word.place) for word in rows.words]
    [('a', 0, 0), ('film', 0, 1), ('fine', 1, 0)]
    >>> rows.words[0].y == rows.words[1].y > rows.words[2].y
    True
    """
    texts = [[_short(clean(token)) for token in line] for line in lines]
    # No word holds a line break any more.
    text, fonts, missing = boxed("\n".join(word for line in texts for word in line))
    written = iter(text.split("\n"))
    texts = [[next(written) for _ in line] for line in texts]
    widths = _widths({word for line in texts for word in line}, fonts)
    area = ROW * sum(widths[word] + SPACE for line in texts for word in line)
    limit = margin + max(ROW_WIDTH, area**0.5)
    words: list[PlacedWord] = []
    tops = []
    y = right = 0.0
    for number, (line, tokens) in enumerate(zip(texts, lines, strict=True)):
        x = margin
        y -= ROW
        tops.append(y)
        for place, word in enumerate(line):
            if place and space_between(clean(tokens[place - 1]), clean(tokens[place])):
                x += SPACE
            if x + widths[word] > limit and x > margin:
                x = margin
                y -= ROW
            words.append(PlacedWord(word, number, place, x, y, widths[word]))
            x += widths[word]
            right = max(right, x)
    return TextRows(words, tops, right, -y + FONT, fonts, missing)


def outline(text: str, x: float, y: float, fonts: Sequence[str], size: float = FONT) -> "Path":
    """Return a text as an outline in points, which keeps its place among others in axes of any size.

    Examples
    --------
    >>> from embedkit.viz.text_rows import outline
    >>> round(outline("word", 100.0, 0.0, ["DejaVu Sans"]).get_extents().x1)
    126
    """
    import numpy as np
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextToPath

    points, codes = TextToPath().get_text_path(FontProperties(family=fonts), text)
    return Path(np.asarray(points).reshape(-1, 2) * (size / TextToPath.FONT_SCALE) + (x, y), codes)


def _short(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD - 10]}…{word[-9:]}"


def _widths(words: set[str], fonts: Sequence[str]) -> dict[str, float]:
    """How far each word moves on, its empty edges included, which only a frame of other characters shows."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=fonts, size=FONT)
    measure = TextToPath().get_text_width_height_descent
    frame: float = measure("||", font, ismath=False)[0]
    return {word: measure(f"|{word}|", font, ismath=False)[0] - frame for word in words}
