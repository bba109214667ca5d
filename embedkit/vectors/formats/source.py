"""A file being read: its first bytes for a look ahead, then blocks in order, each failure explained."""

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from embedkit.errors import FormatError
from embedkit.text.decoding import explain_damage
from embedkit.text.files import open_input

HEAD_BYTES = 2**16
BLOCK_BYTES = 2**23
COMPRESSED = (".gz", ".bz2", ".xz")


class Source:
    """A file of vectors, opened for one reading from front to end; pipes and compressed files too.

    Attributes
    ----------
    head : bytes
        The first 64 KiB, or more once that was asked for, or the whole of a smaller file.
    size : int or None
        Bytes that the file holds; None where only reading can tell.
    offset : int
        Bytes handed out so far; of a compressed file, decompressed ones.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.offset = 0
        self._file = open_input(self.path)
        status = self.path.stat()
        compressed = self.path.suffix.lower() in COMPRESSED
        self.size = status.st_size if stat.S_ISREG(status.st_mode) and not compressed else None
        self.head = b""
        self.look_ahead(HEAD_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def opening(self) -> str:
        """The first bytes as a message can show them."""
        return repr(self.head[:60].decode("utf-8", "backslashreplace"))

    def look_ahead(self, size: int) -> bool:
        """Lengthen the head to `size` bytes, or to the whole file; say whether it has grown."""
        parts, missing = [self.head], size - len(self.head)
        while missing > 0 and (more := self._read(missing)):
            parts.append(more)
            missing -= len(more)
        self.head = self._ahead = b"".join(parts)
        return len(parts) > 1

    def look_ahead_to(self, mark: bytes, start: int = 0) -> None:
        """Lengthen the head until it holds `mark` at `start` or behind, and 64 KiB after it, or the whole file."""
        while (found := self.head.find(mark, start)) < 0 and self.look_ahead(2 * len(self.head)):
            pass
        self.look_ahead(found + HEAD_BYTES)

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            block = self._read(size)
        self.offset += len(block)
        return block

    def skip(self, size: int) -> None:
        """Pass over `size` bytes of the head."""
        self._ahead = self._ahead[size:]
        self.offset += size

    def error(self, message: str) -> FormatError:
        """Make the error that says `message` of this file."""
        return FormatError(f"{self.path}: {message}")

    def _read(self, size: int) -> bytes:
        with explain_damage(str(self.path), FormatError):
            return self._file.read(size)
