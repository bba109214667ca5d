"""Confusion matrices: which class is taken for which."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from embedkit.errors import ParameterError
from embedkit.viz.figures import require_matplotlib
from embedkit.viz.fonts import fonts_for, narrow_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_size", "plot_confusion"]

logger = logging.getLogger(__name__)

LONGEST_LABEL = 24  # characters; more would leave no room for the matrix
MOST_NUMBERED = 30  # classes; beyond, numbers in the cells cannot be read
DARK = 0.55  # share of a row from which white is easier to read than black


def confusion_size(n_classes: int) -> tuple[float, float]:
    """Width and height of a figure, in inches, in which a matrix of so many classes can be read."""
    side = max(4.2, 2.2 + 0.42 * min(n_classes, MOST_NUMBERED))
    return side + 1.0, side


def plot_confusion(
    matrix: ArrayLike, labels: Sequence[Any], *, title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot a confusion matrix, each row coloured by its shares and written with its counts.

    Parameters
    ----------
    matrix : array-like of int, (n_classes, n_classes)
        Documents whose class is that of the row and which were taken for that of the column, as
        `sklearn.metrics.confusion_matrix` has it.
    labels : sequence, (n_classes,)
        Of the classes. Where the default font lacks a character, another one that is installed and has it helps out;
        without one, classes are numbered, and a warning is logged that says which is which.
    title : str, optional
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
        If `matrix` is not a square of counts with a label for each row.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_confusion([[8, 2], [1, 9]], ["ham", "spam"], ax=Figure().subplots())
    >>> [text.get_text() for text in axes.texts]
    ['8', '2', '1', '9']
    """
    counts = np.asarray(matrix)
    n_classes = len(labels)
    if (
        counts.shape != (n_classes, n_classes)
        or not n_classes
        or not np.issubdtype(counts.dtype, np.number)
        or not np.isfinite(counts).all()
        or (counts < 0).any()
    ):
        raise ParameterError(
            f"matrix of shape {counts.shape} with {n_classes} labels: expected a square of counts, none negative, and "
            "a label for each row"
        )
    require_matplotlib()
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(figsize=confusion_size(n_classes), layout="constrained")[1]
    sums = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, sums, out=np.zeros(counts.shape), where=sums > 0)
    image = ax.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    ax.figure.colorbar(image, ax=ax, label="share of the row", shrink=0.8)
    _name_classes(ax, [_short(str(label)) for label in labels], title)
    if n_classes <= MOST_NUMBERED:
        _write_counts(ax, counts, shares)
    return ax


def _short(label: str) -> str:
    label = "".join(c if c.isprintable() else " " for c in label)
    # What tells long labels apart can stand at either end.
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 10]}…{label[-9:]}"


def _name_classes(ax: "Axes", names: list[str], title: str | None) -> None:
    """Write the classes at both axes, upright where they have room."""
    n_classes = len(names)
    size = 10.0 if n_classes <= 12 else 8.0 if n_classes <= MOST_NUMBERED else 5.0
    fonts, missing = fonts_for("".join(names))
    if missing:
        logger.warning(
            "no font here has the characters of all classes, install one such as Noto Sans CJK; they are numbered: %s",
            ", ".join(f"{number} {name}" for number, name in enumerate(names, start=1)),
        )
        names = [str(number) for number in range(1, n_classes + 1)]
    across = sum(map(narrow_width, names)) + 2 * n_classes > 60
    style: dict[str, Any] = {"fontsize": size, "fontfamily": fonts, "parse_math": False}
    places = range(n_classes)
    ax.set_xticks(places, names, rotation=45 if across else 0, ha="right" if across else "center", **style)
    ax.set_yticks(places, names, **style)
    if across:
        for label in ax.get_xticklabels():
            label.set_rotation_mode("anchor")
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    if title is not None:
        ax.set_title(title, parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    edges = np.arange(n_classes + 1) - 0.5
    ax.set_xticks(edges, minor=True)
    ax.set_yticks(edges, minor=True)
    ax.tick_params(which="minor", length=0)
    ax.grid(which="minor", color="white", linewidth=1.0)


def _write_counts(ax: "Axes", counts: np.ndarray, shares: np.ndarray) -> None:
    longest = max(len(f"{count:g}") for count in counts.ravel())
    cell = 72.0 * (confusion_size(len(counts))[1] - 1.8) / len(counts)  # points; the axes' labels have the rest
    size = min(11.0 if len(counts) <= 12 else 8.0, 1.4 * cell / longest)  # a digit is 0.64 of it wide
    for (row, column), count in np.ndenumerate(counts):
        if count or len(counts) <= 12:
            color = "white" if shares[row, column] > DARK else "black" if count else "0.6"
            ax.text(column, row, f"{count:.0f}", ha="center", va="center", color=color, fontsize=size)
