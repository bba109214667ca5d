"""Figures: whether matplotlib is there, and files that appear complete or not at all."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedkit.errors import MissingDependencyError, OutputError
from embedkit.text.files import replace_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["check_figure_output", "require_matplotlib", "save_figure"]

FIGURE_ENDINGS = (".png", ".svg", ".pdf")
SIZE_INCHES = (7.0, 4.5)
DOTS_PER_INCH = 150


def require_matplotlib() -> None:
    """Raise MissingDependencyError unless matplotlib can be imported."""
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise MissingDependencyError("plots need matplotlib, which is not installed: pip install matplotlib") from error


def check_figure_output(path: str | os.PathLike[str]) -> None:
    """Find out before the work starts whether a figure can be drawn and `path` names a format for it.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    OutputError
        If the ending of `path` is none that is known.
    """
    require_matplotlib()
    if Path(path).suffix.lower() not in FIGURE_ENDINGS:
        raise OutputError(
            f"cannot draw {os.fspath(path)}: its ending names no format of figures; "
            f"expected {', '.join(FIGURE_ENDINGS[:-1])} or {FIGURE_ENDINGS[-1]}"
        )


def save_figure(
    path: str | os.PathLike[str], draw: Callable[["Axes"], Any], *, size: tuple[float, float] = SIZE_INCHES
) -> None:
    """Draw on new axes and write them to a file, without a window and whatever backend is chosen.

    Parameters
    ----------
    path : str or path-like
        Ends in ``.png``, ``.svg`` or ``.pdf``. The same drawing gives the same bytes.
    draw : callable
        Called with the matplotlib Axes to draw on.
    size : (float, float), default=(7.0, 4.5)
        Width and height in inches.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    OutputError
        If the ending is none of these, or the file cannot be written.
    """
    check_figure_output(path)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    kind = Path(path).suffix.lower().removeprefix(".")
    undated: dict[str, Any] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    figure = Figure(figsize=size, layout="constrained")
    draw(figure.subplots())
    with replace_file(path) as out, rc_context({"svg.hashsalt": "embedkit"}):
        figure.savefig(out, format=kind, dpi=DOTS_PER_INCH, metadata=undated)
