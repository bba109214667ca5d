"""Reading the parts of fastText's files, each checked against what is left of the file.

A quantised matrix (Jégou, Douze and Schmid 2011; Joulin et al. 2016, FastText.zip)::

    bool      whether the lengths of the rows are stored by themselves
    int64     rows, int64 columns
    int32     size of the codes, uint8 codes: for each row, one for each piece of it
    quantiser
    uint8     codes of the lengths, one a row, and their quantiser, if they are stored

    quantiser: int32 columns, pieces, columns of a piece, columns of the last piece; float32 centroids,
    256 of each piece, one piece after the other
"""

import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from embedkit.errors import FormatError
from embedkit.text.decoding import explain_damage
from embedkit.text.files import open_input

__all__ = ["ModelReader"]

CENTROIDS = 256
LONGEST_WORD = 2**20


class ModelReader:
    """A file of numbers and words; every method raises FormatError where it ends too soon or cannot be right."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        with open_input(path) as file, explain_damage(str(path), FormatError):
            self.data = file.read()
        self.offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.data = b""

    def error(self, what: str) -> FormatError:
        """An error that names the file."""
        return FormatError(f"{self.path} {what}: the file is damaged; fetch it again")

    def _advance(self, n_bytes: int, what: str) -> int:
        """The present place, moved on over `n_bytes`."""
        start = self.offset
        if n_bytes < 0 or start + n_bytes > len(self.data):
            raise self.error(f"ends at byte {len(self.data)} inside {what}")
        self.offset += n_bytes
        return start

    def values(self, layout: str, what: str) -> tuple[Any, ...]:
        """Numbers of a `struct` layout."""
        return struct.unpack_from(layout, self.data, self._advance(struct.calcsize(layout), what))

    def flag(self, what: str) -> bool:
        """One byte, 0 or 1."""
        (value,) = self.values("<B", what)
        if value > 1:
            raise self.error(f"has {value} where it says {what}")
        return bool(value)

    def array(self, dtype: str, n: int, what: str) -> np.ndarray:
        """`n` numbers, read-only: they lie in the file's bytes, at any address."""
        kind = np.dtype(dtype)
        start = self._advance(n * kind.itemsize, what)
        return np.frombuffer(self.data, kind, n, start).astype(kind.newbyteorder("="), copy=False)

    def entries(self, n: int, kind: int) -> tuple[list[str], np.ndarray]:
        """Words or labels of the dictionary, with their counts."""
        words: list[str] = []
        counts: list[int] = []
        for i in range(n):
            end = self.data.find(b"\0", self.offset, self.offset + LONGEST_WORD)
            if end < 0:
                raise self.error(f"ends at byte {len(self.data)} inside entry {i + 1} of {n}")
            try:
                words.append(self.data[self.offset : end].decode())
            except UnicodeDecodeError as error:
                raise self.error(f"has an entry that is no UTF-8, {self.data[self.offset : end][:60]!r}") from error
            self.offset = end + 1
            count, found = self.values("<qb", f"entry {i + 1} of {n}")
            if found != kind or count < 0:
                raise self.error(f"has the count {count} and the kind {found} for {words[-1][:60]!r}")
            counts.append(count)
        return words, np.array(counts, np.int64)

    def matrix(self, quantised: bool, n_columns: int) -> np.ndarray:
        """A matrix of float32; a quantised one is written out."""
        lengths_apart = quantised and self.flag("whether lengths are stored")
        n_rows, found = self.values("<2q", "the sizes of a matrix")
        if found != n_columns or n_rows < 0:
            raise self.error(f"has a matrix of {n_rows} rows and {found} columns, expected {n_columns} columns")
        if not quantised:
            matrix = self.array("<f4", n_rows * n_columns, "a matrix").reshape(n_rows, n_columns)
        else:
            (n_codes,) = self.values("<i", "the size of codes")
            codes = self.array("u1", n_codes, "codes")
            matrix = self._decoded(codes, n_rows, n_columns)
            if lengths_apart:
                codes = self.array("u1", n_rows, "codes of lengths")
                matrix *= self._decoded(codes, n_rows, 1)
        if not np.isfinite(matrix).all():
            raise self.error("has a matrix with numbers that are not finite")
        return matrix

    def _decoded(self, codes: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
        """Rows from their codes and the quantiser that follows."""
        columns, pieces, width, last = self.values("<4i", "a quantiser")
        if not (columns == n_columns and pieces > 0 and 0 < last <= width and (pieces - 1) * width + last == columns):
            raise self.error(f"has a quantiser of {pieces} pieces of {width} and {last} columns for {n_columns}")
        if len(codes) != n_rows * pieces:
            raise self.error(f"has {len(codes)} codes for {n_rows} rows of {pieces} pieces")
        codes = codes.reshape(n_rows, pieces)
        centroids = self.array("<f4", CENTROIDS * columns, "centroids")
        matrix = np.empty((n_rows, columns), np.float32)
        for piece in range(pieces):
            first, size = piece * width, width if piece + 1 < pieces else last
            table = centroids[CENTROIDS * first : CENTROIDS * (first + size)].reshape(CENTROIDS, size)
            matrix[:, first : first + size] = table[codes[:, piece]]
        return matrix

    def check_end(self) -> None:
        """Raise FormatError if anything follows."""
        if self.offset != len(self.data):
            raise self.error(f"goes on for {len(self.data) - self.offset} bytes behind its last matrix")
