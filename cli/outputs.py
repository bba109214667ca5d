"""Finding out before the work whether its results can be written."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from embedkit_cli.output import warnings_silenced

from embedkit.errors import OutputError
from embedkit.text.files import check_writable
from embedkit.vectors.formats import native
from embedkit.vectors.formats.registry import choose_format

if TYPE_CHECKING:
    from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["check_distinct", "check_file_output", "check_vectors_output", "completed_outputs", "save_vectors"]


def check_vectors_output(path: str, format: str | None) -> None:  # noqa: A002
    """Raise unless vectors can be written to `path`, by the format that is named or that the ending tells."""
    if choose_format(path, format) != native.NAME:
        check_file_output(path)
        return
    if os.path.lexists(path) and not Path(path).is_dir():
        raise OutputError(
            f"cannot write {path}: the native format is a directory, and a file of that name exists; "
            "remove it or choose another name"
        )
    native.check_replaceable(path)
    check_writable(path)


def check_file_output(path: str) -> None:
    """Raise unless a file can be written to `path`."""
    if Path(path).is_dir():
        raise OutputError(f"cannot write {path}: it is a directory; name a file")
    check_writable(path)


def check_distinct(outputs: Sequence[tuple[str, str | None]], inputs: Sequence[tuple[str, str | None]]) -> None:
    """Raise if an output would overwrite another one or an input; each is given as what it is and its path, if any."""
    taken = {os.path.realpath(path): f"{what} {path}" for what, path in inputs if path is not None}
    for option, path in outputs:
        if path is None:
            continue
        place = Path(os.path.realpath(path))
        if str(place) in taken:
            raise OutputError(f"{option} {path} is also {taken[str(place)]}; give it a name of its own")
        # Any number of outputs may go to a device such as /dev/null.
        if not place.exists() or place.is_file() or place.is_dir():
            taken[str(place)] = option


@contextmanager
def completed_outputs() -> Iterator[list[str]]:
    """Give a list for the outputs that are complete, which an interruption will name."""
    complete: list[str] = []
    try:
        yield complete
    except KeyboardInterrupt as interrupt:
        interrupt.args = (f"complete by then: {', '.join(complete)}" if complete else "nothing was written",)
        raise


def save_vectors(vectors: "KeyedVectors", path: str, format: str | None) -> list[str]:  # noqa: A002
    """Save vectors and return what the format could not hold, which is logged as well: one of the two is enough."""
    with warnings_silenced():
        return vectors.save(path, format=format)
