"""A growing array of word ids, in memory or, beyond a budget, in a temporary file."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

import numpy as np

from embedkit.errors import OutputError

__all__ = ["IdStore"]

STEP = 4 * 2**20
"""Ids by which the array grows at most: 16 MB, little enough that what is not used yet costs little."""


class IdStore:
    """Collects int32 ids without ever holding a second copy.

    Parameters
    ----------
    memory : int
        Bytes of ids above which they go to a temporary file in `tempfile.gettempdir`.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.n_ids = 0
        self.file: IO[bytes] | None = None
        self.ids = np.empty(0, np.int32)

    def append(self, n: int, fill: Callable[[np.ndarray], None]) -> None:
        """Let `fill` write `n` more ids."""
        if self.file is None and (self.n_ids + n) * self.ids.itemsize > self.memory:
            self._move_to_file()
        if self.file is not None:
            ids = np.empty(n, np.int32)
            fill(ids)
            _write(self.file, ids)
        else:
            if self.n_ids + n > len(self.ids):
                # The system's realloc moves pages, not bytes.
                self.ids.resize(self.n_ids + n + min(self.n_ids, STEP), refcheck=False)
            fill(self.ids[self.n_ids : self.n_ids + n])
        self.n_ids += n

    def array(self) -> np.ndarray:
        """All ids, at least one, writable; memory-mapped if they are in a file."""
        if self.file is not None and not isinstance(self.ids, np.memmap):
            with _explained():
                self.file.flush()
                self.ids = np.memmap(self.file, np.int32, "r+", shape=(self.n_ids,))
        return self.ids[: self.n_ids]

    def truncate(self, n: int) -> np.ndarray:
        """The first `n` ids, at least one, the rest given back; what `array` gave must not be used any more."""
        self.n_ids = n
        if self.file is None:
            self.ids.resize(n, refcheck=False)
            return self.ids
        self.ids = np.empty(0, np.int32)
        self.file.truncate(n * self.ids.itemsize)
        return self.array()

    def close(self) -> None:
        """Let go of the ids; a temporary file disappears."""
        self.ids = np.empty(0, np.int32)
        self.n_ids = 0
        if self.file is not None:
            # What could not be written has been explained by then; it is not missed now.
            with contextlib.suppress(OSError):
                self.file.close()

    def _move_to_file(self) -> None:
        with _explained():
            self.file = tempfile.TemporaryFile(prefix="embedkit-ids-")  # noqa: SIM115
        _write(self.file, self.ids[: self.n_ids])
        self.ids = np.empty(0, np.int32)


def _write(file: IO[bytes], ids: np.ndarray) -> None:
    with _explained():
        file.write(ids.data)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Say where temporary files go when one cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write word ids to the temporary directory {tempfile.gettempdir()}: {error.strerror or error}; "
            "free some room there, set TMPDIR to another directory, or allow more memory"
        ) from error
