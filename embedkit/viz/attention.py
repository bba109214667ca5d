"""Attention: the words of a text, and the sentences, on a ground that is the stronger the more weight they have."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width, name

import numpy as np
from numpy.typing import ArrayLike

from embedkit.checks import check_number
from embedkit.errors import ParameterError
from embedkit.viz.figures import require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AttentionLine", "attention_html", "attention_size", "plot_attention"]

logger = logging.getLogger(__name__)

HEADING = "Attention weights"
# Marks that English and Chinese share: which of them a mark belongs to, its neighbour tells.
SHARED_MARKS = frozenset("“”‘’…—·")
# What a page must not hold (HTML, 13.2.3.5) or would turn the text around it: controls, halves of surrogate pairs,
# directions, and code points that are no characters.
UNFIT = re.compile(
    "[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# Of the strongest ground, on which black can be read.
WORD_COLOR, LINE_COLOR = "#ff8c00", "#64a0f0"

# Of the figure, in points.
FONT = 11.0
ROW = 20.0
SPACE = 3.5
ROW_WIDTH = 470.0
LEAST_WIDTH = 300.0  # has room for both scales
MARGIN = 34.0  # where the weight of a line stands
SCALES = 56.0  # height
LONGEST_WORD = 32  # characters

CSS = """\
:root { color-scheme: light dark; --word: 255 140 0; --line: 100 160 240; --ground: #fff; --ink: #1a1a1a }
@media (prefers-color-scheme: dark) {
  :root { --word: 165 80 0; --line: 40 90 170; --ground: #16181c; --ink: #eee }
}
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.8 system-ui, sans-serif; print-color-adjust: exact; -webkit-print-color-adjust: exact }
h1 { font-size: 1.25rem; line-height: 1.3 }
h1, p { overflow-wrap: anywhere }
.line { display: flex; gap: .75rem }
.line p { flex: 1; margin: .15rem 0; white-space: pre-wrap }
.line p span, .weight { border-radius: .2em; padding: .15em .06em }
.line p span { background: rgb(var(--word) / var(--w)) }
.weight { background: rgb(var(--line) / var(--w)); font-size: .8rem; min-width: 3.2rem; text-align: center;
  margin: .15rem 0 }
.scale { font-size: .8rem; margin: 1rem 0 0 }
.scale span { display: inline-block; width: 7rem; height: .7rem; margin: 0 .4rem; border: thin solid }
.word { background: linear-gradient(to right, transparent, rgb(var(--word))) }
.sentence { background: linear-gradient(to right, transparent, rgb(var(--line))) }
"""


@dataclass(frozen=True)
class AttentionLine:
    """Words that stand together, a sentence or a whole text, and the attention that a network paid to them.

    Parameters
    ----------
    tokens : sequence of str, (n_tokens,)
        In the order of the text.
    weights : array-like of float, (n_tokens,), optional
        Of the words, none negative.
    weight : float, optional
        Of the line among the others, not negative.

    Raises
    ------
    ParameterError
        If tokens are no strings, or weights are not a finite number for each of them, none negative.

    Examples
    --------
    >>> AttentionLine(["a", "fine", "film"], [0.1, 0.7, 0.2], weight=0.9).weights
    (0.1, 0.7, 0.2)
    """

    tokens: Sequence[str]
    weights: ArrayLike | None = None
    weight: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.tokens, str) or not all(isinstance(token, str) for token in self.tokens):
            raise ParameterError(f"tokens={self.tokens!r}: expected a sequence of strings, a word each")
        object.__setattr__(self, "tokens", tuple(self.tokens))
        if self.weights is not None:
            object.__setattr__(self, "weights", _checked_weights(self.weights, len(self.tokens)))
        if self.weight is not None:
            object.__setattr__(self, "weight", check_number("weight", self.weight, 0.0))


def attention_html(lines: Sequence[AttentionLine], *, title: str | None = None, note: str | None = None) -> str:
    """Return a page of HTML on which each word has a ground as strong as its weight.

    Colours go from that of the page, at 0, to the full one, at the largest weight of any word. The weights of
    lines, if there are some, stand before them and have a scale of their own. The page needs nothing but itself, runs
    no script, and follows the reader's choice of a light or dark screen; a word under the pointer tells its weight.

    Parameters
    ----------
    lines : sequence of AttentionLine
        A flat text is one line, one of sentences a line for each.
    title : str, optional
    note : str, optional
        Stands below the title, such as the class that was predicted.

    Returns
    -------
    str
        To be stored as UTF-8. Chinese and Japanese words follow each other without spaces. Characters that HTML does
        not allow appear as U+FFFD, and line breaks as spaces.

    Raises
    ------
    ParameterError
        If there is no word or no weight.

    Examples
    --------
    >>> page = attention_html([AttentionLine(["a", "<fine>", "film"], [0.1, 0.6, 0.3])], note="positive")
    >>> print(page[page.index("<p>") : page.index("</main>")])
    <p>positive</p>
    <div class="line"><p lang="" dir="auto"><span style="--w:0.167" title="0.1">a</span>
    <span style="--w:1" title="0.6">&lt;fine&gt;</span> <span style="--w:0.5" title="0.3">film</span></p></div>
    <p class="scale">0<span class="word"></span>0.6, weight of a word</p>
    """
    top_word, top_line = _largest_weights(lines)
    heading = _clean(HEADING if title is None else title)
    body = [f"<h1>{escape(heading)}</h1>"]
    if note is not None:
        body.append(f"<p>{escape(_clean(note))}</p>")
    body += [_html_line(line, top_word, top_line) for line in lines]
    for top, css_class, what in ((top_word, "word", "word"), (top_line, "sentence", "line")):
        if top is not None:
            body.append(f'<p class="scale">0<span class="{css_class}"></span>{top:.3g}, weight of a {what}</p>')
    return "\n".join([
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(heading) if heading.strip() else HEADING}</title>",
        f"<style>\n{CSS}</style>",
        "</head>",
        "<body>",
        "<main>",
        *body,
        "</main>",
        "</body>",
        "</html>\n",
    ])


def attention_size(lines: Sequence[AttentionLine]) -> tuple[float, float]:
    """Width and height of a figure, in inches, in which `plot_attention` writes words of 11 points.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If there is no word or no weight.

    Examples
    --------
    >>> width, height = attention_size([AttentionLine(["word"] * 100, [0.01] * 100)])
    >>> 6 < width < 8, 2 < height < 4
    (True, True)
    """
    _largest_weights(lines)
    require_matplotlib()
    from embedkit.viz.text_rows import lay_out

    rows = lay_out(lines)
    return (rows.width + 12.0) / 72.0, (rows.height + 36.0) / 72.0  # a rim, and a title


def plot_attention(lines: Sequence[AttentionLine], *, title: str | None = None, ax: "Axes | None" = None) -> "Axes":
    ...
