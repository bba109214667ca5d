"""Large arrays, in memory as long as they fit a budget, and in unlinked temporary files beyond that."""

import contextlib
import os
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from embedkit.errors import OutputError

__all__ = ["ArrayStore", "temporary_file"]


class ArrayStore:
    """Makes arrays without content.

    An array counts until it is collected. One that does not fit is mapped to a temporary file, which the system
    writes out as it needs the memory, and removes with the last view of it.

    Parameters
    ----------
    memory : int
        Bytes of arrays above which new ones are mapped.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.held = 0
        self.spilled_bytes = 0

    def empty(self, shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array whose content is not set.

        Raises
        ------
        OutputError
            If there is no room in the temporary directory.
        """
        n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if self.held + n_bytes <= self.memory:
            array = np.empty(shape, dtype)
            self.held += n_bytes
            weakref.finalize(array, self._release, n_bytes)
            return array
        return self.mapped(shape, dtype)

    def mapped(self, shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array in a temporary file, whatever the budget.

        Raises
        ------
        OutputError
            If there is no room in the temporary directory.
        """
        n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if n_bytes == 0:
            return np.empty(shape, dtype)
        self.spilled_bytes += n_bytes
        with _explained(), temporary_file() as file:
            _reserve(file, n_bytes)
            # The mapping outlives the file's name and handle.
            return np.memmap(file, dtype, "r+", shape=shape)

    def appended(self, file: IO[bytes], array: np.ndarray) -> int:
        """Write an array behind what a temporary file has, and return where it begins, in bytes.

        Raises
        ------
        OutputError
            If there is no room in the temporary directory.
        """
        with _explained():
            begin = file.seek(0, os.SEEK_END)
            file.write(array.data)
            file.flush()
        self.spilled_bytes += array.nbytes
        return begin

    def _release(self, n_bytes: int) -> None:
        self.held -= n_bytes


def temporary_file() -> IO[bytes]:
    """A file that is gone with its last handle or mapping.

    Raises
    ------
    OutputError
        If there can be none in the temporary directory.
    """
    with _explained():
        return tempfile.TemporaryFile(prefix="embedkit-ngrams-")


def _reserve(file: Any, n_bytes: int) -> None:
    """Take room on the disk: writing to a mapped page without it would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
    else:
        file.truncate(n_bytes)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot keep n-grams in the temporary directory {tempfile.gettempdir()}: {error.strerror or error}; free "
            "some room there, set TMPDIR to another directory, or allow more memory (--memory)"
        ) from error
