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

__all__ = [
    "NamedPaths",
    "check_file_output",
    "check_outputs",
    "check_vectors_output",
    "completed_outputs",
    "save_vectors",
    "unless_replaced",
]

NamedPaths = Sequence[tuple[str, str | None]]


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


def check_outputs(
    read: NamedPaths,
    *,
    files: NamedPaths,
    vectors: NamedPaths = (),
    format: str | None = None,  # noqa: A002
) -> None:
    """Find out before the work whether every output can be written and overwrites nothing of the run.

    Each path comes with what it is, for the message; a path that is None counts for nothing.
    """
    for _, path in vectors:
        if path is not None:
            check_vectors_output(path, format)
    for _, path in files:
        if path is not None:
            check_file_output(path)
    taken = {os.path.realpath(path): f"{what} {path}" for what, path in read if path is not None}
    for option, path in (*vectors, *files):
        if path is None:
            continue
        place = Path(os.path.realpath(path))
        if str(place) in taken:
            raise OutputError(f"{option} {path} is also {taken[str(place)]}; give it a name of its own")
        # Any number of outputs may go to a device such as /dev/null.
        if not place.exists() or place.is_file() or place.is_dir():
            taken[str(place)] = option


def unless_replaced(path: str | None, output: str | None) -> str | None:
    """Give `path`, but None if `output` replaces it: a file to go on from is read before, and replaced as a whole."""
    replaced = path is not None and output is not None and os.path.realpath(path) == os.path.realpath(output)
    return None if replaced else path


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
