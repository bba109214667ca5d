"""Counts as a file that opens with scipy.sparse.load_npz, and carries the words besides.

Layout: a zip archive, nothing in it compressed (which would take ten times as long as counting, for a third of the
bytes), with the members::

    indptr.npy, indices.npy     int32, or int64 from 2**31 pairs on
    format.npy, shape.npy       b"csr", and (n_words, n_words) or (n_words, n_documents)
    _is_array.npy               True: scipy makes it a csr_array, not a csr_matrix
    data.npy                    float64, float32 or int64
    words.json                  a list of the words, a row each
    counts.npy                  int64, occurrences of each word, the most frequent first
    parameters.json             an object: how the counts were made

Readers of scipy's format pass the last three over.
"""

import json
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from embedkit.errors import FormatError, ParameterError
from embedkit.models.cooccurrence.counts import Counts
from embedkit.text.files import open_input, replace_file
from embedkit.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_array, sparray, spmatrix

__all__ = ["CountsFile", "load_counts", "save_counts"]

WORDS, COUNTS, PARAMETERS = "words.json", "counts.npy", "parameters.json"
# What reading a damaged archive, or none, comes to.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError,
)  # fmt: skip
# The same counts make the same bytes; a zip archive knows no earlier time.
TIME = (1980, 1, 1, 0, 0, 0)
# What an array of counts may hold; another type becomes the first of these that loses nothing of it.
TYPES = (np.int64, np.float32, np.float64)
PIECE = 2**22
"""Entries that are converted, read and checked at a time."""


@dataclass
class CountsFile:
    """What a counts file holds.

    Attributes
    ----------
    vocabulary : Vocabulary
        The words of the rows.
    matrix : csr_array, (n_words, n_words) or (n_words, n_documents)
        Column indices are sorted.
    parameters : dict
        How the counts were made.
    """

    vocabulary: Vocabulary
    matrix: "csr_array"
    parameters: dict[str, Any]


def save_counts(
    path: str | os.PathLike[str],
    counts: "Counts | sparray | spmatrix",
    vocabulary: Vocabulary,
    parameters: dict[str, Any],
) -> None:
    """Write counts to a file, which appears complete or not at all.

    Nothing is held in memory twice: counts that lie in temporary files are read block by block, once for the
    indices and once for the weights.

    Parameters
    ----------
    path : str or path-like
        By custom, it ends in ``.npz``.
    counts : Counts or sparse matrix
        Of words beside words, or of words in documents; they can be used afterwards. A matrix of any of scipy's
        formats: what is no csr with ascending columns is copied to be one, duplicates added up; integers
        and bools are written as int64.
    vocabulary : Vocabulary
        The words of the rows.
    parameters : dict
        Anything JSON can hold.

    Raises
    ------
    ParameterError
        If rows and words differ in number, or the counts are no sparse matrix, no numbers, or not all finite.
    OutputError
        If the file cannot be written.
    """
    source = _Source.of(counts)
    if source.shape[0] != len(vocabulary):
        raise ParameterError(f"{source.shape[0]} rows and {len(vocabulary)} words: expected a word for each row")
    with replace_file(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        _write_array(archive, "format.npy", np.array(b"csr"))
        _write_array(archive, "_is_array.npy", np.array(True))
        _write_array(archive, "shape.npy", np.array(source.shape, "<i8"))
        _write_array(archive, "indptr.npy", source.indptr.astype(f"<{source.index}"))
        _write_pieces(archive, "indices.npy", f"<{source.index}", source.nnz, source.indices())
        _write_pieces(archive, "data.npy", source.dtype.newbyteorder("<"), source.nnz, source.data())
        _write_array(archive, COUNTS, vocabulary.counts.astype("<i8"))
        _write_text(archive, WORDS, json.dumps(vocabulary.words))
        _write_text(archive, PARAMETERS, json.dumps(parameters, indent=1))


@dataclass(frozen=True)
class _Source:
    """A sparse matrix that can be gone through in pieces, more than once."""

    shape: tuple[int, int]
    indptr: np.ndarray
    dtype: np.dtype
    indices: Callable[[], Iterable[np.ndarray]]
    data: Callable[[], Iterable[np.ndarray]]

    @property
    def nnz(self) -> int:
        return int(self.indptr[-1])

    @property
    def index(self) -> str:
        return "i4" if self.nnz < 2**31 else "i8"

    @classmethod
    def of(cls, counts: "Counts | sparray | spmatrix") -> "_Source":
        if isinstance(counts, Counts):
            return cls(
                (counts.n_words, counts.n_words),
                np.concatenate([[0], np.cumsum(counts.row_nnz)]),
                np.dtype(np.float64),
                lambda: (block.indices for block in counts.blocks()),
                lambda: (block.values() for block in counts.blocks()),
            )
        rows = _canonical(counts)
        return cls(rows.shape, rows.indptr, rows.dtype, lambda: _pieces(rows.indices), lambda: _pieces(rows.data))


def _canonical(counts: Any) -> "csr_array":
    """A sparse matrix as finite numbers, row by row, in ascending columns; the same arrays if they are that already."""
    from scipy.sparse import csr_array, issparse

    if not issparse(counts) or counts.ndim != 2:
        raise ParameterError(f"counts of type {type(counts).__name__}: expected Counts, or a sparse matrix of scipy")
    dtype = next((one for one in TYPES if np.can_cast(counts.dtype, one)), None)
    if dtype is None:
        raise ParameterError(f"counts of type {counts.dtype}: expected whole or real numbers; use float64")
    try:
        # A new matrix around the same arrays: it believes no flag about their order that is out of date.
        rows = csr_array(counts.astype(dtype, copy=False))
        rows.check_format(full_check=True)
    except ValueError as error:
        raise ParameterError(f"the matrix of counts is damaged ({error}); make it anew") from error
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    if not all(np.isfinite(piece).all() for piece in _pieces(rows.data)):
        raise ParameterError("the matrix has a count that is NaN or infinite, expected finite numbers")
    return rows


def load_counts(path: str | os.PathLike[str]) -> CountsFile:
    """Read a file that `save_counts` wrote.

    Raises
    ------
    InputError
        If the file is missing or may not be read.
    FormatError
        If it is damaged, or was made by something else.
    """
    from scipy.sparse import csr_array

    with open_input(path) as file, _explained(path), zipfile.ZipFile(file) as archive:
        missing = [name for name in ("format.npy", WORDS, COUNTS, PARAMETERS) if name not in archive.namelist()]
        if missing:
            raise _DamageError(f"has no {missing[0]}; expected counts that `embedkit cooccur` or save_counts wrote")
        layout = _read_array(archive, "format.npy", "SU", 0)
        if layout.item() not in (b"csr", "csr"):
            raise _DamageError(f"holds a matrix of format {layout.item()!r}, expected 'csr'")
        shape = _shape(_read_array(archive, "shape.npy", "iu", 1))
        words, parameters = _read_json(archive, WORDS, list), _read_json(archive, PARAMETERS, dict)
        vocabulary = _vocabulary(words, _read_array(archive, COUNTS, "iu", 1), shape[0])
        indptr, indices = _read_array(archive, "indptr.npy", "i", 1), _read_array(archive, "indices.npy", "i", 1)
        _check_structure(indptr, indices, shape)
        data = _read_array(archive, "data.npy", "fiu", 1)
        if len(data) != len(indices):
            raise _DamageError(f"has {len(indices)} indices and {len(data)} counts")
        if not all(np.isfinite(piece).all() for piece in _pieces(data)):
            raise _DamageError("has a count that is not finite")
        matrix = csr_array((data, indices, indptr), shape=shape)
        matrix.has_canonical_format = True
        return CountsFile(vocabulary, matrix, parameters)


class _DamageError(Exception):
    """What is wrong with a file whose name the raiser need not know."""


@contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file, whatever is wrong with it."""
    try:
        yield
    except _DamageError as error:
        raise FormatError(f"{path} {error}") from None
    except DAMAGE as error:
        raise FormatError(
            f"{path} is no counts file, or is damaged ({error}); expected what `embedkit cooccur` or save_counts wrote"
        ) from error


def _shape(found: np.ndarray) -> tuple[int, int]:
    if len(found) != 2 or found.min() < 0:
        raise _DamageError(f"has the shape {found.tolist()}, expected rows and columns")
    return int(found[0]), int(found[1])


def _vocabulary(words: list[Any], counts: np.ndarray, n_rows: int) -> Vocabulary:
    """Words that fit the rows, in the order of their counts."""
    if not len(words) == len(counts) == n_rows:
        raise _DamageError(
            f"has {n_rows} rows, {len(words)} words and {len(counts)} counts of words, expected as many of each"
        )
    if not all(isinstance(word, str) for word in words):
        raise _DamageError(f"has a word that is no string in {WORDS}")
    if len(set(words)) < len(words):
        raise _DamageError("has a word more than once, expected every word once")
    counts = counts.astype(np.int64)
    if counts.min(initial=0) < 0 or (counts[1:] > counts[:-1]).any():
        raise _DamageError(f"has counts of words in {COUNTS} that are negative or not in descending order")
    return Vocabulary.from_ordered(words, counts)


def _check_structure(indptr: np.ndarray, indices: np.ndarray, shape: tuple[int, int]) -> None:
    """Check that rows begin where they can, and that columns exist and ascend."""
    if len(indptr) != shape[0] + 1 or indptr[0] != 0 or indptr[-1] != len(indices) or (indptr[1:] < indptr[:-1]).any():
        raise _DamageError(f"has rows in indptr.npy that do not fit {shape[0]} rows of {len(indices)} indices")
    begins = np.zeros(PIECE, bool)
    for start in range(0, len(indices), PIECE):
        piece = indices[start : start + PIECE]
        if piece.min() < 0 or piece.max() >= shape[1]:
            raise _DamageError(f"has a column beyond the {shape[1]} that there are")
        first, stop = np.searchsorted(indptr, [start, start + len(piece)])
        begins[:] = False
        begins[indptr[first:stop] - start] = True
        ascends = piece[1:] > piece[:-1]
        ahead = start == 0 or begins[0] or piece[0] > indices[start - 1]
        if not ahead or not (ascends | begins[1 : len(piece)]).all():
            raise _DamageError("has columns that do not ascend within a row")


def _pieces(array: np.ndarray) -> Iterator[np.ndarray]:
    return (array[start : start + PIECE] for start in range(0, len(array), PIECE))


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A member to write to, of any size."""
    return archive.open(zipfile.ZipInfo(name, TIME), "w", force_zip64=True)


def _write_text(archive: zipfile.ZipFile, name: str, text: str) -> None:
    with _member(archive, name) as out:
        out.write(text.encode())


def _write_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    with _member(archive, name) as out:
        np.lib.format.write_array(out, array, version=(1, 0), allow_pickle=False)


def _write_pieces(archive: zipfile.ZipFile, name: str, dtype: Any, length: int, pieces: Iterable[np.ndarray]) -> None:
    """Write an array of which only a piece is at hand at a time."""
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (length,)}
    with _member(archive, name) as out:
        np.lib.format.write_array_header_1_0(out, header)
        for piece in pieces:
            out.write(piece.astype(dtype, copy=False).data)


def _read_array(archive: zipfile.ZipFile, name: str, kinds: str, n_dimensions: int) -> np.ndarray:
    """Read an array, of a size that the file really has."""
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(file)
        n_bytes = archive.getinfo(name).file_size
        if len(shape) != n_dimensions or dtype.kind not in kinds:
            raise _DamageError(f"holds {dtype} {shape} in {name}, expected {n_dimensions} dimensions of kind {kinds!r}")
        length = math.prod(shape)
        if length * dtype.itemsize > n_bytes:
            raise _DamageError(f"promises {length} entries in {name}, more than its {n_bytes} bytes")
        array = np.empty(shape, dtype)
        flat = array.reshape(-1)
        for piece in _pieces(flat):
            done, view = 0, piece.view(np.uint8)
            while done < len(view):
                n_read = file.readinto(view[done:].data)  # type: ignore[attr-defined]
                if not n_read:
                    raise _DamageError(f"is cut short in {name}")
                done += n_read
        if file.read(1):
            raise _DamageError(f"has more in {name} than the {length} entries that it promises")
        return array.astype(dtype.newbyteorder("="), copy=False)


def _read_json(archive: zipfile.ZipFile, name: str, kind: type) -> Any:
    value = json.loads(archive.read(name))
    if not isinstance(value, kind):
        raise _DamageError(f"holds {type(value).__name__} in {name}, expected {kind.__name__}")
    return value
