"""The spectrum of a matrix: its singular values by rank."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from embedkit.errors import ParameterError
from embedkit.viz.figures import require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_singular_values"]

FEW = 50  # can be told apart as points


def plot_singular_values(values: ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    """Plot singular values by rank.

    More than 50 are drawn on two logarithmic scales, on which a spectrum that falls by a power law, as those of
    co-occurrences do, is a straight line. Fewer are drawn as points on plain ones.

    Parameters
    ----------
    values : array-like of float, (n_values,)
        In descending order, as `SVDEmbedding.singular_values_` holds them. A logarithmic scale leaves zeros out.
    ax : matplotlib Axes, optional
        Where to draw; a new figure of pyplot if None.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If `values` is not a row of finite numbers, none of them negative and one at least above zero.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_singular_values([13.98, 8.63, 6.60, 5.52, 4.26], ax=Figure().subplots())
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('rank', 'singular value')
    """
    spectrum = np.asarray(values, dtype=np.float64)
    if spectrum.ndim != 1 or not np.isfinite(spectrum).all() or (spectrum < 0).any() or not spectrum.any():
        raise ParameterError(
            f"values of shape {spectrum.shape}: expected a row of singular values, all finite, none negative, "
            "and one at least above zero"
        )
    require_matplotlib()
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(layout="constrained")[1]
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    ranks = np.arange(1, len(spectrum) + 1)
    if len(spectrum) <= FEW:
        ax.plot(ranks, spectrum, marker="o")
        ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    else:
        ax.loglog(ranks[spectrum > 0], spectrum[spectrum > 0])
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("rank")
    ax.set_ylabel("singular value")
    ax.grid(visible=True, alpha=0.3)
    return ax
