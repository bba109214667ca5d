"""Zipf's law: how often words occur, by their rank."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from embedkit.errors import ParameterError
from embedkit.text.frequencies import zipf_exponent, zipf_frequencies
from embedkit.viz.figures import require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_zipf"]

FEW = 50  # can be told apart as points


def plot_zipf(counts: ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Plot the counts of words by rank on two logarithmic scales, and the line of Zipf's law that fits best.

    Parameters
    ----------
    counts : array-like of int, (n_words,)
        Occurrences of each word, in any order. Words that do not occur are left out.
    ax : matplotlib Axes, optional
        Where to draw; a new figure of pyplot if None.

    Returns
    -------
    matplotlib Axes
        Its legend names the exponent, which is that of `embedkit.text.frequencies.zipf_exponent`; a single word has no
        line.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If `counts` is not a row of whole numbers, none of them negative and one at least above zero.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_zipf([1000, 500, 333, 250, 200], ax=Figure().subplots())
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['5 words', "Zipf's law, exponent 1.00"]
    """
    exponent = zipf_exponent(counts)
    ordered = np.sort(np.asarray(counts))[::-1]
    ordered = ordered[ordered > 0]
    if not len(ordered):
        raise ParameterError("counts: no word occurs; expected one at least")
    require_matplotlib()
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(layout="constrained")[1]
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    corners = _corners(ordered)
    few = len(ordered) <= FEW
    number = f"{len(ordered):,} word{'' if len(ordered) == 1 else 's'}"
    ax.loglog(corners + 1, ordered[corners], marker="o" if few else "", label=number)
    if exponent is not None:
        # A power law is a straight line here: its ends will do.
        ends = np.array([1, len(ordered)])
        line = zipf_frequencies(exponent, ends, n_words=len(ordered), total=int(ordered.sum()))
        ax.loglog(ends, line, linestyle="--", label=f"Zipf's law, exponent {exponent:.2f}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("rank")
    ax.set_ylabel("occurrences")
    ax.legend()
    ax.grid(visible=True, alpha=0.3)
    return ax


def _corners(ordered: np.ndarray) -> np.ndarray:
    """Places of the first and the last word of each count: the line through all words is that through these."""
    changes = np.flatnonzero(np.diff(ordered))
    return np.unique(np.concatenate([[0], changes, changes + 1, [len(ordered) - 1]]))
