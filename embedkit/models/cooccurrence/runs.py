"""Blocks of rows, kept in memory as long as they fit, and in unlinked temporary files beyond that."""

import contextlib
import mmap
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from embedkit.errors import OutputError

__all__ = ["BlockStore", "StoredBlock"]

FILE_BYTES = 2**30
"""A file takes blocks up to about this size: small enough that room on the disk comes back as blocks are let go."""
SMALL = 2**16
"""Bytes below which a block is left to the allocator, which hands such small pieces out again."""


@dataclass
class _File:
    file: IO[bytes]
    size: int = 0
    n_blocks: int = 0


@dataclass
class StoredBlock:
    """Where a block of rows is kept; made by `BlockStore.put`."""

    first_row: int
    n_rows: int
    nnz: int
    wide: bool  # whether sums have 64 bits, or else 32
    place: np.ndarray | _File | None
    offset: int = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of the three arrays."""
        return 8 * (self.n_rows + 1) + (12 if self.wide else 8) * self.nnz

    def arrays(self, buffer: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """indptr, indices and sums as views of the bytes that hold them."""
        head = 8 * (self.n_rows + 1)
        body = head + (8 if self.wide else 4) * self.nnz
        sums = buffer[head:body].view(np.uint64 if self.wide else np.uint32)
        return buffer[:head].view(np.int64), buffer[body:].view(np.int32), sums


class BlockStore:
    """Keeps blocks of rows for several threads.

    Parameters
    ----------
    memory : int
        Bytes of blocks above which they go to files in `tempfile.gettempdir`.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.held = 0
        self.put_bytes = 0
        self.spilled_bytes = 0
        self._lock = threading.Lock()
        self._files: list[_File] = []

    def put(self, first_row: int, indptr: np.ndarray, indices: np.ndarray, sums: np.ndarray) -> StoredBlock:
        """Keep a copy of a block; what it is made of may be used again afterwards.

        Raises
        ------
        OSError
            If it has to be written to a file, and that fails.
        """
        block = StoredBlock(first_row, len(indptr) - 1, len(indices), sums.dtype == np.uint64, None)
        with self._lock:
            fits = self.held + block.n_bytes <= self.memory
            if fits:
                self.held += block.n_bytes
            else:
                self._write(block, (indptr, sums, indices))
            self.put_bytes += block.n_bytes
        if fits:
            block.place = _fresh(block.n_bytes)
            for into, array in zip(block.arrays(block.place), (indptr, indices, sums), strict=True):
                into[:] = array
        return block

    def get(self, block: StoredBlock) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """indptr, indices and sums of a block, not to be written to.

        Raises
        ------
        OutputError
            If a file cannot be read back.
        """
        if isinstance(block.place, np.ndarray):
            return block.arrays(block.place)
        if block.place is None:
            raise ValueError("the block has been let go")
        buffer = _fresh(block.n_bytes)
        try:
            with self._lock:
                block.place.file.seek(block.offset)
                n_read = block.place.file.readinto(buffer.data)  # type: ignore[attr-defined]
        except OSError as error:
            raise OutputError(
                f"cannot read pairs back from the temporary directory {tempfile.gettempdir()}: "
                f"{error.strerror or error}; set TMPDIR to another directory, or allow more memory"
            ) from error
        if n_read != block.n_bytes:
            raise OutputError(
                f"a temporary file in {tempfile.gettempdir()} gave {n_read} of {block.n_bytes} bytes back; "
                "set TMPDIR to another directory, or allow more memory"
            )
        return block.arrays(buffer)

    def release(self, block: StoredBlock) -> None:
        """Give up the memory of a block, or its file once no other block needs that."""
        with self._lock:
            place, block.place = block.place, None
            if isinstance(place, np.ndarray):
                self.held -= block.n_bytes
            elif place is not None:
                place.n_blocks -= 1
                # The last file may take further blocks.
                if not place.n_blocks and place is not self._files[-1]:
                    self._files.remove(place)
                    place.file.close()

    def close(self) -> None:
        """Remove the files."""
        for place in self._files:
            # What could not be written has been explained by then; it is not missed now.
            with contextlib.suppress(OSError):
                place.file.close()
        self._files = []

    def _write(self, block: StoredBlock, arrays: Sequence[np.ndarray]) -> None:
        """Append to the last file."""
        if not self._files or self._files[-1].size > FILE_BYTES:
            self._files.append(_File(tempfile.TemporaryFile(prefix="embedkit-pairs-")))  # noqa: SIM115
        place = self._files[-1]
        place.file.seek(place.size)
        for array in arrays:
            place.file.write(array.data)
        place.file.flush()
        block.place, block.offset = place, place.size
        place.size += block.n_bytes
        place.n_blocks += 1
        self.spilled_bytes += block.n_bytes


def _fresh(n_bytes: int) -> np.ndarray:
    """Bytes that go back to the system when the last view of them is gone, which malloc does not promise."""
    if n_bytes < SMALL or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.empty(n_bytes, np.uint8)
    return np.frombuffer(mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), np.uint8)
