"""Training curves: the losses of a network, and its accuracy, epoch by epoch."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from embedkit.checks import check_integer
from embedkit.errors import ParameterError
from embedkit.viz.figures import require_matplotlib
from embedkit.viz.fonts import boxed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_training_curve"]

FEW = 50  # can be told apart as points


def plot_training_curve(
    history: Sequence[Mapping[str, Any]], *, title: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot losses by epoch, mark the lowest one on held-out data, and plot the accuracy on an axis at the right.

    Parameters
    ----------
    history : sequence of mappings, (n_epochs,)
        Each with ``"epoch"``, and with ``"train_loss"``, ``"valid_loss"`` and ``"valid_acc"`` (from 0 to 1) as far as
        they are known, such as the rows of skorch's `History`; other keys are not looked at. Losses that are not
        finite are left out.
    title : str, optional
    ax : matplotlib Axes, optional
        Where to draw; a new figure of pyplot if None.

    Returns
    -------
    matplotlib Axes
        That of the losses.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If no epoch has a finite loss, an epoch is no whole number, a loss is no number, or an accuracy is outside 0
        to 1.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> history = [
    ...     {"epoch": 1, "train_loss": 0.69, "valid_loss": 0.61},
    ...     {"epoch": 2, "train_loss": 0.52, "valid_loss": 0.55},
    ...     {"epoch": 3, "train_loss": 0.31, "valid_loss": 0.58},
    ... ]
    >>> axes = plot_training_curve(history, ax=Figure().subplots())
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['training loss', 'validation loss', 'lowest validation loss, epoch 2']
    """
    train, valid, accuracy = (_points(history, key) for key in ("train_loss", "valid_loss", "valid_acc"))
    if not train and not valid:
        raise ParameterError(f"history of {len(history)} epochs: expected one with a finite loss at least")
    wrong = [share for share in accuracy.values() if not 0.0 <= share <= 1.0]
    if wrong:
        raise ParameterError(f"valid_acc={wrong[0]!r}: expected a share from 0 to 1")
    require_matplotlib()
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(layout="constrained")[1]
    from matplotlib.ticker import MaxNLocator

    lines = []
    right = ax.twinx() if accuracy else ax
    for axes, points, label, color, marker, dashes in (
        (ax, train, "training loss", "C0", "o", "-"),
        (ax, valid, "validation loss", "C1", "s", "-"),
        (right, accuracy, "validation accuracy", "C2", "^", "--"),
    ):
        if points:
            few = len(points) <= FEW
            style: dict[str, Any] = {"color": color, "linestyle": dashes, "marker": marker if few else ""}
            lines += axes.plot(list(points), list(points.values()), label=label, **style)
    if valid:
        best = min(valid, key=lambda epoch: (valid[epoch], epoch))
        label = f"lowest validation loss, epoch {best}"
        lines.append(ax.axvline(best, color="0.5", linestyle=":", zorder=0.5, label=label))
    if accuracy:
        right.set_ylabel("accuracy")
    ax.set_xlabel("epoch")
    ax.set_ylabel("loss")
    if len({*train, *valid, *accuracy}) == 1:
        epoch = next(iter(train or valid))
        ax.set_xlim(epoch - 1, epoch + 1)  # the limits of a point hold no second whole number
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.grid(visible=True, alpha=0.3)
    # Above the axes no line can run behind it.
    ax.legend(handles=lines, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=9)
    if title is not None:
        shown, fonts, _ = boxed(title)
        room = 10.0 + 16.0 * math.ceil(len(lines) / 2)  # for the legend, in points
        ax.set_title(shown, pad=room, parse_math=False, fontfamily=fonts)
    return ax


def _points(history: Sequence[Mapping[str, Any]], key: str) -> dict[int, float]:
    """Values of a key by epoch, as far as they are there and finite."""
    points = {}
    for row in history:
        if not isinstance(row, Mapping):
            raise ParameterError(f"history holds {row!r}: expected a dict for each epoch")
        epoch = check_integer("epoch", row.get("epoch"), 0)
        value = row.get(key)
        if value is None:
            continue
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise ParameterError(f"{key}={value!r} in epoch {epoch}: expected a number") from None
        if math.isfinite(value):
            points[epoch] = value
    return points
