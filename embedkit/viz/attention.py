"""Attention: the words of a text, and the sentences, on a ground that is the stronger the more weight they have."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import ArrayLike

from embedkit.checks import check_number
from embedkit.errors import ParameterError
from embedkit.viz.figures import require_matplotlib
from embedkit.viz.fonts import boxed
from embedkit.viz.text_rows import FONT, TextRows, clean, lay_out, outline, space_between

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AttentionLine", "attention_html", "attention_size", "plot_attention"]

logger = logging.getLogger(__name__)

HEADING = "Attention weights"
MOST_NAMED = 40  # characters that a warning has room for
# Of the strongest ground, on which black can be read.
WORD_COLOR, LINE_COLOR = "#ff8c00", "#64a0f0"

# Of the figure, in points.
LEAST_WIDTH = 300.0  # has room for both scales
MARGIN = 34.0  # where the weight of a sentence stands
SCALES = 58.0  # height
SCALE_WIDTH = 120.0
ABOVE, BELOW = 11.0, 4.5  # what belongs to a word, from its base line

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
    heading = clean(title or HEADING)
    body = [f"<h1>{escape(heading)}</h1>"]
    if note is not None:
        body.append(f"<p>{escape(clean(note))}</p>")
    body += [_html_line(line, top_word, top_line) for line in lines]
    for top, what in ((top_word, "word"), (top_line, "sentence")):
        if top is not None:
            body.append(f'<p class="scale">0<span class="{what}"></span>{top:.3g}, weight of a {what}</p>')
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(heading)}</title>",
            f"<style>\n{CSS}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>\n",
        ]
    )


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
    scales = _largest_weights(lines)
    require_matplotlib()
    width, height = _extent(_rows(lines, scales[1]))
    return (width + 12.0) / 72.0, (height + 36.0) / 72.0  # a rim, and a title


def plot_attention(lines: Sequence[AttentionLine], *, title: str | None = None, ax: "Axes | None" = None) -> "Axes":
    """Plot a text, each word on a ground as strong as its weight.

    Colours go from white, at 0, to the full one, at the largest weight of any word. The weights of lines, if there are
    some, stand before them and have a scale of their own.

    Parameters
    ----------
    lines : sequence of AttentionLine
        A flat text is one line, one of sentences a line for each.
    title : str, optional
    ax : matplotlib Axes, optional
        Where to draw; a new figure of pyplot if None. In axes of another size than `attention_size` has, the text is
        smaller or larger.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If there is no word or no weight.

    Notes
    -----
    Words that are longer than 32 characters are cut in the middle. Characters that no installed font has are drawn as
    boxes, and a warning is logged that names them; `attention_html` leaves fonts to the browser.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_attention([AttentionLine(["a", "fine", "film"], [0.1, 0.6, 0.3])], ax=Figure().subplots())
    >>> [patch.get_label() for patch in axes.patches]
    ['a', 'fine', 'film']
    """
    top_word, top_line = _largest_weights(lines)
    require_matplotlib()
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(figsize=attention_size(lines), layout="constrained")[1]
    rows = _rows(lines, top_line)
    if rows.missing:
        logger.warning(
            "no font here has %s, which are drawn as boxes; install one such as Noto Sans CJK, or write HTML instead",
            "".join(sorted(rows.missing)[:MOST_NAMED]),
        )
    width, height = _extent(rows)
    ax.set(xlim=(0.0, width), ylim=(-height, 0.0), aspect="equal", anchor="NW")
    ax.set_axis_off()
    if top_word is not None:
        grounds = [
            (_box(word.x, word.y, word.width), line_weights[word.place])
            for word in rows.words
            if (line_weights := _weights(lines[word.line])) is not None
        ]
        _fill(ax, grounds, WORD_COLOR, top_word, "weight of a word", -height)
    if top_line is not None:
        marked = [(y, line.weight) for y, line in zip(rows.tops, lines, strict=True) if line.weight is not None]
        blocks = [(_box(0.0, y, MARGIN - 6.0), weight) for y, weight in marked]
        _fill(ax, blocks, LINE_COLOR, top_line, "weight of a sentence", -height)
        for y, weight in marked:
            _write(ax, _short(weight), 2.0, y, rows.fonts, 7.5)
    for word in rows.words:
        _write(ax, word.text, word.x, word.y, rows.fonts)
    if title is not None:
        shown, fonts, _ = boxed(clean(title))
        ax.set_title(shown, loc="left", wrap=True, parse_math=False, fontfamily=fonts)
    return ax


def _checked_weights(weights: ArrayLike, n_tokens: int) -> tuple[float, ...]:
    try:
        array = np.asarray(weights)
    except ValueError:  # rows of several lengths
        array = np.empty((0, 0))
    if (
        array.shape != (n_tokens,)
        or not (array.dtype.kind in "iuf" or not n_tokens)
        or not np.isfinite(array).all()
        or (array < 0).any()
    ):
        raise ParameterError(
            f"weights of shape {array.shape} with {n_tokens} tokens: expected a finite number for each token, none "
            "negative"
        )
    return tuple(array.tolist())


def _largest_weights(lines: Sequence[AttentionLine]) -> tuple[float | None, float | None]:
    """Tops of the scales of words and of lines, None where nothing has such a weight."""
    if not all(isinstance(line, AttentionLine) for line in lines):
        raise ParameterError(f"lines={lines!r}: expected a sequence of AttentionLine")
    if not any(line.tokens for line in lines):
        raise ParameterError("lines: no word in any of them; expected one at least")
    of_words = [weight for line in lines for weight in _weights(line) or ()]
    of_lines = [line.weight for line in lines if line.weight is not None]
    if not of_words and not of_lines:
        raise ParameterError("lines: no weight in any of them; expected those of words, of lines, or both")
    return max(of_words, default=None), max(of_lines, default=None)


def _weights(line: AttentionLine) -> tuple[float, ...] | None:
    return cast("tuple[float, ...] | None", line.weights)


def _strength(weight: float, top: float | None) -> str:
    return f"{weight / top if top else 0.0:.3g}"


def _short(weight: float) -> str:
    return f"{weight:.3f}" if weight < 10 else f"{weight:.3g}"


def _html_line(line: AttentionLine, top_word: float | None, top_line: float | None) -> str:
    weights = _weights(line)
    parts = []
    for place, token in enumerate(map(clean, line.tokens)):
        if place:
            parts.append(space_between(clean(line.tokens[place - 1]), token))
        if weights is None:
            parts.append(escape(token))
        else:
            strength = _strength(weights[place], top_word)
            parts.append(f'<span style="--w:{strength}" title="{weights[place]:.3g}">{escape(token)}</span>')
    before = ""
    if line.weight is not None:
        strength = _strength(line.weight, top_line)
        before = f'<div class="weight" style="--w:{strength}" title="{line.weight:.3g}">{_short(line.weight)}</div>'
    elif top_line is not None:
        before = '<div class="weight"></div>'
    return f'<div class="line">{before}<p lang="" dir="auto">{"".join(parts)}</p></div>'


def _rows(lines: Sequence[AttentionLine], top_line: float | None) -> TextRows:
    return lay_out([line.tokens for line in lines], 0.0 if top_line is None else MARGIN)


def _extent(rows: TextRows) -> tuple[float, float]:
    return max(rows.width, LEAST_WIDTH) + 2.0, rows.height + SCALES


def _box(x: float, y: float, width: float) -> list[tuple[float, float]]:
    return [(x, y - BELOW), (x + width, y - BELOW), (x + width, y + ABOVE), (x, y + ABOVE)]


def _fill(
    ax: "Axes",
    boxes: list[tuple[list[tuple[float, float]], float]],
    color: str,
    top: float,
    label: str,
    bottom: float,
) -> None:
    """Fill boxes by their weights, and draw the scale below the text, beside one that is there."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    grounds = PolyCollection(
        [box for box, _ in boxes],
        array=np.array([weight for _, weight in boxes]),
        cmap=LinearSegmentedColormap.from_list(label, ["white", color]),
        norm=Normalize(0.0, top or 1.0),
        edgecolors="white",  # tells words apart that stand side by side
        linewidths=0.8,
    )
    ax.add_collection(grounds, autolim=False)
    left = 6.0 + len(ax.child_axes) * (SCALE_WIDTH + 30.0)
    scale = ax.inset_axes((left, bottom + 16.0, SCALE_WIDTH, 8.0), transform=ax.transData)
    ax.figure.colorbar(grounds, cax=scale, orientation="horizontal", ticks=[0.0, top or 1.0])
    scale.set_xticklabels(["0", f"{top or 1.0:.3g}"])
    scale.set_title(label, fontsize=9)
    scale.tick_params(labelsize=9)


def _write(ax: "Axes", text: str, x: float, y: float, fonts: Sequence[str], size: float = FONT) -> None:
    from matplotlib.patches import PathPatch

    ax.add_artist(PathPatch(outline(text, x, y, fonts, size), facecolor="black", linewidth=0.0, label=text))
